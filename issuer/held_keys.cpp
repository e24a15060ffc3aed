#include "issuer/held_keys.h"

namespace oak {

Outcome<void> HeldKeys::unlock_ledger(const Desk& desk, const DeskWorld& world) {
  UnlockedDeskKeys unlocked;
  OAK_TRY(desk.unlock_desk_keys(world, unlocked));
  keys_.ledger_key.emplace() = std::move(unlocked.ledger_key);
  keys_.sealing_seed.emplace() = std::move(unlocked.sealing_seed);
  return {};
}

Outcome<void> HeldKeys::unlock_all(const Desk& desk, const DeskWorld& world) {
  OAK_TRY(unlock_ledger(desk, world));
  return unlock_issuer(desk, world);
}

Outcome<void> HeldKeys::unlock_issuer(const Desk& desk, const DeskWorld& world) {
  OAK_TRY(desk.unlock_issuer(world, keys_.issuer.emplace()));
  OAK_ASSIGN(keys_.certificate, desk.issuer_certificate(world));
  return {};
}

}  // namespace oak
