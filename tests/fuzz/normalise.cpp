#include "machine-id/normalise.h"

#include "core/text.h"
#include "tests/fuzz/fuzz.h"

namespace oak::fuzz {

void run(ByteView input) {
  const std::string_view text = as_text(input);
  require(folded(folded(text)) == folded(text), "what is folded stays as it is");
  require(normalised_serial(normalised_serial(text)) == normalised_serial(text), "so does a serial");
  if (const auto uuid = canonical_uuid(text)) require(canonical_uuid(*uuid) == *uuid, "a UUID has one spelling");
  if (const auto mac = normalised_mac(text)) require(normalised_mac(*mac) == *mac, "an address has one spelling");
  if (const auto id = normalised_machine_id(text)) require(normalised_machine_id(*id) == *id, "a machine id has one spelling");
  const std::string shown = printable(text);
  require(is_utf8(shown) && !has_control_characters(shown), "what is shown is harmless");
  require(is_utf8(text) || shown != text, "what is no text is not shown as it is");
}

std::vector<Bytes> seeds() {
  return {as_bytes("4C4C4544-0042-3510-8052-B4C04F4D3332"), as_bytes("00:1B:21:3A:4F:5E"), as_bytes(" S4EV NX0M\t712345 "),
          as_bytes("3f2a9c0d4e5b6a7f8091a2b3c4d5e6f7"), as_bytes("Gerät\x1b[31m\xc2\x85\xe2\x80\xae")};
}

}  // namespace oak::fuzz
