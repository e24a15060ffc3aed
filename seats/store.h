#pragma once
// What the seat server must not forget, in SQLite (docs/format-seats.md, "What the server keeps"). What a call has written is on
// the disk when it returns. One server writes; `oak-seatd code` beside it adds codes.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "seats/elapsed.h"
#include "seats/pool.h"

namespace oak::seats {

struct StoredPool {
  struct Row {
    PublicKey key{};
    Computer computer;
    bool damaged = false;  ///< it may have held a seat, for as long as seats are ever held
  };
  std::vector<Row> computers;
  std::vector<Waiting> line;  ///< of computers above, each once; by number
  std::optional<TimeMark> time;
  /// What was damaged, in words: which row of which table, and what is made of it. Those rows are written anew with the next write.
  std::vector<std::string> damage;
};

/// An enrolment code, as it lies there: never the secret itself.
struct StoredCode {
  Digest secret_hash{};
  ByteArray<16> boot_id{};  ///< the boot that it was made in, and only counts in
  std::uint64_t ends_boot_ms = 0;
  std::optional<PublicKey> used_by;
};

/// What goes to the disk together.
struct Batch {
  const Pool& pool;
  const Pool::Changes& changes;
  const std::map<Digest, PublicKey>& used_codes;  ///< by secret_hash
  TimeMark time;
};

/// Every call may fail with io_error, disk_full, locked, permission_denied or damaged_state.
class Store {
 public:
  /// Makes the file (0600) where it is missing; its folder is there. `locked` where another server has it.
  static Result<std::unique_ptr<Store>> open_as_server(const std::string& path);
  /// For codes alone.
  static Result<std::unique_ptr<Store>> open_beside(const std::string& path);
  virtual ~Store() = default;

  /// Damaged rows are told of; damaged_state is a file of which nobody knows what is missing.
  virtual Result<StoredPool> load() = 0;
  /// In one transaction: each computer and place that changed, as the pool has it now.
  virtual Status write(const Batch& batch) = 0;

  /// Takes away those that have ended by `now`, too.
  virtual Status put_code(const StoredCode& code, std::uint64_t now_boot_ms) = 0;
  virtual Result<std::optional<StoredCode>> find_code(const Digest& secret_hash) = 0;
};

}  // namespace oak::seats
