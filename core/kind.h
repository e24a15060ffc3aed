#pragma once
// How long an activation lasts, and how strongly it holds to the machine. Wire numbers; append-only.

#include <cstdint>
#include <string_view>

namespace oak {

enum class Kind : std::uint8_t { permanent = 1, certificate = 2 };
std::string_view kind_name(Kind kind);

enum class Binding : std::uint8_t { software = 1, virtual_tpm = 2, hardware_tpm = 3 };
std::string_view binding_name(Binding binding);

}  // namespace oak
