#pragma once
// The vendor's desk: a folder of keys and the ledger. One writer at a time, and any number of readers beside it.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/trust.h"
#include "issuer/ledger.h"
#include "issuer/passphrases.h"

namespace oak {

/// What the desk needs from outside.
struct DeskWorld {
  Disk& disk;
  Clock& clock;
  Random& random;
  Terminal& terminal;
  Passphrases& passphrases;
  PasswordCost cost;               ///< of new key files
  std::string operator_name;       ///< who answers for what is recorded
  std::uint64_t lock_wait_ms = 0;  ///< how long a writer waits for another one
  std::string issuer;              ///< the issuer key to sign with; empty: the newest that may
  std::string desk_option;         ///< what a command needs to find the desk again: " --desk DIR", or nothing
};

struct InitInput {
  std::string desk;
  std::uint64_t roots = 3, threshold = 2;
  std::vector<std::string> root_dirs;  ///< empty: desk/roots/1..N
  // Root keys that lie elsewhere: then none is made, and what the roots must sign in turn waits in desk/drafts.
  std::vector<PublicKey> root_keys;  ///< new roots, made with make_root
  std::optional<Trust> roots_of;     ///< the roots of another desk, by its trust
};
/// Makes a desk: root keys (one at a time in memory), sealing and ledger key, one issuer key with its certificate,
/// the ledger. Returns what to say. already_exists where there is a desk; a desk that could not be finished is taken away,
/// and one whose init was cut off is made anew.
Outcome<std::vector<std::string>> init_desk(const DeskWorld& world, const InitInput& input);

/// Makes one root key in a folder; nothing else is touched. `name` is root-N.
Outcome<PublicKey> make_root(const DeskWorld& world, const std::string& folder, const std::string& name);

struct UnlockedDeskKeys {
  Seed sealing_seed;
  SymmetricKey ledger_key;
};

struct DeskTrust {
  Trust trust;
  bool waiting = false;  ///< not signed yet
};
/// The desk's trust; of a desk that waits for its roots, the draft.
Outcome<DeskTrust> read_desk_trust(Disk& disk, const std::string& folder);

enum class DeskUse { read, write };

class Desk {
 public:
  /// A writer takes the desk's lock: `locked` where another process has it. A reader takes none, needs no permission to
  /// write, and sees each answer of the ledger as of one moment. A desk that others can write to is unsafe_file.
  static Outcome<Desk> open(const DeskWorld& world, const std::string& folder, DeskUse use = DeskUse::write);

  Ledger& ledger() const { return *ledger_; }
  const std::string& folder() const { return folder_; }
  /// For a command that is told to somebody: " --desk DIR", or nothing where the desk is the default one.
  const std::string& option() const { return option_; }
  const Trust& trust() const { return trust_.trust; }
  /// True until its first trust is signed by roots that lie elsewhere; then `trust` is what they are asked to sign.
  bool is_waiting() const { return trust_.waiting; }
  /// Why the ledger is older than a checkpoint that the desk keeps: then nothing may be issued. Of a desk that was opened for
  /// reading; one for writing does not open then (ledger_rolled_back).
  const std::optional<std::string>& rolled_back() const { return rolled_back_; }
  /// Both unlock into where the key stays: it is kept out of swap there. bad_key_file where a key is not the one that its
  /// file shows.
  Outcome<void> unlock_desk_keys(const DeskWorld& world, UnlockedDeskKeys& into) const;
  /// Of the issuer key that `world` names or that may sign: issuer_not_allowed where none may.
  Outcome<void> unlock_issuer(const DeskWorld& world, KeyPair& into) const;
  /// That key's certificate, as its document.
  Outcome<Bytes> issuer_certificate(const DeskWorld& world) const;

 private:
  Desk() = default;
  Outcome<void> look_for_rollback(const DeskWorld& world, DeskUse use);
  Outcome<void> heed_new_roots();
  std::string folder_, option_;
  FileLock lock_;  // outlives the ledger
  std::unique_ptr<Ledger> ledger_;
  DeskTrust trust_;
  std::optional<std::string> rolled_back_;
};

struct TrustInput {
  std::string product, contact;
  std::vector<std::string> root_dirs;  ///< where the root keys are; empty: as init put them
  bool without_earlier = false;        ///< what replaced roots have signed no longer counts
  std::uint64_t lowest_bulletin = 0;   ///< of an issuer or of the roots: lower ones are not taken in
};
/// The payload of a trust for products to ship, for the roots to sign.
Outcome<Bytes> trust_to_sign(const DeskWorld& world, const Desk& desk, const TrustInput& input);
/// A trust document for products to ship, signed by the threshold of roots, one key at a time.
Outcome<Bytes> make_trust(const DeskWorld& world, const Desk& desk, const TrustInput& input);
/// A document as a C array, for `oak_config.trust`.
std::string as_c_header(ByteView document);

Failure ledger_failure(const Error& error, const std::string& desk_folder);

}  // namespace oak
