#pragma once
// The keys of one session at the desk: in one place for as long as it lasts, kept out of swap, and wiped at its end.

#include "issuer/issue.h"

namespace oak {

class HeldKeys {
 public:
  /// Locks the place before any key is in it.
  HeldKeys() : out_of_swap_(lock_memory(&keys_, sizeof keys_)) {}
  // Never moved: a key that moves leaves the memory that was locked for it.
  HeldKeys(const HeldKeys&) = delete;
  HeldKeys& operator=(const HeldKeys&) = delete;

  /// What inspecting needs: the key of the licence secrets, and the one that opens sealed requests.
  Outcome<void> unlock_ledger(const Desk& desk, const DeskWorld& world);
  /// What a bulletin needs: an issuer's key, and its certificate.
  Outcome<void> unlock_issuer(const Desk& desk, const DeskWorld& world);
  /// What issuing needs: the ledger's key, an issuer's, and its certificate.
  Outcome<void> unlock_all(const Desk& desk, const DeskWorld& world);
  /// Another certificate of the same issuer key.
  void put_certificate(Bytes certificate) { keys_.certificate = std::move(certificate); }
  /// False where the system lets this user lock no memory.
  bool out_of_swap() const { return out_of_swap_; }
  const IssuingKeys& keys() const { return keys_; }
  const SymmetricKey& ledger_key() const { return *keys_.ledger_key; }

 private:
  IssuingKeys keys_;
  bool out_of_swap_;
};

}  // namespace oak
