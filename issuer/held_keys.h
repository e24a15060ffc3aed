#pragma once
// The keys of one session at the desk: in one place for as long as it lasts, kept out of swap, and wiped at its end.

#include "issuer/issue.h"

namespace oak {

class HeldKeys {
 public:
  HeldKeys() = default;
  // Never moved: a key that moves leaves the memory that was locked for it.
  HeldKeys(const HeldKeys&) = delete;
  HeldKeys& operator=(const HeldKeys&) = delete;

  /// What inspecting needs: the key of the licence secrets.
  Outcome<void> unlock_ledger(const Desk& desk, const DeskWorld& world);
  /// What issuing needs: the ledger's key, an issuer's, and its certificate.
  Outcome<void> unlock_all(const Desk& desk, const DeskWorld& world);
  const IssuingKeys& keys() const { return keys_; }
  const SymmetricKey& ledger_key() const { return *keys_.ledger_key; }

 private:
  IssuingKeys keys_;
};

}  // namespace oak
