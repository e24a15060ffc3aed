#pragma once
// Signed notes (C2SP signed-note): text, a blank line, and signature lines "— name base64(key id ‖ signature)". Ed25519
// signatures (type 0x01), and witnesses' cosignatures with a time (C2SP tlog-cosignature, type 0x04). Pure.

#include <optional>
#include <string>
#include <vector>

#include "core/crypto.h"

namespace oak {

struct NoteSignature {
  std::string name;       ///< of the key; no space, no plus sign
  ByteArray<4> key_id{};  ///< a hint
  Bytes signature;        ///< 64 bytes; of a cosignature 8 bytes of time before them
};

struct SignedNote {
  std::string text;  ///< ends with a newline
  std::vector<NoteSignature> signatures;
};

inline constexpr std::size_t max_note_bytes = 65536, max_note_signatures = 32;

bool is_note_key_name(std::string_view name);
std::string format_note(const SignedNote& note);
/// bad_note with the place, for anything that format_note would not write.
Result<SignedNote> parse_note(std::string_view note);

/// What a key signs, as the first byte of its encoded form.
enum class NoteKeyType : std::uint8_t { ed25519 = 0x01, cosignature = 0x04 };
struct VerifierKey {
  std::string name;
  NoteKeyType type = NoteKeyType::ed25519;
  PublicKey key{};
  bool operator==(const VerifierKey&) const = default;
};
/// "NAME+ID+KEY": ID in hex, KEY the Base64 of type and public key (C2SP signed-note).
std::string format_verifier_key(const VerifierKey& key);
/// nullopt for another spelling, type, or an id that is not the key's.
std::optional<VerifierKey> parse_verifier_key(std::string_view text);

NoteSignature sign_note(std::string_view text, const std::string& name, const KeyPair& key);
/// Whether a signature line of that name and key is good; lines of other keys are not looked at.
bool is_note_signed_by(const SignedNote& note, std::string_view name, const PublicKey& key);

NoteSignature cosign_note(std::string_view text, const std::string& name, const KeyPair& key, std::uint64_t now_unix_s);
/// The time of a good cosignature of that name and key.
std::optional<std::uint64_t> cosigned_at(const SignedNote& note, std::string_view name, const PublicKey& key);

}  // namespace oak
