#pragma once
// A desk with some history, and a hand that changes its ledger behind its back.

#include <sqlite3.h>

#include <functional>

#include "core/receipt.h"
#include "issuer/audit.h"
#include "issuer/checkpointing.h"
#include "tests/unit/issuer_desk_world.h"

namespace oak::desk_test {

class UsedDesk : public OpenDesk {
 public:
  UsedDesk() : OpenDesk(8) {
    sell("L2", 2);
    for (const char* name : {"a", "b", "c", "d"}) sites.push_back(make_site(random, name));
    give(sites[0], {.seats = 2});
    first = *sites[0].holds;
    give(sites[1], {.seats = 1}, 30);
    give(sites[2], {.seats = 1, .licence = "L2"});
    clock.now += day;
    give(sites[0], {.seats = 3});  // supersedes
    give(sites[3], {.seats = 1});
    clock.now += day;
    give_back(*sites[3].holds, sites[3].key);
    give(sites[0], {.seats = 1});  // fewer: unreturned
    append(LeafKind::revoked, EndedLeaf{sites[2].holds->id, {}});
  }

  void give(Site& site, const Wish& wish, std::optional<std::uint64_t> days = {}) {
    IssueTerms terms;
    terms.days = days;
    const auto issued = answer(document(site, wish), terms);
    if (!issued || !issued->refusals.empty()) throw std::runtime_error("not issued");
    site.holds = issued->record;
  }
  Bytes receipt_of(const ActivationRecord& record, const KeyPair& machine) const {
    Receipt receipt;
    receipt.product = record.activation.product;
    receipt.licence = record.activation.licence;
    receipt.returned_at_unix_s = clock.now;
    receipt.generation = record.activation.generation;
    receipt.activation = record.id;
    return seal_receipt(receipt, machine);
  }
  void give_back(const ActivationRecord& record, const KeyPair& machine) {
    append(LeafKind::returned, ReturnedLeaf{record.id, receipt_of(record, machine), {}, true});
  }
  template <typename Body>
  void append(LeafKind kind, Body body) {
    const std::uint64_t index = *desk->ledger().size();
    if (!desk->ledger().append({index, kind, clock.now, "olga", {}, std::move(body)})) throw std::runtime_error("not appended");
  }

  AuditResult audited(const std::vector<std::string>& against = {}, bool with_key = false) {
    AuditInput input{desk_folder, against, {}, {}, clock.now, with_key ? &ledger_key : nullptr};
    auto result = audit(disk, input);
    if (!result) throw std::runtime_error(result.error().message);
    return std::move(*result);
  }
  std::string ledger_path() const { return desk_folder + "/ledger.sqlite"; }

  void run(const std::string& sql) {
    sqlite3* database = nullptr;
    char* said = nullptr;
    const bool done = sqlite3_open(ledger_path().c_str(), &database) == SQLITE_OK &&
                      sqlite3_exec(database, ("PRAGMA synchronous = OFF; " + sql).c_str(), nullptr, nullptr, &said) == SQLITE_OK;
    const std::string why = said ? said : "";
    sqlite3_free(said);
    sqlite3_close(database);
    if (!done) throw std::runtime_error(sql + ": " + why);
  }
  Bytes leaf_bytes(std::uint64_t index) { return encode_leaf(*desk->ledger().leaf(index)); }
  void set_leaf(std::uint64_t index, ByteView leaf) {
    run("UPDATE entries SET leaf = x'" + to_hex(leaf) + "' WHERE idx = " + std::to_string(index));
  }
  void change_leaf(std::uint64_t index, const std::function<void(Leaf&)>& change) {
    Leaf leaf = *desk->ledger().leaf(index);
    change(leaf);
    set_leaf(index, encode_leaf(leaf));
  }
  /// As the desk's operator could: signed again with the desk's own issuer key.
  void change_activation(std::uint64_t index, const std::function<void(Activation&)>& change) {
    change_leaf(index, [&](Leaf& leaf) {
      auto& issued = std::get<IssuedLeaf>(leaf.body);
      Activation activation = read_activation_unverified(issued.activation)->activation;
      change(activation);
      issued.activation = seal_activation(activation, *keys.issuer, keys.certificate);
    });
  }
  MadeCheckpoint checkpoint(const std::vector<std::uint64_t>& old_sizes = {}) {
    auto made = make_checkpoint(*desk, world, ledger_key, old_sizes);
    if (!made) throw std::runtime_error(made.error().message);
    return std::move(*made);
  }
  std::string note_file(const std::string& name, const MadeCheckpoint& made) {
    write(name + ".proofs", made.proofs);
    return write(name, made.note);
  }

  std::vector<Site> sites;
  ActivationRecord first;  ///< of site 0, which took two others in its place since
};

}  // namespace oak::desk_test
