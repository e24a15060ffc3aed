#pragma once
// Reads a machine's components from where Linux shows them. In process, no subprocess, no socket, no write.
//
// Raw values stay on this floor: `observe` turns them into keyed digests, and nothing above sees anything else.

#include <memory>
#include <string>
#include <vector>

#include "core/environment.h"
#include "core/fingerprint.h"

namespace oak {

/// Where facts are read: the running system, or a captured tree below a folder. Paths are absolute, as on the system.
class Host {
 public:
  virtual ~Host() = default;
  /// The first 65,536 bytes at most. Errors: not_found, permission_denied, io_error (a folder, a pipe, a failed read).
  virtual Result<std::string> read(const std::string& path) const = 0;
  /// At least its beginning: `bytes` or fewer, where the host can save itself the rest.
  virtual Result<std::string> read_start(const std::string& path, std::size_t /*bytes*/) const { return read(path); }
  /// Names in a folder, sorted. A missing folder is empty.
  virtual std::vector<std::string> list(const std::string& path) const = 0;
  /// Where a link points, as an absolute path on the host with its dots resolved as text; empty where the path is no
  /// link. Links in the folders above it are followed, but do not change the answer.
  virtual std::string resolve(const std::string& path) const = 0;
  /// A file of /proc/self. On the running system what others may have mounted over it is not read (unsafe_file).
  virtual Result<std::string> read_own_process(const std::string& name) const { return read("/proc/self/" + name); }
  /// The same host, where it can serve one collection faster than single questions; else nothing.
  virtual std::unique_ptr<Host> for_one_collection() const { return nullptr; }
};

class LinuxHost final : public Host {
 public:
  /// `root` is empty for the running system, else the folder of a captured tree.
  explicit LinuxHost(std::string root = {});
  Result<std::string> read(const std::string& path) const override;
  std::vector<std::string> list(const std::string& path) const override;
  std::string resolve(const std::string& path) const override;
  Result<std::string> read_own_process(const std::string& name) const override;
  std::unique_ptr<Host> for_one_collection() const override;

 private:
  std::string root_;
};

/// One component as read: `value` is normalised and raw, and empty unless the state is usable or placeholder. A model's
/// value is its four parts, each ended by a line feed but the last (no part holds one).
struct Fact {
  Component component;
  State state;         ///< usable, absent, unreadable or placeholder
  std::string value;   ///< confidential
  std::string label;   ///< "eth0", "nvme0n1", or empty
  std::string source;  ///< the path read
  std::string reason;  ///< why it is not usable: "placeholder: listed", "no permission: …"; empty where usable
  std::string bus;     ///< of a card or a disk: "pci", "nvme" … (bus_of in machine-id/sources.h); else empty
};

struct Facts {
  std::vector<Fact> facts;  ///< by component, each at least once
  Environment environment;
  /// Members of sets that were left out on purpose ("virtual device", "locally administered"), for `show` only.
  std::vector<Fact> left_out;
};

/// Who can ask a driver for a card's permanent address, which needs a socket: only tools that may have one
/// (machine-id/permanent_mac.h). The verifier's library never does.
class PermanentAddressSource {
 public:
  virtual ~PermanentAddressSource() = default;
  /// "aa:bb:cc:dd:ee:ff", or empty where it is not to be had.
  virtual std::string permanent_address(const std::string& interface) const = 0;
};

Facts collect(const Host& host);
Facts collect(const Host& host, const PermanentAddressSource& permanent);
/// Without the environment: a verdict does not ask for it, and looking takes a fifth of all the files.
Facts collect_components(const Host& host);

/// Keyed digests of what was collected: the only way raw values leave this floor.
std::vector<Observation> observe(const Facts& facts, const SymmetricKey& fingerprint_key);

}  // namespace oak
