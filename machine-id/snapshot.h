#pragma once
// The boot snapshot (docs/format-snapshot.md): keyed digests of what only root can read, written by root at each boot, so
// that no product has to run as root. Encoded and decoded here only.
//
// It supplies what the reader is not permitted to read itself, and only of the platform and of network cards by their
// permanent address. All the rest is always read live.

#include <string>
#include <string_view>
#include <vector>

#include "core/disk.h"
#include "core/failure.h"
#include "machine-id/collect.h"

namespace oak {

inline constexpr std::string_view snapshot_folder = "/run/oak";
inline constexpr std::size_t max_snapshot_bytes = 65536;
inline constexpr std::size_t max_snapshot_keys = 64;

using BootId = ByteArray<16>;

/// What one fingerprint key makes of this machine. Platform components are usable, placeholder or absent, each once at most;
/// cards are usable or placeholder, with their label, at most max_set_members.
struct SnapshotPart {
  FingerprintKeyId key;
  std::vector<Observation> members;  ///< strictly ascending by (component, label)
};
struct Snapshot {
  std::string product;
  BootId boot{};
  std::vector<SnapshotPart> parts;  ///< strictly ascending by key, at least one
};

Bytes encode_snapshot(const Snapshot& snapshot);
/// Errors: damaged_state, whatever is wrong.
Result<Snapshot> decode_snapshot(ByteView file);

std::string snapshot_path(std::string_view product);

struct SnapshotTaken {
  std::string path;
  std::size_t keys = 0, members = 0;
  std::vector<std::string> warnings;  ///< keys that could not be used
};
/// Writes it, for every fingerprint key of the product; root's work.
Outcome<SnapshotTaken> take_snapshot(Disk& disk, const Host& host, const Facts& facts, const std::string& state_dir,
                                     std::string_view product);

/// The members under one key, where the snapshot deserves trust: root's, writable by nobody else, a file and no link, of this
/// boot and this product, and read by a process that lives in the machine's own user namespace, or one like it.
/// Failures: not_found where there is none; else the message says why it is not used.
Outcome<std::vector<Observation>> trusted_members(Disk& disk, const Host& host, std::string_view product, const FingerprintKeyId& key);

/// Live observations; those that can't be read are taken from the snapshot where it has them.
struct Sighting {
  std::vector<Observation> observations;
  std::string refusal;  ///< why a snapshot that is there, and is needed, is not used; else empty
};
Sighting observe_with_snapshot(Disk& disk, const Host& host, const Facts& facts, std::string_view product,
                               const SymmetricKey& fingerprint_key);

}  // namespace oak
