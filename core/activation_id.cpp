#include "core/activation_id.h"

#include <algorithm>

#include "core/base32.h"

namespace oak {
namespace {
constexpr std::size_t shown_bytes = 10, shown_chars = 16;
}

ActivationId activation_id_of(const Digest& payload_hash) {
  ActivationId id;
  std::copy_n(payload_hash.begin(), id.size(), id.begin());
  return id;
}

std::string activation_id_text(const ActivationId& id) { return base32_encode(ByteView(id).first(shown_bytes)); }

std::optional<std::string> normalised_activation_id(std::string_view typed) {
  std::string out;
  for (char c : typed) {
    if (c == '-' || c == ' ') continue;
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (base32_value(c) < 0) return std::nullopt;
    out += c;
  }
  if (out.size() != shown_chars) return std::nullopt;
  return out;
}

std::string phone_groups(const Digest& document_hash) {
  std::string out = base32_encode(ByteView(document_hash).first(shown_bytes));
  for (std::size_t at = 12; at > 0; at -= 4) out.insert(at, 1, '-');
  return out;
}

}  // namespace oak
