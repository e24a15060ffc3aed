#pragma once
// The vendor's desk: a folder of keys and the ledger. One writer at a time.

#include <memory>
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
  PasswordCost cost;          ///< of new key files
  std::string operator_name;  ///< who answers for what is recorded
};

struct InitInput {
  std::string desk;
  std::uint64_t roots = 3, threshold = 2;
  std::vector<std::string> root_dirs;  ///< empty: desk/roots/1..N
};
/// Makes a desk: root keys (one at a time in memory), sealing and ledger key, one issuer key with its certificate,
/// the ledger. Returns what to say. already_exists where there is a desk; a desk that could not be finished is taken away.
Outcome<std::vector<std::string>> init_desk(const DeskWorld& world, const InitInput& input);

struct UnlockedDeskKeys {
  Seed sealing_seed;
  SymmetricKey ledger_key;
};

class Desk {
 public:
  /// Takes the desk's lock; `locked` where another process has it.
  static Outcome<Desk> open(const DeskWorld& world, const std::string& folder);
  Desk(Desk&& other) noexcept;
  Desk& operator=(Desk&&) = delete;
  ~Desk();

  Ledger& ledger() { return *ledger_; }
  const std::string& folder() const { return folder_; }
  const Trust& trust() const { return trust_; }
  Outcome<UnlockedDeskKeys> unlock_desk_keys(const DeskWorld& world) const;
  Outcome<KeyPair> unlock_issuer(const DeskWorld& world) const;
  /// The issuer's certificate, as its document and opened under the desk's own trust.
  Outcome<Bytes> issuer_certificate(const DeskWorld& world) const;

 private:
  Desk() = default;
  std::string folder_;
  std::unique_ptr<Ledger> ledger_;
  Trust trust_;
  int lock_ = -1;
};

struct TrustInput {
  std::string product, contact;
  std::vector<std::string> root_dirs;  ///< where the root keys are; empty: as init put them
};
/// A trust document for products to ship, signed by the threshold of roots, one key at a time.
Outcome<Bytes> make_trust(const DeskWorld& world, const Desk& desk, const TrustInput& input);
/// A document as a C array, for `oak_config.trust`.
std::string as_c_header(ByteView document);

Failure ledger_failure(const Error& error, const std::string& desk_folder);

}  // namespace oak
