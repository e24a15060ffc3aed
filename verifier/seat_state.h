#pragma once
// What a computer keeps of the seat that it was lent (docs/format-seats.md, "What a computer keeps"): a folder beside the
// product's own state. Encoded and decoded here only. Nothing in it is believed for what it says: the lease is signed, and the
// computer's key is what it is bound to. So whoever may use the seat, the group oak, may write here.

#include <optional>
#include <string>

#include "core/crypto.h"
#include "core/disk.h"

namespace oak {

/// Learned at enrolment, once and for all.
struct SeatServer {
  std::string url;
  PublicKey key{};
  Bytes activation;  ///< the document that vouches for the key
  std::string product;
};

struct HeldLease {
  Bytes document;
  ByteArray<16> boot_id{};           ///< of the boot that the next number counts in
  std::uint64_t sent_at_ms = 0;      ///< CLOCK_BOOTTIME before the request that brought it
  std::uint64_t sent_at_unix_s = 0;  ///< the same moment by the calendar
  std::uint64_t number = 0;          ///< of the answer that brought it: SeatToken::answers once that is taken in
};

struct SeatToken {
  std::optional<ByteArray<16>> token, nonce;
  std::uint64_t answers = 0;
};

/// Errors: those of the disk, and damaged_state with the file's path.
class SeatState {
 public:
  SeatState(Disk& disk, const std::string& state_dir, std::string_view product);
  const std::string& folder() const { return folder_; }

  // nullopt where there is no such file.
  Result<std::optional<SeatServer>> server() const;
  Result<std::optional<KeyPair>> computer_key() const;
  Result<std::optional<HeldLease>> lease() const;
  Result<std::optional<SeatToken>> token() const;
  /// The latest time seen while a seat was borrowed.
  Result<std::optional<std::uint64_t>> time_mark() const;
  bool may_write() const { return disk_.may_write(folder_); }

  /// Makes the folder.
  Status put_computer_key(const Seed& seed);
  Status put_server(const SeatServer& server);
  Status put_lease(const HeldLease& lease);
  Status remove_lease();
  Status put_token(const SeatToken& token);
  Status put_time_mark(std::uint64_t unix_s);

 private:
  Result<std::optional<Bytes>> read(std::string_view name) const;
  Status write(std::string_view name, ByteView bytes);
  Disk& disk_;
  std::string folder_, product_;
};

}  // namespace oak
