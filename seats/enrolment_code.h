#pragma once
// The one-time code that a person carries from the server to a computer (docs/format-seats.md, "Enrolment code"). Encoded and
// decoded here only.

#include <optional>
#include <string>

#include "core/crypto.h"

namespace oak::seats {

struct EnrolmentCode {
  ByteArray<10> server{};  ///< the first 80 bits of SHA-256 of the server's public key
  ByteArray<6> secret{};
};

inline constexpr std::uint64_t code_lifetime_s = 600;

ByteArray<10> server_part(const PublicKey& server);
EnrolmentCode make_enrolment_code(const PublicKey& server, Random& random);
/// "XXXXX-XXXXX-XXXXX-XXXXX-XXXXXX"
std::string format_enrolment_code(const EnrolmentCode& code);
/// As typed: any case, dashes and spaces anywhere. nullopt where it is none.
std::optional<EnrolmentCode> parse_enrolment_code(std::string_view text);

}  // namespace oak::seats
