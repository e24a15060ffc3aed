// Goal: the checkpoints and cosignatures in tests/vectors/note are what this code writes from fixed keys, byte for byte, and what it reads
// from them is what their sidecars tell a second reader (tests/vectors/check_notes.py). With OAK_WRITE_VECTORS=1 they are written.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "core/json_writer.h"
#include "issuer/checkpoint.h"
#include "issuer/merkle.h"
#include "issuer/signed_note.h"
#include "tests/unit/issuer_world.h"
#include "tests/unit/folders.h"

namespace oak::desk_test {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t cosigned_unix_s = 1'800'000'000;

struct Case {
  std::string why, note;
  bool is_good = true;
};

/// A ledger of seven leaves: leaf i is the byte i.
MerkleTree seven_leaves() {
  MerkleTree tree;
  for (std::uint8_t i = 0; i < 7; ++i) tree.append(ByteView(&i, 1));
  return tree;
}

struct Maker {
  SeededRandom random{62};
  KeyPair log = make_key_pair(random), witness = make_key_pair(random), stranger = make_key_pair(random);
  std::string origin = desk_origin(log.public_key), witness_origin = witness_name(witness.public_key);

  std::string text(std::uint64_t size) const { return encode_checkpoint({origin, size, seven_leaves().root_at(size)}); }
  std::string signed_text(const std::string& words) const { return format_note({words, {sign_note(words, origin, log)}}); }

  std::map<std::string, Case> cases() const {
    const std::string seven = text(7), good = signed_text(seven);
    const NoteSignature desk = sign_note(seven, origin, log), cosigned = cosign_note(seven, witness_origin, witness, cosigned_unix_s);
    std::string line = good.substr(good.rfind("\xe2\x80\x94"));
    std::map<std::string, Case> out = {
        {"checkpoint", {"seven entries, signed by the desk", good}},
        {"checkpoint-empty", {"no entries: the hash of nothing", signed_text(text(0))}},
        {"cosigned", {"a witness's cosignature below the desk's signature", format_note({seven, {desk, cosigned}})}},
        {"stranger", {"an unknown key's line is left alone", format_note({seven, {sign_note(seven, "other", stranger), desk}})}},
        {"other-text", {"the signature is of another text", format_note({text(6), {desk}})}},
        {"other-key", {"the desk's name, another key", format_note({seven, {sign_note(seven, origin, stranger)}})}},
        {"leading-zero", {"the size is spelled 07", signed_text(origin + "\n07" + seven.substr(origin.size() + 2)), false}},
        {"extension-line", {"a fourth line", signed_text(seven + "more\n"), false}},
        {"short-root", {"a root of 31 bytes", signed_text(origin + "\n7\n" + to_base64(Bytes(31, 1)) + "\n"), false}},
        {"no-blank-line", {"the signature follows the text at once", seven + line, false}},
        {"no-signature", {"text and a blank line", seven + "\n", false}},
        {"no-dash", {"a hyphen in place of the em dash", seven + "\n- " + line.substr(4), false}},
        {"bad-base64",
         {"a character that is no Base64", seven + "\n" + line.substr(0, line.size() - 6) + "*" + line.substr(line.size() - 5), false}},
        {"no-newline", {"the last line does not end", good.substr(0, good.size() - 1), false}},
        {"carriage-return", {"lines end with CR LF", origin + "\r\n" + good.substr(origin.size() + 1), false}},
    };
    std::string many = seven + "\n";
    for (int i = 0; i < 33; ++i) many += line;
    out["too-many"] = {"33 signature lines", many, false};
    return out;
  }
};

bool is_read(const std::string& note) {
  const auto parsed = parse_note(note);
  return parsed && decode_checkpoint(parsed->text);
}

std::string sidecar(const Case& one, const Maker& maker) {
  JsonWriter json;
  json.begin_object().key("why").text(one.why).key("error");
  one.is_good ? json.null() : json.text("bad-note");
  if (one.is_good) {
    const SignedNote note = *parse_note(one.note);
    const Checkpoint checkpoint = *decode_checkpoint(note.text);
    json.key("origin").text(checkpoint.origin).key("size").number(checkpoint.size).key("root").text(to_hex(checkpoint.root));
    json.key("desk_key")
        .text(to_hex(maker.log.public_key))
        .key("signed")
        .boolean(is_note_signed_by(note, maker.origin, maker.log.public_key));
    json.key("witness").text(maker.witness_origin).key("witness_key").text(to_hex(maker.witness.public_key)).key("cosigned_at");
    const auto at = cosigned_at(note, maker.witness_origin, maker.witness.public_key);
    at ? json.number(*at) : json.null();
  }
  json.end_object();
  return json.str() + "\n";
}

/// Every proof between two sizes of the seven leaves.
std::string proofs() {
  const MerkleTree tree = seven_leaves();
  JsonWriter json;
  json.begin_array();
  for (std::uint64_t newer = 1; newer <= 7; ++newer)
    for (std::uint64_t older = 1; older <= newer; ++older) {
      json.begin_object().key("old").number(older).key("old_root").text(to_hex(tree.root_at(older)));
      json.key("new").number(newer).key("new_root").text(to_hex(tree.root_at(newer))).key("proof").begin_array();
      for (const Digest& hash : tree.consistency_proof(older, newer)) json.text(to_hex(hash));
      json.end_array().end_object();
    }
  json.end_array();
  return json.str() + "\n";
}

std::string content_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void same(const std::string& name, const std::string& content) {
  const fs::path path = fs::path(test::vectors_folder) / "note" / name;
  if (std::getenv("OAK_WRITE_VECTORS")) std::ofstream(path, std::ios::binary) << content;
  INFO(name);
  CHECK(content_of(path) == content);
}

}  // namespace

TEST_CASE("the vectors of notes are what is written, and are read as they say", "[issuer][note]") {
  const Maker maker;
  const auto cases = maker.cases();
  for (const auto& [name, one] : cases) {
    INFO(name);
    CHECK(is_read(one.note) == one.is_good);
    same(name + ".note", one.note);
    same(name + ".expect", sidecar(one, maker));
  }
  same("consistency.proofs", proofs());
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(test::vectors_folder) / "note")) files += entry.is_regular_file() ? 1U : 0U;
  CHECK(files == 2 * cases.size() + 1);
}

}  // namespace oak::desk_test
