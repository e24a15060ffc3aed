#pragma once
// What the seat server must not forget, in SQLite (docs/format-seats.md, "What the server keeps"). What a call has written is on
// the disk when it returns. One server writes; `oak-seatd code` beside it adds codes.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "seats/pool.h"

namespace oak::seats {

struct StoredPool {
  std::vector<std::pair<PublicKey, Computer>> computers;
  std::vector<Waiting> line;
  std::uint64_t latest_unix_s = 0;  ///< the latest wall time that was written
};

/// An enrolment code, as it lies there: never the secret itself.
struct StoredCode {
  Digest secret_hash{};
  ByteArray<16> boot_id{};  ///< the boot that it was made in, and only counts in
  std::uint64_t ends_boot_ms = 0;
};

/// Every call may fail with io_error, disk_full, locked, permission_denied or damaged_state.
class Store {
 public:
  /// Makes the file (0600) where it is missing. `locked` where another server has it.
  static Result<std::unique_ptr<Store>> open_as_server(const std::string& path);
  /// For codes alone.
  static Result<std::unique_ptr<Store>> open_beside(const std::string& path);
  virtual ~Store() = default;

  virtual Result<StoredPool> load() = 0;
  /// In one transaction: each computer and place that changed, as the pool has it now.
  virtual Status write(const std::map<PublicKey, Computer>& computers, const std::vector<Waiting>& line, const Pool::Changes& changes,
                       std::uint64_t latest_unix_s) = 0;

  virtual Status put_code(const StoredCode& code) = 0;
  /// Takes the code away: true once. Codes that have ended are taken away too.
  virtual Result<bool> use_code(const Digest& secret_hash, const ByteArray<16>& boot_id, std::uint64_t boot_ms) = 0;
};

}  // namespace oak::seats
