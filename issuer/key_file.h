#pragma once
// Key files of the desk and of the roots, encrypted under a passphrase (docs/format-desk.md, "Key files"). Encoded and
// decoded here only.

#include <string>

#include "core/crypto.h"

namespace oak {

enum class KeyPurpose : std::uint8_t { root = 1, issuer = 2, desk = 3, witness = 4 };

/// What a key file says in the clear.
struct KeyFileHead {
  std::string name;  ///< "root-1", "issuer-1", "desk", "witness"
  KeyPurpose purpose = KeyPurpose::root;
  PublicKey public_key{};  ///< of a desk: the X25519 sealing key
};

inline constexpr std::string_view key_file_label = "OAK KEY";
inline constexpr std::size_t max_key_file_bytes_at_desk = 8192;

/// Encrypts `secret` (32 bytes; of a desk 64: sealing seed, ledger key). `nonce` and `salt` come from `random`.
Result<Bytes> seal_key_file(const KeyFileHead& head, ByteView secret, ByteView passphrase, PasswordCost cost, Random& random);
/// The head alone, unauthenticated: for prompts. bad_key_file.
Result<KeyFileHead> read_key_file_head(ByteView document);

struct OpenedKeyFile {
  KeyFileHead head;
  Bytes secret;  ///< the caller wipes it
};
/// bad_key_file (also: cost out of bounds, checked before any hashing), wrong_passphrase.
Result<OpenedKeyFile> open_key_file(ByteView document, ByteView passphrase);

}  // namespace oak
