// Goal: what an operator confirmed is what leaves the desk, and nobody waits while somebody thinks; what has ended is not handed
// out again; every document is shown with whether the desk vouches for it; and keys stay where they were locked.
#include <catch2/catch.hpp>

#include <fstream>
#include <new>
#include <sstream>

#include "core/armour.h"
#include "core/bulletin.h"
#include "core/receipt.h"
#include "issuer/hand_out.h"
#include "issuer/issue_terms.h"
#include "issuer/lookup.h"
#include "tests/unit/issuer_desk_world.h"

namespace oak::desk_test {
namespace {

/// A terminal at which something happens before each answer.
class EventfulTerminal final : public Terminal {
 public:
  explicit EventfulTerminal(std::vector<std::function<std::string()>> answers) : answers_(std::move(answers)) {}
  bool interactive() override { return true; }
  Result<std::string> ask(std::string_view) override {
    if (asked >= answers_.size()) return fail(Code::usage);
    return answers_[asked++]();
  }
  Result<std::string> ask_hidden(std::string_view) override { return fail(Code::usage); }
  void say(std::string_view text) override { said += text; }
  std::size_t asked = 0;
  std::string said;

 private:
  std::vector<std::function<std::string()>> answers_;
};

/// An office with an operator at its terminal; a test closes its own desk once the requests are made.
struct Counter : OpenDesk {
  explicit Counter(std::uint64_t seats = 1) : OpenDesk(seats) {}
  /// As another process would.
  void meanwhile(const std::function<void(Desk&)>& work) {
    auto writing = Desk::open(world, desk_folder);
    REQUIRE(writing);
    work(*writing);
  }
  Outcome<oak::Issued> ask(EventfulTerminal& terminal, ByteView request) {
    const DeskWorld at_terminal{disk, clock, random, terminal, passphrases, cheap, "olga"};
    auto reading = Desk::open(world, desk_folder, DeskUse::read);
    REQUIRE(reading);
    return answer_request(*reading, at_terminal, keys, {}, request);
  }
};

bool says(const std::string& text, const std::string& what) { return text.find(what) != std::string::npos; }

/// The flags of the mapping that holds `address`: "lo" among them means that it is locked in memory.
std::string mapping_flags(const void* address) {
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  std::ifstream maps("/proc/self/smaps");
  bool here = false;
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t from = 0, to = 0;
    char dash = 0;
    std::istringstream words(line);
    if (words >> std::hex >> from >> dash >> to && dash == '-') here = from <= wanted && wanted < to;
    if (here && line.starts_with("VmFlags:")) return line + " ";
  }
  return {};
}

}  // namespace

TEST_CASE("nothing is locked while the operator thinks, and a yes issues what was shown", "[issuer][answering]") {
  OpenDesk* office = nullptr;
  EventfulTerminal person({[&] {
    CHECK(Desk::open(office->world, office->desk_folder));
    return "y";
  }});
  Counter counter;
  office = &counter;
  const Bytes request = counter.document(make_site(counter.random));
  counter.desk.reset();
  const auto issued = counter.ask(person, request);
  REQUIRE(issued);
  CHECK(issued->refusals.empty());
  CHECK(person.asked == 1);
  CHECK(says(person.said, "policy: issue"));
}

TEST_CASE("a yes to seats that were sold meanwhile issues nothing", "[issuer][answering]") {
  Counter counter(1);
  const Bytes request = counter.document(make_site(counter.random, "1"));
  const Bytes faster = counter.document(make_site(counter.random, "2"));
  counter.desk.reset();
  EventfulTerminal person({[&] {
                             counter.meanwhile([&](Desk& desk) { REQUIRE(issue(desk, counter.world, counter.keys, {}, faster)); });
                             return "y";
                           },
                           [] { return "y"; }});
  const auto issued = counter.ask(person, request);
  REQUIRE(issued);
  CHECK(codes_of(issued->refusals) == std::vector<std::string>{"not-enough-seats"});
  CHECK(person.asked == 1);
  CHECK(says(person.said, "Meanwhile"));
  counter.meanwhile([&](Desk& desk) { CHECK(desk.ledger().totals("L1", counter.clock.now)->live_seats == 1); });
}

TEST_CASE("where the answer has changed the operator is asked again", "[issuer][answering]") {
  // While one operator reads the page, another one answers the same request: the yes would now hand out that answer.
  Counter counter(2);
  const Bytes request = counter.document(make_site(counter.random));
  counter.desk.reset();
  for (const std::string second : {"n", "y"}) {
    EventfulTerminal person({[&] {
                               counter.meanwhile([&](Desk& desk) { REQUIRE(issue(desk, counter.world, counter.keys, {}, request)); });
                               return "y";
                             },
                             [&] { return second; }});
    const auto issued = counter.ask(person, request);
    if (second == "n") {
      CHECK(person.asked == 2);
      CHECK(says(person.said, "Meanwhile"));
      REQUIRE_FALSE(issued);
      CHECK(issued.error().code == Code::refused);
    } else {
      // By now it is a repeat from the beginning, and stays one.
      CHECK(person.asked == 1);
      REQUIRE(issued);
      CHECK(issued->repeat);
    }
  }
  counter.meanwhile([&](Desk& desk) { CHECK(desk.ledger().totals("L1", counter.clock.now)->live_seats == 1); });
}

TEST_CASE("a refusal is left to who asked: the page alone is shown", "[issuer][answering]") {
  Counter counter(1);
  const Bytes request = counter.document(make_site(counter.random), {.seats = 2});
  counter.desk.reset();
  EventfulTerminal person({});
  const auto issued = counter.ask(person, request);
  REQUIRE(issued);
  REQUIRE_FALSE(issued->refusals.empty());
  CHECK(says(person.said, "over the phone"));
  CHECK_FALSE(says(person.said, "not-enough-seats"));
  CHECK(says(refusal_messages("oak-issuer", issued->refusals), "oak-issuer: refused: not-enough-seats: "));
  CHECK(refused_report(issued->refusals).text.empty());
}

TEST_CASE("what is in the way of an answer's file is found before anything is recorded", "[issuer][answering]") {
  OpenDesk office;
  const CarriedDocument request{"r.oak", {office.folder.path() + "/r.request.oak"}, office.document(make_site(office.random)), false};
  const std::uint64_t size = *office.desk->ledger().size();
  office.desk.reset();
  auto reading = Desk::open(office.world, office.desk_folder, DeskUse::read);
  REQUIRE(reading);
  const std::string answer = office.write("r.activation.oak", "somebody's");
  const auto hand = [&](Existing existing) {
    return answer_and_hand_out(*reading, office.world, office.keys, {}, request, {{}, existing});
  };
  const auto in_the_way = hand(Existing::refuse);
  REQUIRE_FALSE(in_the_way);
  CHECK(in_the_way.error().code == Code::already_exists);
  CHECK(*reading->ledger().size() == size);
  CHECK(as_text(office.disk.read(answer, 100)->bytes) == "somebody's");
  REQUIRE(hand(Existing::replace));
  CHECK(*reading->ledger().size() == size + 1);
  // What can't be written is in the ledger, and the remedy says how to get it.
  std::filesystem::remove(answer);
  std::filesystem::create_directory(answer);
  const auto lost = hand(Existing::replace);
  REQUIRE_FALSE(lost);
  CHECK(says(lost.error().hint, "oak-issuer export "));
  CHECK(says(lost.error().hint, " --desk D"));
}

TEST_CASE("an activation is exported while it is live, and then its successor is named", "[issuer][answering]") {
  OpenDesk office(5);
  Site site = make_site(office.random);
  const auto first = office.answer(office.document(site))->record;
  Ledger& ledger = office.desk->ledger();
  const auto refusal = [&](const ActivationRecord& record) {
    const auto found = find_activation(*office.desk, activation_id_text(record.id));
    REQUIRE(found);
    const auto refused = refuse_to_export(*office.desk, *found, office.clock.now);
    REQUIRE(refused);
    return *refused;
  };
  CHECK_FALSE(refusal(first));
  site.holds = first;
  const auto second = office.answer(office.document(site, {.seats = 2}))->record;
  site.holds = second;
  const auto third = office.answer(office.document(site, {.seats = 3}))->record;
  const std::string newest = activation_id_text(third.id);
  for (const ActivationRecord& ended : {first, second}) {
    const auto refused = refusal(ended);
    REQUIRE(refused);
    CHECK(refused->code == "answer-no-longer-live");
    CHECK(says(refused->message, "superseded: " + newest));
    CHECK(refused->remedy == "oak-issuer export " + newest + " --out FILE --desk D");
  }
  for (const auto& [kind, word] :
       std::vector<std::pair<LeafKind, std::string>>{{LeafKind::returned, "returned"}, {LeafKind::revoked, "revoked"}}) {
    const auto record = office.answer(office.document(make_site(office.random, word)))->record;
    REQUIRE(ledger.append(end_of(*ledger.size(), kind, office.clock.now, record.id)));
    const auto refused = refusal(record);
    REQUIRE(refused);
    CHECK(refused->code == "answer-no-longer-live");
    CHECK(says(refused->message, word));
    CHECK(says(refused->remedy, "oak-request create --product demo"));
  }
  IssueTerms terms;
  terms.days = 30;
  const auto certificate = office.answer(office.document(make_site(office.random, "9")), terms)->record;
  CHECK_FALSE(refusal(certificate));
  office.clock.now += 31 * day;
  CHECK(says(refusal(certificate)->message, "expired"));
}

TEST_CASE("every kind of document is shown, and whether this desk vouches for it", "[issuer][answering]") {
  OpenDesk office, stranger(3, 6);
  Site site = make_site(office.random);
  const auto record = office.answer(office.document(site))->record;
  Bulletin bulletin;
  bulletin.product = "demo", bulletin.number = 1, bulletin.issued_at_unix_s = office.clock.now, bulletin.revoked = {record.id};
  const std::map<std::string, Bytes> documents = {{"activation", record.document},
                                                  {"issuer-certificate", office.keys.certificate},
                                                  {"bulletin", seal_bulletin(bulletin, *office.keys.issuer, office.keys.certificate)},
                                                  {"trust", *make_trust(office.world, *office.desk, {})}};
  for (const auto& [type, document] : documents) {
    INFO(type);
    const auto own = inspect_document(*office.desk, office.keys, office.clock.now, {}, "file", document);
    REQUIRE(own);
    CHECK(says(own->json, "\"type\": \"" + type + "\""));
    CHECK(says(own->json, "\"verified\": true"));
    CHECK(says(own->text, "yes, under this desk's trust"));
    const auto foreign = inspect_document(*stranger.desk, stranger.keys, stranger.clock.now, {}, "file", document);
    REQUIRE(foreign);
    CHECK(says(foreign->json, "\"verified\": false"));
    CHECK(says(foreign->text, "NO, not under this desk's trust: "));
    // What is cut short is no document at all.
    CHECK_FALSE(inspect_document(*office.desk, office.keys, office.clock.now, {}, "file", ByteView(document).first(document.size() - 1)));
  }
}

TEST_CASE("a receipt is shown with what the ledger knows of it", "[issuer][answering]") {
  OpenDesk office, stranger(3, 6);
  Site site = make_site(office.random);
  const auto record = office.answer(office.document(site))->record;
  Receipt receipt;
  receipt.product = "demo", receipt.licence = "L1", receipt.generation = 1, receipt.activation = record.id;
  receipt.returned_at_unix_s = office.clock.now;
  const auto page = [&](Desk& desk, const KeyPair& machine) {
    return inspect_document(desk, office.keys, office.clock.now, {}, "file", seal_receipt(receipt, machine))->text;
  };
  CHECK(says(page(*office.desk, site.key), "by the machine that has the activation, which is live"));
  CHECK(says(page(*office.desk, make_key_pair(office.random)), "NOT by the machine"));
  CHECK(says(page(*stranger.desk, site.key), "no such activation"));
}

TEST_CASE("a session's keys stay where they are locked, and are wiped there", "[issuer][keys]") {
  OpenDesk office;
  // Pages of their own: the stack's may be locked already, by what lay there before.
  alignas(4096) static unsigned char place[4096] = {};
  static_assert(sizeof(HeldKeys) <= sizeof place);
  auto* held = new (place) HeldKeys;
  REQUIRE(held->unlock_all(*office.desk, office.world));
  const Seed& seed = held->keys().issuer->seed;
  CHECK(public_key_of(seed) == office.keys.issuer->public_key);
  const Bytes secrets[] = {Bytes(seed.view().begin(), seed.view().end()),
                           Bytes(held->ledger_key().view().begin(), held->ledger_key().view().end())};
  for (const std::uint8_t* at : {seed.data(), held->ledger_key().data()}) {
    CHECK(reinterpret_cast<const unsigned char*>(at) >= place);
    CHECK(reinterpret_cast<const unsigned char*>(at) < place + sizeof place);
    // Where the system lets nobody lock memory there is nothing to see; AddressSanitizer makes mlock do nothing.
#ifndef __SANITIZE_ADDRESS__
    std::uint8_t probe = 0;
    if (lock_memory(&probe, 1)) CHECK(says(mapping_flags(at), " lo "));
#endif
  }
  held->~HeldKeys();
  for (const Bytes& secret : secrets) CHECK(std::search(place, place + sizeof place, secret.begin(), secret.end()) == place + sizeof place);
}

TEST_CASE("wishes that don't fit together are wrong usage, and a remedy repeats the command", "[issuer][answering]") {
  IssueWishes wishes;
  wishes.days = 30, wishes.reset_clock = true, wishes.desk = "my desk", wishes.operator_name = "olga";
  CHECK(issue_terms(wishes, {"r.oak"}, {"-", {}, {}})->approve_command ==
        "oak-issuer issue r.oak --out - --desk 'my desk' --days 30 --reset-clock --operator olga");
  wishes.approve = {"weak"};
  CHECK(issue_terms(wishes, {"r.oak"}, {"-", {}, {}}).error().code == Code::usage);
  wishes.reason = "asked by phone";
  CHECK(issue_terms(wishes, {"r.oak"}, {"-", {}, {}})->approvals == std::vector<std::string>{"weak-fingerprint"});
  wishes.reason = "two\nlines";
  CHECK(issue_terms(wishes, {"r.oak"}, {"-", {}, {}}).error().code == Code::usage);
  CHECK(answer_name_of("dock.request.oak") == "dock.activation.oak");
  CHECK(forbidden_environments({"vm"}, {})->empty());
  CHECK(*forbidden_environments({}, {"vm"}) == std::vector<std::string>{"vm"});
  CHECK_FALSE(forbidden_environments({"laptop"}, {}));
  CHECK_FALSE(forbidden_environments({"vm"}, {"container"}));
}

}  // namespace oak::desk_test
