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
inline constexpr std::string_view issuer_draft_file = "drafts/issuer-1.oak";
inline constexpr std::string_view trust_draft_file = "drafts/trust.oak";
inline constexpr std::string_view root_key_file = "root.key";
inline constexpr std::string_view lock_file = "lock";
inline constexpr std::string_view unfinished_file = "unfinished-init";

/// desk/roots/1..N, or what the caller named.
std::vector<std::string> root_folders(const std::string& desk, const std::vector<std::string>& named, std::size_t count);

/// Whether the folder holds a finished desk that nobody but its owner can write: not_found, permission_denied, unsafe_file.
Outcome<void> check_desk_folder(const std::string& desk);
/// unsafe_file, with the command that mends it, where anybody but the owner may write to `path`; fine where nothing is there.
Outcome<void> check_not_writable_by_others(const std::string& path);
/// True where others than the owner may enter the folder.
bool is_open_to_others(const std::string& folder);
/// Mode 0700 for a folder that may have been there before.
Outcome<void> close_to_others(const std::string& folder);

/// The lock of whoever writes at a desk, or remembers for a witness; readers take none. `locked` where another process has it and does
/// not give it back within `wait_ms`.
Outcome<FileLock> lock_desk(Disk& disk, const std::string& folder, std::uint64_t wait_ms);

Outcome<Bytes> read_document(Disk& disk, const std::string& folder, std::string_view name);
Outcome<OpenedKeyFile> unlock_key(const DeskWorld& world, const std::string& folder, std::string_view name);
/// For keys that are an Ed25519 seed, unlocked into where they stay, which is kept out of swap; bad_key_file where it does
/// not give the public key that the file shows.
Outcome<void> unlock_key_pair(const DeskWorld& world, const std::string& folder, std::string_view name, KeyPair& into);
/// Encrypts and writes a new key file (0600, never over an existing one).
Outcome<void> write_key(const DeskWorld& world, const std::string& folder, std::string_view name, const KeyFileHead& head, ByteView secret);

}  // namespace oak
