#pragma once
// An activation is named by its payload's hash: 16 bytes in documents, the first 10 of them where people read it.

#include <optional>
#include <string>
#include <string_view>

#include "core/crypto.h"

namespace oak {

using ActivationId = ByteArray<16>;

ActivationId activation_id_of(const Digest& payload_hash);
/// 16 Base32 characters: the first 10 bytes.
std::string activation_id_text(const ActivationId& id);
/// The 16 characters of a typed id, upper case, dashes and spaces dropped; nullopt where it can't be one.
std::optional<std::string> normalised_activation_id(std::string_view typed);
/// "AAAA-BBBB-CCCC-DDDD": the first 10 bytes of a document's hash, to read over the phone.
std::string phone_groups(const Digest& document_hash);

}  // namespace oak
