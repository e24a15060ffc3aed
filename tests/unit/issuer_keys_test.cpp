// Goal: what roots sign in turn is put in place once, whatever cuts an import off; a stolen issuer key takes nothing with it that
// the ledger knows; numbers and lists stay within what machines can read. The commands themselves: tests/cli/keys_test.sh.
#include <catch2/catch.hpp>

#include <algorithm>

#include "core/bulletin.h"
#include "core/receipt.h"
#include "issuer/certify.h"
#include "issuer/key_import.h"
#include "issuer/keys.h"
#include "issuer/returning.h"
#include "issuer/revoking.h"
#include "issuer/rotate.h"
#include "tests/unit/issuer_desk_world.h"

namespace oak::desk_test {
namespace {

/// A desk whose three roots lie where init put them.
class KeyDesk : public OpenDesk {
 public:
  using OpenDesk::OpenDesk;
  std::string root(int number) const { return desk_folder + "/roots/" + std::to_string(number); }
  std::vector<Quorum> quorums(const Draft& draft) { return *quorums_of(draft, &desk->trust()); }
  Bytes signed_by(Draft draft, std::initializer_list<int> roots) {
    for (const int number : roots) REQUIRE(sign_draft(world, root(number), quorums(draft), draft));
    return encode_draft(draft);
  }
  Outcome<ImportedKeys> import(ByteView file) { return import_root_document(*desk, world, file, "signed.oak"); }
  std::uint64_t ledger_size() { return *desk->ledger().size(); }
  /// A new issuer key, certified, which signs from now on.
  void next_issuer() {
    CertifyInput input;
    const auto made = draft_certificate(*desk, world, input);
    REQUIRE(made);
    REQUIRE(import(signed_by(made->draft, {1, 2})));
    take_keys();
  }
  void take_keys() {
    REQUIRE(desk->unlock_issuer(world, keys.issuer.emplace()));
    keys.certificate = *desk->issuer_certificate(world);
  }
  /// A new root in place of root 1, signed by the two that stay.
  void replace_first_root(const std::string& medium) {
    const PublicKey gone = *shown_key(disk, root(1), root_key_file);
    const PublicKey made = *make_root(world, folder.path() + "/" + medium, "root-4");
    const auto draft = draft_new_trust(*desk, world, {{key_id_text(gone)}, {made}, {}});
    REQUIRE(draft);
    REQUIRE(import(signed_by(*draft, {2, 3})));
    reopen();
  }
  void reopen() {
    desk.reset();
    desk = std::make_unique<Desk>(std::move(*Desk::open(world, desk_folder)));
  }
  ActivationRecord issued(const Wish& wish = {}) { return issued(make_site(random, "site " + std::to_string(++sites_)), wish); }
  ActivationRecord issued(const Site& site, const Wish& wish = {}, IssueTerms terms = {}) {
    auto answered = answer(document(site, wish), std::move(terms));
    REQUIRE(answered);
    REQUIRE(codes_of(answered->refusals).empty());
    return answered->record;
  }

  void revoke(const ActivationRecord& record) {
    const auto revoked = revoke_activation(*desk, world, "stolen", record.id);
    REQUIRE(revoked);
    REQUIRE(revoked->refusals.empty());
  }
  void give_back(const ActivationRecord& record, const Site& site) {
    Receipt receipt;
    receipt.product = record.activation.product, receipt.licence = record.activation.licence;
    receipt.returned_at_unix_s = clock.now, receipt.generation = record.activation.generation, receipt.activation = record.id;
    const auto accepted = accept_receipt(*desk, world, {}, seal_receipt(receipt, site.key));
    REQUIRE(accepted);
    REQUIRE(accepted->refusals.empty());
  }

 private:
  int sites_ = 0;
};

std::vector<RevokedIssuer> revoked_in(const Draft& draft) { return decode_key_bulletin(draft.payload)->revoked_issuers; }

}  // namespace

TEST_CASE("an import that was cut off goes on, and is recorded once", "[issuer][keys]") {
  KeyDesk office;
  const auto made = draft_certificate(*office.desk, office.world, {});
  REQUIRE(made);
  const Bytes certificate = office.signed_by(made->draft, {3, 1});
  const std::uint64_t before = office.ledger_size();
  REQUIRE(office.import(certificate));
  CHECK(office.ledger_size() == before + 1);
  // The entry is written, the certificate is not.
  std::filesystem::remove(office.desk_folder + "/" + issuer_certificate_path("issuer-2"));
  REQUIRE(keep_draft(office.disk, office.desk_folder, issuer_draft_path("issuer-2"), made->draft));
  REQUIRE(office.import(certificate));
  CHECK(office.ledger_size() == before + 1);
  CHECK(chosen_issuer(office.disk, *office.desk, {})->name == "issuer-2");
}

TEST_CASE("a stolen issuer key takes with it only what the ledger does not know", "[issuer][keys]") {
  KeyDesk office;
  Site moved = make_site(office.random, "moved");
  const ActivationRecord first = office.issued(moved);
  moved.holds = first;
  const ActivationRecord successor = office.issued(moved);
  IssueTerms month;
  month.days = 30;
  const ActivationRecord ends = office.issued(make_site(office.random, "ends"), {}, month);
  office.next_issuer();
  const ActivationRecord other = office.issued();
  office.clock.now += 31 * day;

  const auto revocation = draft_revocation(*office.desk, office.world, "issuer-1", {});
  REQUIRE(revocation);
  REQUIRE(revoked_in(revocation->draft).size() == 1);
  // A machine may run on the superseded one still, while its successor is on the way.
  std::vector<ActivationId> expected = {first.id, successor.id};
  std::sort(expected.begin(), expected.end());
  CHECK(revoked_in(revocation->draft).front().survivors == expected);
  const auto without = draft_revocation(*office.desk, office.world, "1", {activation_id_text(successor.id)});
  REQUIRE(without);
  CHECK(revoked_in(without->draft).front().survivors == std::vector<ActivationId>{first.id});
  CHECK(draft_revocation(*office.desk, office.world, "issuer-9", {}).error().code == Code::not_found);
  static_cast<void>(ends);
  static_cast<void>(other);
}

TEST_CASE("nothing of a chain that was revoked or given back survives its issuer key", "[issuer][keys]") {
  // A machine that never imported the last of a chain would run on what it took the place of: each link must be out of the list,
  // whoever signed the last.
  KeyDesk office(4);
  std::vector<Site> sites;
  for (const char* name : {"revoked", "given back", "by the next key", "live"}) sites.push_back(make_site(office.random, name));
  std::vector<ActivationRecord> first;
  for (Site& site : sites) {
    first.push_back(office.issued(site));
    site.holds = first.back();
  }
  const ActivationRecord revoked = office.issued(sites[0]), returned = office.issued(sites[1]), live = office.issued(sites[3]);
  office.next_issuer();
  const ActivationRecord by_other = office.issued(sites[2]);
  for (const ActivationRecord& record : {revoked, by_other}) office.revoke(record);
  office.give_back(returned, sites[1]);

  const auto revocation = draft_revocation(*office.desk, office.world, "issuer-1", {});
  REQUIRE(revocation);
  std::vector<ActivationId> expected = {first[3].id, live.id};
  std::sort(expected.begin(), expected.end());
  CHECK(revoked_in(revocation->draft).front().survivors == expected);
}

TEST_CASE("what was revoked after its issuer key is out of the next list", "[issuer][keys]") {
  // That key signs no bulletin any more: only the roots can tell the field.
  KeyDesk office;
  const ActivationRecord stays = office.issued(), goes = office.issued();
  office.next_issuer();
  const auto revocation = draft_revocation(*office.desk, office.world, "issuer-1", {});
  REQUIRE(revocation);
  CHECK(revoked_in(revocation->draft).front().survivors.size() == 2);
  REQUIRE(office.import(office.signed_by(revocation->draft, {1, 2})));
  office.revoke(goes);
  const auto others = [&] { return make_bulletin(*office.desk, office.world, *office.keys.issuer, office.keys.certificate, {})->others; };
  REQUIRE(others().size() == 1);
  CHECK(others().front().taken_back);
  const auto next = draft_key_bulletin(*office.desk, office.world);
  REQUIRE(next);
  CHECK(revoked_in(*next).front().survivors == std::vector<ActivationId>{stays.id});
  REQUIRE(office.import(office.signed_by(*next, {1, 2})));
  CHECK(others().empty());
}

TEST_CASE("a key that was certified twice is revoked under both certificates", "[issuer][keys]") {
  // Whoever has the key may sign under the certificate that was replaced.
  KeyDesk office;
  const ActivationRecord before = office.issued();
  CertifyInput again;
  again.issuer = "issuer-1";
  again.like_before = true;
  const auto renewed = draft_certificate(*office.desk, office.world, again);
  REQUIRE(renewed);
  CHECK(renewed->serial == 2);
  REQUIRE(office.import(office.signed_by(renewed->draft, {1, 3})));
  const auto revocation = draft_revocation(*office.desk, office.world, "issuer-1", {});
  REQUIRE(revocation);
  CHECK(revocation->serials == std::vector<std::uint64_t>{1, 2});
  const auto revoked = revoked_in(revocation->draft);
  REQUIRE(revoked.size() == 2);
  CHECK(revoked[0].survivors == std::vector<ActivationId>{before.id});
  CHECK(revoked[1].survivors.empty());
  REQUIRE(office.import(office.signed_by(revocation->draft, {1, 2})));
  CHECK(chosen_issuer(office.disk, *office.desk, {}).error().code == Code::issuer_not_allowed);
  CHECK(draft_certificate(*office.desk, office.world, again).error().code == Code::issuer_not_allowed);
}

TEST_CASE("key bulletins grow in number, and say again what was said before", "[issuer][keys]") {
  KeyDesk office;
  CHECK(draft_key_bulletin(*office.desk, office.world).error().code == Code::usage);
  office.next_issuer();
  const auto one = draft_revocation(*office.desk, office.world, "issuer-1", {});
  REQUIRE(one);
  REQUIRE(office.import(office.signed_by(one->draft, {1, 2})));
  office.next_issuer();
  const auto two = draft_revocation(*office.desk, office.world, "issuer-2", {});
  REQUIRE(two);
  CHECK(decode_key_bulletin(two->draft.payload)->number > decode_key_bulletin(one->draft.payload)->number);
  CHECK(revoked_in(two->draft).size() == 2);
  REQUIRE(office.import(office.signed_by(two->draft, {1, 2})));
  CHECK(office.import(office.signed_by(one->draft, {1, 2})).error().code == Code::refused);
}

TEST_CASE("a key that was taken back signs no more though the bulletin's file is lost, and its serial is nobody else's", "[issuer][keys]") {
  // Keys are copied as files, the ledger is not: whoever puts an older copy of them back must not bring the key back.
  KeyDesk office;
  const auto revocation = draft_revocation(*office.desk, office.world, "issuer-1", {});
  REQUIRE(revocation);
  const std::string file = key_bulletin_path(decode_key_bulletin(revocation->draft.payload)->number);
  REQUIRE(office.import(office.signed_by(revocation->draft, {1, 2})));
  REQUIRE(std::filesystem::remove(office.desk_folder + "/" + file));
  CHECK(chosen_issuer(office.disk, *office.desk, {}).error().code == Code::issuer_not_allowed);
  for (const std::string& path : {issuer_key_path("issuer-1"), issuer_certificate_path("issuer-1")})
    REQUIRE(std::filesystem::remove(office.desk_folder + "/" + path));
  const auto made = draft_certificate(*office.desk, office.world, {});
  REQUIRE(made);
  CHECK(made->serial == 2);
}

TEST_CASE("new roots hold at the desk though its trust is an old copy, and the same import mends that", "[issuer][keys]") {
  KeyDesk office;
  const std::string path = office.desk_folder + "/" + std::string(trust_file);
  const Bytes old_copy = office.disk.read(path, 1 << 16)->bytes;
  office.replace_first_root("fourth");
  const Trust known = office.desk->trust();
  REQUIRE(office.disk.write(path, old_copy, 0644, Existing::replace));
  std::filesystem::remove(office.desk_folder + "/" + new_trust_path(2));
  office.reopen();
  CHECK(office.desk->trust().number == 2);
  CHECK(office.desk->trust().roots == known.roots);
  const auto field = draft_key_bulletin(*office.desk, office.world);
  REQUIRE(field);
  CHECK_FALSE(decode_key_bulletin(field->payload)->new_trust.empty());
  const std::uint64_t size = office.ledger_size();
  REQUIRE(office.import(office.desk->ledger().key_documents(LeafKind::roots_changed)->back()));
  CHECK(office.ledger_size() == size);
  CHECK(read_desk_trust(office.disk, office.desk_folder)->trust.number == 2);
}

TEST_CASE("after a change of roots the desk opens what it issued, and machines need no trust that they can't have", "[issuer][keys]") {
  KeyDesk office;
  // The certificate of issuer-1 is by roots 1 and 2.
  const ActivationRecord old = office.issued();
  const Trust first = office.desk->trust();
  office.replace_first_root("fourth");
  const Trust second = office.desk->trust();
  CHECK(second.number == 2);
  CHECK(open_activation(old.document, second, "demo"));
  office.take_keys();
  CHECK(open_activation(office.issued().document, first, "demo"));

  // What tells the field is for the roots that it knows.
  const auto draft = draft_key_bulletin(*office.desk, office.world);
  REQUIRE(draft);
  const std::vector<Quorum> quorums = office.quorums(*draft);
  REQUIRE(quorums.size() == 1);
  CHECK(quorums.front().roots == first.roots);
  const Bytes bulletin = office.signed_by(*draft, {1, 2});
  CHECK(open_key_bulletin(bulletin, first));
  CHECK(open_key_bulletin(bulletin, second));
  REQUIRE(office.import(bulletin));

  // A release that counts nothing of the old roots doesn't miss their bulletins either.
  const auto strict = trust_to_sign(office.world, *office.desk, {{}, {}, {}, true});
  REQUIRE(strict);
  CHECK(decode_trust(*strict)->earlier.empty());
  CHECK(decode_trust(*strict)->lowest_bulletin > decode_key_bulletin(draft->payload)->number);
  CHECK(*issuers_not_under(office.disk, *office.desk, *decode_trust(*strict)) == std::vector<std::string>{"issuer-1"});
}

TEST_CASE("a new trust that too few have signed, or another desk drafted, is not taken", "[issuer][keys]") {
  KeyDesk office;
  const PublicKey gone = *shown_key(office.disk, office.root(1), root_key_file);
  const PublicKey made = *make_root(office.world, office.folder.path() + "/new", "root-4");
  const auto draft = draft_new_trust(*office.desk, office.world, {{key_id_text(gone)}, {made}, std::uint64_t{3}});
  REQUIRE(draft);
  // Two old roots are enough of the old, and not of the new, of which all three must sign.
  const auto missing = missing_signatures(*draft, office.quorums(*draft));
  CHECK(missing.count == 5);
  CHECK(office.import(office.signed_by(*draft, {1, 2})).error().code == Code::not_enough_signatures);
  Draft whole = *draft;
  for (const std::string& folder : {office.root(2), office.root(3), office.folder.path() + "/new"})
    REQUIRE(sign_draft(office.world, folder, office.quorums(whole), whole));
  CHECK(missing_signatures(whole, office.quorums(whole)).count == 0);
  Draft swapped = whole;
  Trust other = *decode_trust(whole.payload);
  other.sealing_key = sealing_public_key_of(Seed(ByteArray<32>{7}));
  swapped.payload = encode_trust(other);
  swapped.signatures.clear();
  for (const std::string& folder : {office.root(2), office.root(3), office.folder.path() + "/new"})
    REQUIRE(sign_draft(office.world, folder, office.quorums(swapped), swapped));
  CHECK(office.import(encode_draft(swapped)).error().code == Code::refused);
  CHECK(office.import(encode_draft(whole)));
}

TEST_CASE("a desk whose roots lie elsewhere begins with nothing signed, and an init of it that fails leaves nothing", "[issuer][keys]") {
  Office office;
  InitInput input;
  input.desk = office.desk_folder;
  input.roots = 2, input.threshold = 2;
  for (const char* name : {"a", "b"}) input.root_keys.push_back(*make_root(office.world, office.folder.path() + "/" + name, "root-1"));
  const auto before = office.files();
  REQUIRE(init_desk(office.world, input));
  {
    const auto desk = Desk::open(office.world, office.desk_folder);
    REQUIRE(desk);
    CHECK(desk->is_waiting());
    CHECK(desk->trust().threshold == 2);
    KeyPair issuer;
    CHECK(desk->unlock_issuer(office.world, issuer).error().code == Code::issuer_not_allowed);
  }
  CHECK(init_desk(office.world, input).error().code == Code::already_exists);
  std::filesystem::remove_all(office.desk_folder);
  input.root_keys.push_back(input.root_keys.front());
  input.roots = 3;
  CHECK(init_desk(office.world, input).error().code == Code::usage);
  CHECK(office.files() == before);
}

}  // namespace oak::desk_test
