// Goal: whatever sites ask, in whatever order, with answers lost and repeated and everything approved that can be, the
// seats that the ledger counts never exceed those that were bought, and never fall below what a small model of the sites
// says is still out there. The model knows rules 2 and 3 only: a place in the sum falls by a receipt, a revocation, a
// certificate's end, or a move that an operator approved within the quota; and without an operator an activation gives way
// only to its own machine key on its own hardware.
// It does not prove what a rolled back machine does: receipts are believed here.
#include <catch2/catch.hpp>

#include "tests/unit/issuer_world.h"

namespace oak::desk_test {
namespace {

const std::vector<std::string> approve_all = {"weak-fingerprint",  "hardware-already-active", "needs-receipt",   "rehost-quota",
                                              "certificate-limit", "too-early-to-renew",      "not-allowed-here"};

/// What is out there in one line of succession: each activation that a machine may still run; and who holds the newest.
struct Line {
  struct Held {
    std::uint64_t seats;
    std::optional<std::uint64_t> end;
  };
  std::vector<Held> held;
  PublicKey machine_key{};
  Hardware hardware;
  std::uint64_t seats(std::uint64_t now) const {
    std::uint64_t most = 0;
    for (const Held& one : held)
      if (!one.end || now <= *one.end) most = std::max(most, one.seats);
    return most;
  }
};

class History {
 public:
  explicit History(std::uint64_t seed) : random_(seed) {
    bought_ = 3 + random_.pick(6);
    desk_.add(licence_of(bought_));
    for (int i = 0; i < 5; ++i) sites_.push_back(make_site(random_, std::to_string(i)));
  }

  void step() {
    desk_.now += random_.pick(12) * day;
    Site& site = sites_[random_.pick(sites_.size())];
    switch (random_.pick(10)) {
      case 0: return repeat();
      case 1: return change_hardware(site);
      case 2: return end(site, random_.pick(2) == 0 ? LeafKind::returned : LeafKind::revoked);
      case 3: return sell();
      case 4: site.key = make_key_pair(random_); return;
      case 5: site.holds = std::nullopt; return;
      default: return ask(site);
    }
  }

  void check() {
    const std::uint64_t counted = desk_.live_seats_of("L1");
    std::uint64_t out_there = 0;
    for (const auto& [head, line] : lines_) out_there += line.seats(desk_.now);
    REQUIRE(counted <= bought_);
    REQUIRE(out_there <= counted);
  }

  std::uint64_t issued = 0, refused = 0, repeats = 0;

 private:
  void ask(Site& site) {
    const Wish wish{.seats = 1 + random_.pick(4), .with_proof = random_.pick(4) > 0};
    OpenedRequest request = arrive(site, request_from(site, wish, random_), wish.with_proof ? &desk_.proof_key() : nullptr);
    Terms terms;
    if (random_.pick(2) == 0) terms.approvals = approve_all;
    if (random_.pick(3) == 0) terms.days = 1 + random_.pick(40);
    const Issued answer = desk_.issue(request, terms);
    earlier_.push_back(std::move(request));
    if (!answer.record) return static_cast<void>(++refused);
    ++issued;
    take_in(answer, site);
    if (random_.pick(3) > 0) site.holds = answer.record;  // else the answer is lost on its way
  }

  void take_in(const Issued& answer, const Site& site) {
    Line line;
    const Grant& grant = answer.grant;
    if (grant.supersedes) {
      const auto old = lines_.find(*grant.supersedes);
      REQUIRE(old != lines_.end());
      if (!was_decided_by_operator(grant)) {
        REQUIRE(old->second.machine_key == site.key.public_key);
        REQUIRE(is_same_machine(old->second.hardware, site.hardware));
        REQUIRE_FALSE(grant.uses_quota);
      }
      if (!grant.uses_quota) line.held = old->second.held;
      lines_.erase(old);
    }
    line.held.push_back({answer.record->activation.seats, answer.record->activation.not_after_unix_s});
    line.machine_key = site.key.public_key;
    line.hardware = site.hardware;
    lines_[answer.record->id] = line;
  }

  static bool was_decided_by_operator(const Grant& grant) {
    return std::any_of(grant.approvals.begin(), grant.approvals.end(),
                       [](const std::string& code) { return code == "needs-receipt" || code == "hardware-already-active"; });
  }

  /// The platform that was enrolled, or all that was.
  static bool is_same_machine(const Hardware& enrolled, const Hardware& now) {
    const auto kept = [](const std::string& before, const std::string& after) { return before.empty() || before == after; };
    if (!enrolled.uuid.empty() && enrolled.uuid == now.uuid) return true;
    return kept(enrolled.uuid, now.uuid) && kept(enrolled.mac, now.mac) && kept(enrolled.disk, now.disk) && kept(enrolled.os, now.os) &&
           kept(enrolled.model, now.model);
  }

  void repeat() {
    if (earlier_.empty()) return;
    const OpenedRequest& request = earlier_[random_.pick(earlier_.size())];
    const std::uint64_t size = *desk_.ledger().size();
    const bool was_answered = desk_.ledger().answer_to(request.payload)->has_value();
    if (!was_answered) return;
    const Issued answer = desk_.issue(request, {approve_all, std::nullopt});
    REQUIRE(*desk_.ledger().size() == size);
    repeats += answer.repeat ? 1 : 0;
  }

  void change_hardware(Site& site) {
    const std::string name = std::to_string(random_.pick(1000));
    if (random_.pick(2) == 0) site.hardware.mac = "mac-" + name;
    if (random_.pick(2) == 0) site.hardware.disk = random_.pick(4) == 0 ? "" : "disk-" + name;
    if (random_.pick(3) == 0) site.hardware.uuid = random_.pick(4) == 0 ? "" : "uuid-" + name;
    if (random_.pick(6) == 0) site.hardware = sites_[random_.pick(sites_.size())].hardware;
  }

  void end(const Site& site, LeafKind kind) {
    if (!site.holds) return;
    const auto record = *desk_.ledger().activation(site.holds->id);
    if (record->state != ActivationState::live) return;
    desk_.end(kind, record->id);
    lines_.erase(record->id);
  }

  void sell() {
    const std::uint64_t least = std::max<std::uint64_t>(1, desk_.live_seats_of("L1"));
    bought_ = least + random_.pick(4);
    desk_.change(licence_of(bought_));
  }

  SeededRandom random_;
  SmallDesk desk_;
  std::uint64_t bought_ = 0;
  std::vector<Site> sites_;
  std::vector<OpenedRequest> earlier_;
  std::map<ActivationId, Line> lines_;
};

}  // namespace

TEST_CASE("random histories keep the sum between what is out there and what was bought", "[issuer][history]") {
  std::uint64_t issued = 0, refused = 0, repeats = 0;
  for (std::uint64_t seed = 1; seed <= 70; ++seed) {
    History history(seed);
    for (int step = 0; step < 60; ++step) {
      INFO("seed " << seed << ", step " << step);
      history.step();
      history.check();
    }
    issued += history.issued, refused += history.refused, repeats += history.repeats;
  }
  // The histories must have been worth the name.
  CHECK(issued > 500);
  CHECK(refused > 200);
  CHECK(repeats > 50);
}

}  // namespace oak::desk_test
