// Goal: an audit holds against the entries before them what a desk told the field: bulletins that spare a revoked activation or name a
// sound one, key bulletins that let something survive which they must not, and what a key signed after the roots took it back.
#include <catch2/catch.hpp>

#include "issuer/draft.h"
#include "issuer/revoking.h"
#include "issuer/rotate.h"
#include "tests/unit/issuer_ledger_world.h"

namespace oak::desk_test {
namespace {

using Catch::Contains;

struct TellingDesk : UsedDesk {
  void found(std::uint64_t entry, const std::string& said) {
    const AuditResult result = audited();
    REQUIRE_FALSE(result.faults.empty());
    CHECK(result.faults.front().entry == std::optional(entry));
    CHECK_THAT(result.faults.front().message, Contains(said));
  }
  void sound() {
    const AuditResult result = audited();
    INFO(audit_report(result).text);
    CHECK(result.faults.empty());
  }
  std::uint64_t tell(Bulletin bulletin) {
    bulletin.product = "demo", bulletin.issued_at_unix_s = clock.now;
    if (bulletin.number == 0) bulletin.number = *desk->ledger().size();
    append(LeafKind::bulletin_signed, PublishedLeaf{seal_bulletin(bulletin, *keys.issuer, keys.certificate)});
    return *desk->ledger().size() - 1;
  }
  /// Signed by two roots, as the desk keeps them.
  std::uint64_t tell(KeyBulletin bulletin) {
    bulletin.number = *desk->ledger().size();
    Draft draft{DocumentType::key_bulletin, encode_key_bulletin(bulletin), {}};
    for (const char* root : {"1", "2"})
      REQUIRE(sign_draft(world, desk_folder + "/roots/" + root, *quorums_of(draft, &desk->trust()), draft));
    append(LeafKind::bulletin_signed, PublishedLeaf{encode_draft(draft)});
    return *desk->ledger().size() - 1;
  }
};

}  // namespace

TEST_CASE("an issuer's bulletin names what is revoked, all of it and nothing else", "[issuer][audit]") {
  TellingDesk office;
  const ActivationId revoked = office.sites[2].holds->id, live = office.sites[1].holds->id;
  SECTION("as the desk makes it") {
    REQUIRE(make_bulletin(*office.desk, office.world, *office.keys.issuer, office.keys.certificate, "demo"));
    office.sound();
  }
  SECTION("what the revoked one took the place of is named too") {
    const ActivationId last = office.sites[0].holds->id;
    office.append(LeafKind::revoked, EndedLeaf{last, {}});
    const auto made = make_bulletin(*office.desk, office.world, *office.keys.issuer, office.keys.certificate, "demo");
    REQUIRE(made);
    CHECK(made->bulletin.revoked.size() == 4);
    office.sound();
    Bulletin without = made->bulletin;
    without.number = 0;
    without.revoked.erase(std::find(without.revoked.begin(), without.revoked.end(), office.first.id));
    office.found(office.tell(without), "does not name a revoked activation, " + activation_id_text(office.first.id));
  }
  SECTION("one is spared") { office.found(office.tell(Bulletin{}), "does not name a revoked activation, " + activation_id_text(revoked)); }
  SECTION("a live one is named") {
    Bulletin bulletin;
    bulletin.revoked = {revoked, live};
    std::sort(bulletin.revoked.begin(), bulletin.revoked.end());
    office.found(office.tell(bulletin), "names an activation that is not revoked, " + activation_id_text(live));
  }
  SECTION("its number is another entry's") {
    Bulletin bulletin;
    bulletin.number = 4000, bulletin.revoked = {revoked};
    office.found(office.tell(bulletin), "another number, 4000");
  }
}

TEST_CASE("a key bulletin lets survive what its key has signed and nobody revoked", "[issuer][audit]") {
  TellingDesk office;
  const ActivationId revoked = office.sites[2].holds->id, live = office.sites[1].holds->id;
  const auto bulletin = [&](std::vector<ActivationId> survivors, std::uint64_t drafted_at) {
    KeyBulletin out;
    out.issued_at_unix_s = drafted_at;
    out.revoked_issuers = {{1, std::move(survivors)}};
    return out;
  };
  SECTION("what is live") {
    office.tell(bulletin({live}, office.clock.now));
    office.sound();
  }
  SECTION("what the ledger does not know") {
    office.found(office.tell(bulletin({ActivationId{7}}, office.clock.now)), "has not signed in any entry before");
  }
  SECTION("what was revoked before it was drafted") {
    office.clock.now += 1;
    office.found(office.tell(bulletin({revoked}, office.clock.now)), "was revoked");
  }
  SECTION("what was revoked while roots signed") {
    office.tell(bulletin({revoked}, office.clock.now - day));
    office.sound();
  }
  SECTION("keys of another desk are its own business") {
    KeyBulletin other;
    other.issued_at_unix_s = office.clock.now;
    other.revoked_issuers = {{77, {ActivationId{7}}}};
    office.tell(other);
    office.sound();
  }
  SECTION("and the key signs nothing any more") {
    const std::uint64_t entry = office.tell(bulletin({live}, office.clock.now));
    office.give(office.sites[3], {});
    office.found(entry + 1, "by an issuer key that entry " + std::to_string(entry) + " takes back");
  }
}

}  // namespace oak::desk_test
