#include "seats/enrolment_code.h"

#include <algorithm>

#include "core/base32.h"

namespace oak::seats {
namespace {
constexpr std::size_t group = 5, characters = 26;
}

ByteArray<10> server_part(const PublicKey& server) {
  const Digest hash = sha256(server);
  ByteArray<10> out;
  std::copy_n(hash.begin(), out.size(), out.begin());
  return out;
}

EnrolmentCode make_enrolment_code(const PublicKey& server, Random& random) { return {server_part(server), random_bytes<6>(random)}; }

std::string format_enrolment_code(const EnrolmentCode& code) {
  Bytes bytes(code.server.begin(), code.server.end());
  bytes.insert(bytes.end(), code.secret.begin(), code.secret.end());
  std::string text = base32_encode(bytes);
  for (std::size_t at = 4 * group; at > 0; at -= group) text.insert(at, "-");
  return text;
}

std::optional<EnrolmentCode> parse_enrolment_code(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    if (c == '-' || c == ' ' || c == '\n' || c == '\r') continue;
    plain += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  if (plain.size() != characters) return std::nullopt;
  const auto bytes = base32_decode(plain);
  if (!bytes || bytes->size() != 16) return std::nullopt;
  EnrolmentCode out;
  std::copy_n(bytes->begin(), out.server.size(), out.server.begin());
  std::copy_n(bytes->begin() + 10, out.secret.size(), out.secret.begin());
  return out;
}

}  // namespace oak::seats
