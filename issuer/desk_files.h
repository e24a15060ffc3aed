#pragma once
// The files of a desk's folder: where they are, and how keys are read from them.

#include <string>
#include <vector>

#include "issuer/desk.h"

namespace oak {

inline constexpr std::string_view ledger_file = "ledger.sqlite";
inline constexpr std::string_view trust_file = "trust.oak";
inline constexpr std::string_view desk_key_file = "keys/desk.key";
inline constexpr std::string_view issuer_key_file = "keys/issuer-1.key";
inline constexpr std::string_view issuer_certificate_file = "keys/issuer-1.cert.oak";
inline constexpr std::string_view root_key_file = "root.key";

/// desk/roots/1..N, or what the caller named.
std::vector<std::string> root_folders(const std::string& desk, const std::vector<std::string>& named, std::size_t count);

Outcome<Bytes> read_document(Disk& disk, const std::string& folder, std::string_view name);
Outcome<OpenedKeyFile> unlock_key(const DeskWorld& world, const std::string& folder, std::string_view name);
/// For keys that are an Ed25519 seed; bad_key_file where it does not give the public key that the file shows.
Outcome<KeyPair> unlock_key_pair(const DeskWorld& world, const std::string& folder, std::string_view name);
/// Encrypts and writes a new key file (0600, never over an existing one).
Outcome<void> write_key(const DeskWorld& world, const std::string& folder, std::string_view name, const KeyFileHead& head, ByteView secret);

}  // namespace oak
