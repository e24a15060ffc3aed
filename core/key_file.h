#pragma once
// Key files of a machine's state (docs/format-state.md, "Keys"). Encoded and decoded here only.

#include <string>
#include <string_view>

#include "core/disk.h"
#include "core/fingerprint.h"

namespace oak {

inline constexpr std::string_view default_state_dir = "/var/lib/oak";
inline constexpr std::size_t max_key_file_bytes = 512;

/// Bytes that hold a secret: wiped when destroyed.
class SecretBytes {
 public:
  explicit SecretBytes(Bytes bytes) : bytes_(std::move(bytes)) {}
  SecretBytes(SecretBytes&&) = default;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  SecretBytes& operator=(SecretBytes&&) = delete;
  ~SecretBytes() { wipe(bytes_.data(), bytes_.size()); }
  ByteView view() const { return bytes_; }

 private:
  Bytes bytes_;
};

/// `label` tells the kinds apart: "oak/v1/machine-key", "oak/v1/seat-server-key".
SecretBytes encode_key_pair_file(std::string_view label, const Seed& seed);
Result<Seed> decode_key_pair_file(std::string_view label, ByteView file);

struct FingerprintKeyFile {
  SymmetricKey key;
  std::string licence;
  std::string product;
};
SecretBytes encode_fingerprint_key_file(const FingerprintKeyFile& file);
Result<FingerprintKeyFile> decode_fingerprint_key_file(ByteView file);

std::string fingerprint_key_name(const FingerprintKeyId& id);  ///< of its file: "fingerprint-f88d83c082acc00e.key"
/// Reads one from a product's folder. unsafe_file where others than root and `own_uid` could have written or may read it;
/// damaged_state where it is another product's, or not the one that its name says.
Result<FingerprintKeyFile> read_fingerprint_key(Disk& disk, const std::string& folder, const std::string& name, std::string_view product,
                                                std::uint32_t own_uid);

}  // namespace oak
