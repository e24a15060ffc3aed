#include "issuer/checkpoint.h"

#include <charconv>

#include "issuer/signed_note.h"

namespace oak {

std::string encode_checkpoint(const Checkpoint& checkpoint) {
  return checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" + to_base64(checkpoint.root) + "\n";
}

Result<Checkpoint> decode_checkpoint(std::string_view text) {
  const std::size_t first = text.find('\n'), second = first == std::string_view::npos ? first : text.find('\n', first + 1);
  if (second == std::string_view::npos || !text.ends_with('\n')) return fail(Code::bad_note, "a checkpoint has three lines");
  Checkpoint out;
  out.origin = text.substr(0, first);
  const std::string_view size = text.substr(first + 1, second - first - 1);
  const auto parsed = std::from_chars(size.data(), size.data() + size.size(), out.size);
  if (parsed.ec != std::errc() || parsed.ptr != size.data() + size.size()) return fail(Code::bad_note, "line 2 is not a number of entries");
  const auto root = from_base64(text.substr(second + 1, text.size() - second - 2));
  const auto digest = root ? to_array<32>(*root) : std::nullopt;
  if (!digest) return fail(Code::bad_note, "line 3 is not the Base64 of 32 bytes");
  out.root = *digest;
  if (!is_note_key_name(out.origin) || encode_checkpoint(out) != text) return fail(Code::bad_note, "a checkpoint in another spelling");
  return out;
}

}  // namespace oak
