#pragma once
// A sidecar's question put to core: what a vector is, or why it is refused.

#include <functional>
#include <optional>
#include <string>

#include "tests/vectors/vector_set.h"

namespace oak::vectors {

struct Answer {
  std::optional<Code> error;
  Json values;  ///< what "expect" shows; null where refused
};

/// Finds another vector's file by its path below tests/vectors/.
using OtherFile = std::function<Bytes(const std::string& file)>;

Answer read_vector(const Json& sidecar, ByteView file, const OtherFile& other_file);

/// A licence key's printed form and all that is derived from it for the products "demo" and "lite".
Json licence_key_values(std::string_view typed_key);

}  // namespace oak::vectors
