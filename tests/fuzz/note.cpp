#include "issuer/checkpoint.h"
#include "issuer/signed_note.h"
#include "tests/fuzz/fuzz.h"

void oak::fuzz::run(ByteView input) {
  const std::string_view text = as_text(input);
  if (const auto key = parse_verifier_key(text)) require(format_verifier_key(*key) == text, "a verifier key has one spelling");
  const auto note = parse_note(text);
  if (note) require(format_note(*note) == text, "a note has one spelling");
  if (const auto checkpoint = decode_checkpoint(note ? note->text : text))
    require(encode_checkpoint(*checkpoint) == (note ? note->text : text), "a checkpoint has one spelling");
  if (const auto proofs = decode_checkpoint_proofs(text)) require(encode_checkpoint_proofs(*proofs) == text, "proofs have one spelling");
}
