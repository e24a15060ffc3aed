// Goal: a sealed request is at the desk what the request inside it is: the same decision, the same answer, the same entry in
// the ledger; and one that can't be opened says why.
#include <catch2/catch.hpp>

#include "core/sealed_request.h"
#include "issuer/answering.h"
#include "issuer/unsealing.h"
#include "tests/unit/issuer_desk_world.h"

namespace oak::desk_test {
namespace {

struct SealingDesk : OpenDesk {
  SealingDesk() {
    UnlockedDeskKeys unlocked;
    REQUIRE(desk->unlock_desk_keys(world, unlocked));
    keys.sealing_seed.emplace() = std::move(unlocked.sealing_seed);
  }
  Bytes sealed(ByteView request) { return seal_for_desk(request, desk->trust().sealing_key, random).value(); }
};

}  // namespace

TEST_CASE("a sealed request is answered as the request inside, once", "[issuer][seal]") {
  SealingDesk office;
  Site site = make_site(office.random);
  const Bytes request = office.document(site), first = office.sealed(request), second = office.sealed(request);
  REQUIRE(first != second);  // a one-time key each: only what is inside can tell that they ask the same
  const auto opened = unsealed(first, office.keys, "x.oak");
  REQUIRE(opened);
  CHECK(*opened == request);
  const auto answer = office.answer(*opened), again = office.answer(unsealed(second, office.keys, "y.oak").value());
  REQUIRE((answer && again));
  CHECK(again->repeat);
  CHECK(again->record.document == answer->record.document);
  CHECK(office.live_seats_of("L1") == 1);
}

TEST_CASE("every other document passes as it is", "[issuer][seal]") {
  SealingDesk office;
  const Bytes request = office.document(make_site(office.random));
  office.keys.sealing_seed.reset();
  CHECK(unsealed(request, office.keys, "x.oak").value() == request);
  CHECK(unsealed(Bytes{1, 2, 3}, office.keys, "x.oak").value() == Bytes{1, 2, 3});
}

TEST_CASE("an inspection opens it, and shows the request's own groups", "[issuer][seal]") {
  SealingDesk office;
  const Bytes request = office.document(make_site(office.random)), sealed = office.sealed(request);
  const auto page = inspect_document(*office.desk, office.keys, office.clock.now, {}, "x.oak", sealed);
  REQUIRE(page);
  CHECK(page->text.find(phone_groups(sha256(request))) != std::string::npos);
}

TEST_CASE("one that can't be opened says why, and what to do", "[issuer][seal]") {
  SealingDesk office;
  const Bytes request = office.document(make_site(office.random)), sealed = office.sealed(request);
  const auto refusal = [&](ByteView document) {
    const auto opened = unsealed(document, office.keys, "x.oak");
    REQUIRE_FALSE(opened);
    CHECK(opened.error().message.find("'x.oak'") == 0);
    CHECK_FALSE(opened.error().hint.empty());
    return opened.error().code;
  };
  const PublicKey other = sealing_public_key_of(Seed(random_bytes<32>(office.random)));
  CHECK(refusal(seal_for_desk(request, other, office.random).value()) == Code::unknown_key);
  Bytes altered = sealed;
  altered.back() ^= 1;
  CHECK(refusal(altered) == Code::bad_seal);
  CHECK(refusal(ByteView(sealed).first(sealed.size() - 1)) == Code::truncated);
  office.keys.sealing_seed.reset();
  CHECK(refusal(sealed) == Code::permission_denied);
}

}  // namespace oak::desk_test
