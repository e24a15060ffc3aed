// Goal: checkpoints are C2SP signed notes that other software can read, signatures and cosignatures hold for their key, name
// and text only, and no second spelling of a note is taken.
#include <catch2/catch.hpp>

#include "issuer/checkpoint.h"
#include "issuer/signed_note.h"
#include "tests/unit/issuer_world.h"

namespace oak::desk_test {
namespace {

// Source: the example of C2SP tlog-cosignature (a log's signature and a witness's cosignature over a checkpoint).
constexpr std::string_view published =
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "\xe2\x80\x94 example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "\xe2\x80\x94 witness.example.com/w1 "
    "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";

struct Signers {
  SeededRandom random{5};
  KeyPair log = make_key_pair(random), witness = make_key_pair(random);
  Checkpoint checkpoint{"oak-desk/0123456789abcdef", 41, sha256(as_bytes("root"))};
  std::string text = encode_checkpoint(checkpoint);
  SignedNote note{text, {sign_note(text, checkpoint.origin, log), cosign_note(text, "witness.example", witness, start_of_tests)}};
};

}  // namespace

TEST_CASE("the published example is read, and written again byte for byte", "[issuer][note]") {
  const auto note = parse_note(published);
  REQUIRE(note);
  CHECK(note->signatures.size() == 2);
  CHECK(note->signatures[1].name == "witness.example.com/w1");
  CHECK(note->signatures[1].signature.size() == 72);
  CHECK(format_note(*note) == published);
  const auto checkpoint = decode_checkpoint(note->text);
  REQUIRE(checkpoint);
  CHECK(checkpoint->size == 20852163);
  CHECK(encode_checkpoint(*checkpoint) == note->text);
}

TEST_CASE("a signature holds for its text, name and key, and for no other", "[issuer][note]") {
  Signers s;
  const auto note = parse_note(format_note(s.note));
  REQUIRE(note);
  CHECK(is_note_signed_by(*note, s.checkpoint.origin, s.log.public_key));
  CHECK_FALSE(is_note_signed_by(*note, "oak-desk/other", s.log.public_key));
  CHECK_FALSE(is_note_signed_by(*note, s.checkpoint.origin, s.witness.public_key));
  SignedNote changed = *note;
  changed.text[0] = 'O';
  CHECK_FALSE(is_note_signed_by(changed, s.checkpoint.origin, s.log.public_key));
  changed = *note;
  changed.signatures[0].signature[3] ^= 1;
  CHECK_FALSE(is_note_signed_by(changed, s.checkpoint.origin, s.log.public_key));
}

TEST_CASE("a cosignature carries its time, and is no signature", "[issuer][note]") {
  Signers s;
  CHECK(cosigned_at(s.note, "witness.example", s.witness.public_key) == start_of_tests);
  CHECK_FALSE(is_note_signed_by(s.note, "witness.example", s.witness.public_key));
  CHECK_FALSE(cosigned_at(s.note, s.checkpoint.origin, s.log.public_key));
  SignedNote later = s.note;
  later.signatures[1].signature[7] ^= 1;
  CHECK_FALSE(cosigned_at(later, "witness.example", s.witness.public_key));
}

TEST_CASE("a line that lies about its key id is not looked at twice", "[issuer][note]") {
  Signers s;
  s.note.signatures[0].key_id[0] ^= 1;
  CHECK_FALSE(is_note_signed_by(s.note, s.checkpoint.origin, s.log.public_key));
}

TEST_CASE("a note cut at any length is refused, or is not the same note", "[issuer][note]") {
  Signers s;
  const std::string whole = format_note(s.note);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto cut = parse_note(std::string_view(whole).substr(0, length));
    INFO(length);
    if (cut)
      CHECK(cut->signatures.size() < 2);
    else
      CHECK(cut.error().code == Code::bad_note);
  }
}

TEST_CASE("other spellings of notes and checkpoints are refused", "[issuer][note]") {
  Signers s;
  const std::string whole = format_note(s.note), d = "\xe2\x80\x94 ";
  const auto refused = [](const std::string& text) { return parse_note(text).error().code == Code::bad_note; };
  CHECK(refused(""));
  CHECK(refused(s.text + "\n"));
  CHECK(refused(whole + "x"));
  CHECK(refused(whole + "- name AAAA\n"));
  CHECK(refused(whole + d + "name\n"));
  CHECK(refused(whole + d + "na+me AAAAAAAA\n"));
  CHECK(refused(whole + d + "name AAAA!AAA\n"));
  CHECK(refused(whole + d + "name AAAAAB==\n"));
  CHECK(refused(whole + d + "name AAAAAAAAAA\n"));
  CHECK(refused("\xff" + whole));
  CHECK(parse_note(std::string(70000, 'x')).error().code == Code::too_large);
  const auto bad = [](const std::string& text) { return decode_checkpoint(text).error().code == Code::bad_note; };
  const std::string root = to_base64(sha256({})) + "\n";
  CHECK_FALSE(bad("log\n7\n" + root));
  CHECK(bad("log\n07\n" + root));
  CHECK(bad("log\n-7\n" + root));
  CHECK(bad("log\n99999999999999999999\n" + root));
  CHECK(bad("\n7\n" + root));
  CHECK(bad("log\n7\n" + root + "more\n"));
  CHECK(bad("log\n7\nAAAA\n"));
  CHECK(bad("log\n7\n"));
  CHECK(bad("log 7\n7\n" + root));
}

}  // namespace oak::desk_test
