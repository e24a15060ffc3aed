#include "issuer/signed_note.h"

#include <algorithm>

#include "core/text.h"

namespace oak {
namespace {

constexpr std::string_view dash = "\xe2\x80\x94 ";  // U+2014 and a space
constexpr std::size_t signature_bytes = 64, time_bytes = 8, id_bytes = 4;

ByteArray<4> note_key_id(std::string_view name, NoteKeyType type, const PublicKey& key) {
  Bytes input(name.begin(), name.end());
  input.push_back('\n');
  input.push_back(static_cast<std::uint8_t>(type));
  input.insert(input.end(), key.begin(), key.end());
  const Digest hash = sha256(input);
  ByteArray<4> id;
  std::copy_n(hash.begin(), id.size(), id.begin());
  return id;
}

std::string cosigned_message(std::string_view text, std::uint64_t unix_s) {
  return "cosignature/v1\ntime " + std::to_string(unix_s) + "\n" + std::string(text);
}

/// The good signature of that key and type among the lines.
template <typename Check>
const NoteSignature* find_signature(const SignedNote& note, std::string_view name, NoteKeyType type, const PublicKey& key, Check is_good) {
  const ByteArray<4> id = note_key_id(name, type, key);
  for (const NoteSignature& one : note.signatures)
    if (one.name == name && one.key_id == id && is_good(one)) return &one;
  return nullptr;
}

std::uint64_t time_of(const NoteSignature& signature) {
  std::uint64_t time = 0;
  for (std::size_t i = 0; i < time_bytes; ++i) time = time << 8 | signature.signature[i];
  return time;
}

Result<NoteSignature> parse_signature(std::string_view line, std::size_t number) {
  const auto refuse = [&](std::string_view why) {
    return fail(Code::bad_note, "signature " + std::to_string(number) + " " + std::string(why));
  };
  if (!line.starts_with(dash)) return refuse("does not begin with a dash");
  line.remove_prefix(dash.size());
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || !is_note_key_name(line.substr(0, space))) return refuse("has no key name");
  auto bytes = from_base64(line.substr(space + 1));
  if (!bytes || bytes->size() <= id_bytes) return refuse("is not Base64");
  NoteSignature out{std::string(line.substr(0, space)), {}, Bytes(bytes->begin() + id_bytes, bytes->end())};
  std::copy_n(bytes->begin(), id_bytes, out.key_id.begin());
  return out;
}

}  // namespace

bool is_note_key_name(std::string_view name) {
  return !name.empty() && name.size() <= 120 && is_utf8(name) && !has_control_characters(name) &&
         name.find_first_of(" +") == std::string_view::npos;
}

std::string format_note(const SignedNote& note) {
  std::string out = note.text + "\n";
  for (const NoteSignature& one : note.signatures) {
    Bytes bytes(one.key_id.begin(), one.key_id.end());
    bytes.insert(bytes.end(), one.signature.begin(), one.signature.end());
    out += std::string(dash) + one.name + " " + to_base64(bytes) + "\n";
  }
  return out;
}

Result<SignedNote> parse_note(std::string_view note) {
  if (note.size() > max_note_bytes) return fail(Code::too_large, "a note");
  if (!is_utf8(note)) return fail(Code::bad_note, "a note is UTF-8");
  // The last blank line: the text may hold others.
  const std::size_t blank = note.rfind("\n\n");
  if (blank == std::string_view::npos || !note.ends_with('\n')) return fail(Code::bad_note, "there is no blank line before the signatures");
  SignedNote out{std::string(note.substr(0, blank + 1)), {}};
  std::string_view rest = note.substr(blank + 2);
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    if (out.signatures.size() == max_note_signatures) return fail(Code::too_large, "a note's signatures");
    OAK_ASSIGN(NoteSignature one, parse_signature(rest.substr(0, end), out.signatures.size() + 1));
    out.signatures.push_back(std::move(one));
    rest.remove_prefix(end + 1);
  }
  if (out.signatures.empty()) return fail(Code::bad_note, "the note has no signature");
  return out;
}

std::string format_verifier_key(const VerifierKey& key) {
  Bytes encoded = {static_cast<std::uint8_t>(key.type)};
  encoded.insert(encoded.end(), key.key.begin(), key.key.end());
  return key.name + "+" + to_hex(note_key_id(key.name, key.type, key.key)) + "+" + to_base64(encoded);
}

std::optional<VerifierKey> parse_verifier_key(std::string_view text) {
  // A name has no plus sign; Base64 may have one.
  const std::size_t first = text.find('+'), second = first == std::string_view::npos ? first : text.find('+', first + 1);
  if (second == std::string_view::npos || !is_note_key_name(text.substr(0, first))) return std::nullopt;
  const auto encoded = from_base64(text.substr(second + 1));
  if (!encoded || encoded->size() != 1 + PublicKey{}.size()) return std::nullopt;
  VerifierKey out;
  out.name = text.substr(0, first);
  out.type = static_cast<NoteKeyType>(encoded->front());
  if (out.type != NoteKeyType::ed25519 && out.type != NoteKeyType::cosignature) return std::nullopt;
  out.key = *to_array<32>(ByteView(*encoded).subspan(1));
  if (!is_valid_public_key(out.key) || format_verifier_key(out) != text) return std::nullopt;
  return out;
}

NoteSignature sign_note(std::string_view text, const std::string& name, const KeyPair& key) {
  const Signature signature = sign(key.seed, as_bytes(text));
  return {name, note_key_id(name, NoteKeyType::ed25519, key.public_key), Bytes(signature.begin(), signature.end())};
}

bool is_note_signed_by(const SignedNote& note, std::string_view name, const PublicKey& key) {
  return find_signature(note, name, NoteKeyType::ed25519, key, [&](const NoteSignature& one) {
           return one.signature.size() == signature_bytes && verify(key, as_bytes(note.text), one.signature);
         }) != nullptr;
}

NoteSignature cosign_note(std::string_view text, const std::string& name, const KeyPair& key, std::uint64_t now_unix_s) {
  const std::string message = cosigned_message(text, now_unix_s);
  const Signature signature = sign(key.seed, as_bytes(message));
  NoteSignature out{name, note_key_id(name, NoteKeyType::cosignature, key.public_key), {}};
  for (std::size_t i = time_bytes; i-- > 0;) out.signature.push_back(static_cast<std::uint8_t>(now_unix_s >> (8 * i)));
  out.signature.insert(out.signature.end(), signature.begin(), signature.end());
  return out;
}

std::optional<std::uint64_t> cosigned_at(const SignedNote& note, std::string_view name, const PublicKey& key) {
  const NoteSignature* found = find_signature(note, name, NoteKeyType::cosignature, key, [&](const NoteSignature& one) {
    if (one.signature.size() != time_bytes + signature_bytes) return false;
    const std::string message = cosigned_message(note.text, time_of(one));
    return verify(key, as_bytes(message), ByteView(one.signature).subspan(time_bytes));
  });
  if (!found) return std::nullopt;
  return time_of(*found);
}

}  // namespace oak
