#include "seats/boot.h"

#include "core/text.h"

namespace oak::seats {

Result<ByteArray<16>> read_boot_id(const Host& host) {
  OAK_ASSIGN(const std::string text, host.read("/proc/sys/kernel/random/boot_id"));
  ByteArray<16> out{};
  std::size_t digits = 0;
  for (const char c : trimmed(text)) {
    if (c == '-') continue;
    const int value = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (value < 0 || digits >= 32) return fail(Code::internal, "boot_id");
    out[digits / 2] = static_cast<std::uint8_t>(out[digits / 2] * 16 + value);
    ++digits;
  }
  if (digits != 32) return fail(Code::internal, "boot_id");
  return out;
}

}  // namespace oak::seats
