#include "request/returning.h"

#include <algorithm>

#include "core/fields.h"
#include "core/text.h"
#include "machine-id/snapshot.h"
#include "verifier/answer.h"
#include "verifier/chain.h"
#include "verifier/check.h"
#include "verifier/install_bulletin.h"

namespace oak {
namespace {

/// An activation that this machine has, or of which only the receipt is left.
struct Held {
  ActivationId id{};
  std::string licence;
  std::uint64_t generation = 0;
  PublicKey machine_key{};
  std::optional<Activation> activation;
  bool revoked = false;
  std::optional<OpenedReceipt> receipt;
  Bytes receipt_document;
};

struct Holdings {
  std::string product;
  Marks marks;
  std::vector<Held> all;
  bool unverified = false;

  bool is_superseded(const Held& held) const {
    const LicenceMarks* licence = marks.find_licence(held.licence);
    return licence != nullptr && held.generation < licence->generation;
  }
  bool counts(const Held& held) const { return held.activation && !held.revoked && !marks.is_returned(held.id) && !is_superseded(held); }
  /// Of the highest generation that counts; nullptr where none does.
  const Held* in_force(std::string_view licence) const {
    const Held* best = nullptr;
    for (const Held& held : all)
      if (held.licence == licence && counts(held) && (best == nullptr || best->generation < held.generation)) best = &held;
    return best;
  }
};

Held& held_of(Holdings& holdings, const ActivationId& id) {
  for (Held& held : holdings.all)
    if (held.id == id) return held;
  Held fresh;
  fresh.id = id;
  return holdings.all.emplace_back(std::move(fresh));
}

void take_in_activation(Holdings& holdings, Activation activation, const ActivationId& id, bool revoked) {
  if (activation.product != holdings.product) return;
  Held& held = held_of(holdings, id);
  held.licence = activation.licence;
  held.generation = activation.generation;
  held.machine_key = activation.machine_key;
  held.revoked = revoked;
  held.activation = std::move(activation);
}

/// A receipt of something that was not given back here says nothing.
void take_in_receipt(Holdings& holdings, const StoredDocument& stored) {
  if (!stored.document) return;
  auto opened = open_receipt(*stored.document);
  if (!opened || opened->receipt->product != holdings.product || !holdings.marks.is_returned(opened->receipt->activation)) return;
  Held& held = held_of(holdings, opened->receipt->activation);
  held.licence = opened->receipt->licence;
  held.generation = opened->receipt->generation;
  held.machine_key = opened->receipt->machine_key;
  held.receipt_document = *stored.document;
  held.receipt = std::move(*opened);
}

/// Damage elsewhere in the state keeps nothing from being given back: what can't be opened is left out.
Outcome<Holdings> look(const Machine& machine, const Store& store, const TrustSource& source, const std::string& product) {
  OAK_TRY(check_product_name(product));
  OAK_ASSIGN(const FoundTrust found, find_trust(machine.disk, source, product));
  if (found.problem) return tl::unexpected(*found.problem);
  const auto stored = store.documents(product);
  if (!stored) return tl::unexpected(state_failure(stored.error()));
  const auto receipts = store.receipts(product);
  if (!receipts) return tl::unexpected(state_failure(receipts.error()));
  Holdings out;
  out.product = product;
  out.unverified = !found.trust;
  OAK_ASSIGN(out.marks, marks_to_change(store, *stored, product));
  std::optional<HeldBulletins> bulletins;
  if (found.trust) bulletins = open_stored_bulletins(stored->bulletins, *found.trust, product);
  for (const StoredDocument& document : stored->activations) {
    if (!document.document) continue;
    if (!bulletins) {
      if (auto read = read_activation_unverified(*document.document)) take_in_activation(out, std::move(read->activation), read->id, false);
    } else if (const auto opened = open_activation(*document.document, bulletins->trusts, product)) {
      take_in_activation(out, *opened->activation, opened->id, bulletins->revocations.revokes(opened->issuer->serial, opened->id));
    }
  }
  for (const StoredDocument& receipt : *receipts) take_in_receipt(out, receipt);
  return out;
}

std::vector<std::string> licences_of(const Holdings& holdings, const std::string& only) {
  std::vector<std::string> out;
  for (const Held& held : holdings.all)
    if ((only.empty() || held.licence == only) && std::find(out.begin(), out.end(), held.licence) == out.end()) out.push_back(held.licence);
  std::sort(out.begin(), out.end());
  return out;
}

std::string name_of(const Held& held) { return "activation " + activation_id_text(held.id) + " of licence " + held.licence; }

Outcome<const Held*> find_by_id(const Holdings& holdings, const std::string& typed) {
  const auto wanted = normalised_activation_id(typed);
  if (!wanted)
    return tl::unexpected(
        Failure{Code::usage, "--activation " + in_quotes(typed) + " is no activation's id", "16 characters, as check shows it"});
  for (const Held& held : holdings.all)
    if (activation_id_text(held.id) == *wanted) return &held;
  return tl::unexpected(Failure{Code::not_activated, "this machine has no activation " + *wanted + " of " + in_quotes(holdings.product),
                                "see what it has: oak-verifier status --product " + holdings.product});
}

Failure several(const Holdings& holdings, const std::vector<const Held*>& choices) {
  std::string names;
  for (const Held* held : choices) names += (names.empty() ? "" : ", ") + name_of(*held);
  return {Code::usage, "several can be given back: " + names,
          "say which: oak-request return --product " + holdings.product + " --activation " + activation_id_text(choices.front()->id)};
}

/// Of each licence the one in force; where no licence has one, of each the one given back last.
Outcome<const Held*> find_in_force(const Holdings& holdings, const ReturnInput& input) {
  std::vector<const Held*> in_force, given_back, revoked;
  for (const std::string& licence : licences_of(holdings, input.licence)) {
    if (const Held* held = holdings.in_force(licence)) in_force.push_back(held);
    const Held* last = nullptr;
    for (const Held& held : holdings.all) {
      if (held.licence != licence) continue;
      if (held.revoked) revoked.push_back(&held);
      const bool is_given_back = holdings.marks.is_returned(held.id) && !(held.receipt && held.receipt->receipt->successor);
      if (is_given_back && (last == nullptr || last->generation < held.generation)) last = &held;
    }
    if (last != nullptr) given_back.push_back(last);
  }
  const std::vector<const Held*>& choices = in_force.empty() ? given_back : in_force;
  if (choices.size() > 1) return tl::unexpected(several(holdings, choices));
  if (!choices.empty()) return choices.front();
  if (!revoked.empty())
    return tl::unexpected(
        Failure{Code::revoked, name_of(*revoked.front()) + " was revoked by the vendor", "there is nothing left to give back"});
  const std::string of_licence = input.licence.empty() ? std::string() : " and licence " + in_quotes(input.licence);
  return tl::unexpected(Failure{Code::not_activated,
                                "no activation of " + in_quotes(holdings.product) + of_licence + " is stored on this machine",
                                "see what it has: oak-verifier status"});
}

/// The desk takes a receipt only by the key that the activation recorded.
Outcome<void> check_machine_key(const Store& store, const Holdings& holdings, const Held& held) {
  const auto own = store.key_pair(holdings.product, MachineKey::machine);
  if (own && own->public_key == held.machine_key) return {};
  if (!own && own.error().code != Code::not_found) return tl::unexpected(state_failure(own.error()));
  return tl::unexpected(Failure{Code::wrong_machine,
                                std::string(own ? "this machine's key is not the one" : "the machine key is not here any more") + " that " +
                                    name_of(held) + " was made for: the vendor would take no receipt by another",
                                "nothing was changed; tell your vendor, whose operator can free the seats by hand"});
}

Outcome<ReturnPlan> plan_for(const Store& store, const Holdings& holdings, const Held& held) {
  ReturnPlan plan;
  plan.ended = holdings.marks.is_returned(held.id);
  plan.kept = held.receipt_document;
  if (plan.kept.empty()) {
    OAK_TRY(check_machine_key(store, holdings, held));
    if (!store.may_write(holdings.product))
      return tl::unexpected(state_write_failure({Code::permission_denied, store.product_folder(holdings.product)}));
  }
  plan.machine_key = held.machine_key;
  if (held.activation) plan.grant = describe_grant(*held.activation);
  plan.receipt.product = holdings.product;
  plan.receipt.licence = held.licence;
  plan.receipt.generation = held.generation;
  plan.receipt.activation = held.id;
  plan.mark_generation = held.generation;
  if (held.receipt) plan.receipt.successor = held.receipt->receipt->successor;
  if (holdings.unverified)
    plan.warnings.push_back("the vendor's trust is not on this machine: what is stored was taken as it claims (or give --trust FILE)");
  return plan;
}

bool is_in_window(const Machine& machine, const Holdings& holdings, const Activation& activation) {
  return activation.kind == Kind::permanent || !judge_window(activation, holdings.marks.time_unix_s, machine.clock.now_unix_s());
}

/// Strictly: not by grace.
bool fits_now(const Machine& machine, const Store& store, const Holdings& holdings, const Activation& activation) {
  if (!is_in_window(machine, holdings, activation)) return false;
  const auto key = store.fingerprint_key(holdings.product, activation.fingerprint_key);
  if (!key) return false;
  const Sighting seen = observe_with_snapshot(machine.disk, machine.host, collect_components(machine.host), holdings.product, key->key);
  return judge(activation.fingerprint, seen.observations, activation.policy).accept;
}

/// True of one that `next` has replaced, or may replace now: nothing that the old one covered would be missing.
bool may_end(const Machine& machine, const Store& store, const Holdings& holdings, const Held& old, const Held& next) {
  const LicenceMarks* licence = holdings.marks.find_licence(next.licence);
  if (licence != nullptr && licence->generation >= next.generation) return true;
  return next.activation->versions.covers(old.activation->versions) && fits_now(machine, store, holdings, *next.activation);
}

/// Older than `next`, of more seats: the vendor counts those until the receipt is in.
bool is_replaced(const Held& old, const Held& next) {
  if (old.licence != next.licence || old.generation >= next.generation) return false;
  if (old.receipt) return old.receipt->receipt->successor == next.id;
  return old.activation && !old.revoked && old.activation->seats > next.activation->seats;
}

std::string not_yet_text(const Held& old, const Held& next) {
  return "the " + std::to_string(old.activation->seats) + " seats of " + name_of(old) + " count until " + activation_id_text(next.id) +
         " has been active once; the receipt comes after that";
}

/// Comes before the receipt is made: whoever has a receipt has no activation any more.
Status mark_returned(Store& store, const ReturnPlan& plan) {
  OAK_ASSIGN(auto marks, store.marks(plan.receipt.product));
  if (!marks) return fail(Code::damaged_state, store.product_folder(plan.receipt.product) + "/marks.oak");
  bool changed = marks->add_returned(plan.receipt.activation);
  for (const ActivationId& id : plan.also_ended) changed |= marks->add_returned(id);
  changed |= marks->advance_generation(plan.receipt.licence, plan.mark_generation, plan.taken_over_by.value_or(plan.receipt.activation));
  if (changed) OAK_TRY(store.put_marks(*marks));
  return {};
}

/// The first receipt that was made stays the one, but for one that is damaged.
Result<Bytes> keep_receipt(Store& store, const Machine& machine, const ReturnPlan& plan) {
  const std::string& product = plan.receipt.product;
  const ActivationId& id = plan.receipt.activation;
  const auto kept = [&]() -> std::optional<Bytes> {
    auto document = store.receipt(product, id);
    const auto opened = document ? open_receipt(*document) : fail(Code::not_found);
    if (!opened || opened->receipt->activation != id) return std::nullopt;
    return std::move(*document);
  };
  if (auto first = kept()) return std::move(*first);
  OAK_ASSIGN(const KeyPair machine_key, store.key_pair(product, MachineKey::machine));
  Receipt receipt = plan.receipt;
  receipt.returned_at_unix_s = std::min(machine.clock.now_unix_s(), max_unix_s);
  Bytes document = seal_receipt(receipt, machine_key);
  const Existing existing = store.has_receipt(product, id) ? Existing::replace : Existing::refuse;
  const auto written = store.put_receipt(product, id, document, existing);
  if (written) return document;
  if (written.error().code != Code::already_exists) return tl::unexpected(written.error());
  if (auto first = kept()) return std::move(*first);
  return tl::unexpected(written.error());
}

}  // namespace

Outcome<ReturnPlan> plan_return(const Machine& machine, const TrustSource& source, const ReturnInput& input) {
  const Store store(machine.disk, machine.state_dir, machine.own_uid);
  OAK_ASSIGN(const Holdings holdings, look(machine, store, source, input.product));
  OAK_ASSIGN(const Held* const held, input.activation.empty() ? find_in_force(holdings, input) : find_by_id(holdings, input.activation));
  if (held->revoked && !holdings.marks.is_returned(held->id))
    return tl::unexpected(Failure{Code::revoked, name_of(*held) + " was revoked by the vendor", "there is nothing left to give back"});
  OAK_ASSIGN(ReturnPlan plan, plan_for(store, holdings, *held));
  const Held* const newest = holdings.in_force(held->licence);
  const bool newer_stays = newest != nullptr && newest->generation > held->generation;
  if (plan.kept.empty() && newer_stays) plan.receipt.successor = newest->id;
  if (newer_stays || plan.ended) return plan;
  for (const Held& other : holdings.all)
    if (other.licence == held->licence && other.generation < held->generation && !holdings.marks.is_returned(other.id))
      plan.also_ended.push_back(other.id);
  return plan;
}

Outcome<ReplacedPlans> plan_replaced(const Machine& machine, const TrustSource& source, const ReturnInput& input) {
  const Store store(machine.disk, machine.state_dir, machine.own_uid);
  OAK_ASSIGN(const Holdings holdings, look(machine, store, source, input.product));
  const Held* wanted = nullptr;
  if (!input.activation.empty()) {
    OAK_ASSIGN(wanted, find_by_id(holdings, input.activation));
  }
  ReplacedPlans out;
  for (const Held& old : holdings.all) {
    if (!input.licence.empty() && old.licence != input.licence) continue;
    if (wanted != nullptr && wanted != &old) continue;
    const Held* const next = holdings.in_force(old.licence);
    if (next == nullptr || !is_replaced(old, *next)) continue;
    if (!holdings.marks.is_returned(old.id) && !may_end(machine, store, holdings, old, *next)) {
      out.not_yet = not_yet_text(old, *next);
      continue;
    }
    OAK_ASSIGN(ReturnPlan plan, plan_for(store, holdings, old));
    plan.receipt.successor = next->id;
    if (!plan.ended) {
      plan.taken_over_by = next->id;
      plan.mark_generation = next->generation;
    }
    out.plans.push_back(std::move(plan));
  }
  return out;
}

Outcome<Bytes> give_back(const Machine& machine, const ReturnPlan& plan) {
  Store store(machine.disk, machine.state_dir, machine.own_uid);
  const auto done = [&]() -> Result<Bytes> {
    OAK_TRY(mark_returned(store, plan));
    if (!plan.kept.empty()) return plan.kept;
    return keep_receipt(store, machine, plan);
  }();
  if (!done) return tl::unexpected(state_write_failure(done.error()));
  return *done;
}

}  // namespace oak
