// Goal: a rehearsal says what a check would say once the parts are really gone, on this machine and on another; what would
// end it next is exactly what ends it; it writes nothing, reads no clock, and refuses what names nothing.

#include <catch2/catch.hpp>

#include "tests/unit/verifier_world.h"
#include "verifier/rehearse.h"

using namespace oak;
using namespace oak::test;

namespace {

struct Stage : World {
  Outcome<Rehearsal> without(const std::vector<std::string>& words) {
    RehearsalInput input;
    for (const std::string& word : words) {
      auto removal = parse_removal(word);
      if (!removal) return tl::unexpected(removal.error());
      input.without.push_back(std::move(*removal));
    }
    return rehearse(machine, source, product, input);
  }
  Outcome<Rehearsal> on(const FakeHost& other) {
    RehearsalInput input;
    input.facts = collect(other);
    return rehearse(machine, source, product, input);
  }
};

struct ActiveStage : Stage {
  explicit ActiveStage(std::uint64_t grace_days = 0) {
    Activation activation = grant();
    activation.grace_days = grace_days;
    REQUIRE(install_one(activation));
    REQUIRE(verdict() == Verdict::active);
  }
};

std::vector<std::string> words_of(const Rehearsal& rehearsal) {
  std::vector<std::string> out;
  for (const Member& member : rehearsal.next_losses)
    out.push_back(std::string(component_name(member.component)) + (member.label.empty() ? "" : ":" + member.label));
  for (const Factor factor : rehearsal.next_factors) out.push_back("all of " + std::string(factor_name(factor)));
  return out;
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("as it is now, a machine holds, and no single loss ends it") {
  ActiveStage stage;
  const auto rehearsal = stage.without({});
  REQUIRE(rehearsal);
  CHECK(rehearsal->hardware.accept);
  CHECK(rehearsal->hardware.score == 11);
  CHECK(rehearsal->hardware.margin == 1);
  CHECK(words_of(*rehearsal).empty());
  CHECK(rehearsal_text(*rehearsal) == "accept\nscore 11 of 11, 7 needed\nnext: no single loss ends it, 1 further loss(es) tolerated\n");
}

TEST_CASE("without the card it holds, and then the disk or the board would end it") {
  ActiveStage stage;
  for (const char* word : {"mac:eth0", "mac", "network"}) {
    const auto rehearsal = stage.without({word});
    REQUIRE(rehearsal);
    CHECK(rehearsal->hardware.accept);
    CHECK(rehearsal->hardware.score == 8);
    CHECK(words_of(*rehearsal) == Words{"disk:nvme0n1", "all of platform", "all of disks"});
    CHECK(rehearsal_text(*rehearsal).find("next: each of these alone would end it: disk:nvme0n1, platform\n") != std::string::npos);
    CHECK(rehearsal_text(*rehearsal).find("network card 'eth0' (mac, absent)") != std::string::npos);
  }
}

TEST_CASE("what would end it next is what ends it, and nothing else does") {
  ActiveStage stage;
  const Words all = {"product_uuid", "product_serial", "board_serial", "mac:eth0", "disk:nvme0n1", "machine_id", "model"};
  for (const std::string& first : all) {
    const auto rehearsal = stage.without({first});
    REQUIRE(rehearsal);
    const Words named = words_of(*rehearsal);
    for (const std::string& next : all) {
      const auto then = stage.without({first, next});
      REQUIRE(then);
      CHECK(then->hardware.accept == (std::find(named.begin(), named.end(), next) == named.end()));
    }
    for (const Factor factor : {Factor::platform, Factor::network, Factor::disks, Factor::os, Factor::model}) {
      const auto then = stage.without({first, std::string(factor_name(factor))});
      REQUIRE(then);
      const auto& ending = rehearsal->next_factors;
      CHECK(then->hardware.accept == (std::find(ending.begin(), ending.end(), factor) == ending.end()));
    }
  }
}

TEST_CASE("what a check says after the swap is what the rehearsal said before it") {
  ActiveStage stage;
  const auto before = stage.without({"mac", "disk", "machine_id"});
  REQUIRE(before);
  CHECK(!before->hardware.accept);
  CHECK(before->hardware.score == 5);
  CHECK(words_of(*before).empty());
  stage.host.set_network("3c:52:82:aa:bb:cc");
  stage.host.set_disk("NEWDISK00001");
  stage.host.set_system("00112233445566778899aabbccddee00");
  const auto after = stage.check();
  REQUIRE(after);
  CHECK(after->verdict == Verdict::rebind);
  CHECK(after->hardware->score == before->hardware.score);
}

TEST_CASE("on another machine's facts, and on this one's with a new disk") {
  ActiveStage stage;
  FakeHost other;
  other.set_disk("NEWDISK00001");
  auto rehearsal = stage.on(other);
  REQUIRE(rehearsal);
  CHECK(rehearsal->hardware.accept);
  CHECK(rehearsal->hardware.score == 9);
  other.become_another_machine();
  rehearsal = stage.on(other);
  REQUIRE(rehearsal);
  CHECK(!rehearsal->hardware.accept);
  CHECK(rehearsal->hardware.score == 2);
  CHECK(rehearsal_text(*rehearsal).starts_with("rebind\nscore 2 of 11, 7 needed\n"));
}

TEST_CASE("a label means the card that was enrolled under it, wherever that is plugged in now") {
  ActiveStage stage;
  // The enrolled card has become eth1, and a new one is eth0.
  for (const char* name : {"addr_assign_type", "type", "address"})
    stage.host.files["/sys/class/net/eth1/" + std::string(name)] = stage.host.files["/sys/class/net/eth0/" + std::string(name)];
  for (const char* name : {"", "/device", "/device/subsystem"})
    stage.host.links["/sys/class/net/eth1" + std::string(name)] = stage.host.links["/sys/class/net/eth0" + std::string(name)];
  stage.host.set_network("3c:52:82:aa:bb:cc");
  auto rehearsal = stage.without({"mac:eth0"});
  REQUIRE(rehearsal);
  CHECK(rehearsal->hardware.score == 8);
  rehearsal = stage.without({"mac:eth1"});
  REQUIRE(rehearsal);
  CHECK(rehearsal->hardware.score == 8);
  stage.host.files.erase("/sys/class/net/eth1/address");
  rehearsal = stage.without({"mac:eth0"});  // gone already
  REQUIRE(rehearsal);
  CHECK(rehearsal->hardware.score == 8);
}

TEST_CASE("grace is told of where it would help, and only there") {
  ActiveStage stage(14);
  auto rehearsal = stage.without({"mac", "disk", "os"});
  REQUIRE(rehearsal);
  CHECK(rehearsal->has_grace);
  CHECK(rehearsal_text(*rehearsal).find("grace: active for 14 days") != std::string::npos);
  rehearsal = stage.without({"mac", "platform"});
  REQUIRE(rehearsal);
  CHECK(!rehearsal->hardware.accept);
  CHECK(!rehearsal->has_grace);
  rehearsal = stage.without({"mac"});
  REQUIRE(rehearsal);
  CHECK(!rehearsal->has_grace);
}

TEST_CASE("grace that has begun, or was never earned, is not offered again") {
  ActiveStage begun(14);
  Marks marks = *begun.marks();
  REQUIRE(marks.begin_grace("L1", *marks.licences.front().active_once, 1'750'000'005));
  begun.put_marks(marks);
  CHECK_FALSE(begun.without({"mac", "disk", "os"})->has_grace);
  ActiveStage unearned(14);
  marks = *unearned.marks();
  marks.licences.front().active_once = ActivationId{9};
  unearned.put_marks(marks);
  CHECK_FALSE(unearned.without({"mac", "disk", "os"})->has_grace);
}

TEST_CASE("words that name nothing are wrong usage, and the answer lists what there is") {
  ActiveStage stage;
  for (const char* word : {"", "card", "mac:", ":eth0", "MAC"}) {
    const auto removal = parse_removal(word);
    REQUIRE(!removal);
    CHECK(removal.error().code == Code::usage);
    CHECK(removal.error().hint.find("mac:eth0") != std::string::npos);
  }
  auto rehearsal = stage.without({"mac:eth9"});
  REQUIRE(!rehearsal);
  CHECK(rehearsal.error().code == Code::usage);
  CHECK(rehearsal.error().message.find("'eth0'") != std::string::npos);
  rehearsal = stage.without({"product_uuid:x"});
  REQUIRE(!rehearsal);
  // What this machine never had can't be missed.
  CHECK(stage.without({"tpm_ek"})->hardware.score == 11);
}

TEST_CASE("without an activation that counts there is nothing to rehearse, and the failure says why") {
  Stage stage;
  auto rehearsal = stage.without({});
  REQUIRE(!rehearsal);
  CHECK(rehearsal.error().code == Code::not_activated);
  CHECK(rehearsal.error().message.find("none is stored") != std::string::npos);
  const Activation activation = stage.grant();
  REQUIRE(stage.install_one(activation));
  stage.source.argument_bytes = Vendor(99).trust_document;
  CHECK(!stage.without({}));
  stage.source.argument_bytes = stage.vendor.trust_document;
  REQUIRE(stage.without({}));
  Marks marks = *stage.marks();
  marks.add_returned(stage.id_of(activation));
  stage.put_marks(marks);
  rehearsal = stage.without({});
  REQUIRE(!rehearsal);
  CHECK(rehearsal.error().message.find("given back") != std::string::npos);
  stage.disk.files.erase(folder + "/marks.oak");
  CHECK(!stage.without({}));
}

TEST_CASE("of several activations the one that holds is the answer") {
  ActiveStage stage;
  Activation other = stage.grant(7);
  other.licence = "L2";
  other.policy.threshold_percent = 100;
  stage.slip_in(other);
  const auto rehearsal = stage.without({"mac"});
  REQUIRE(rehearsal);
  CHECK(rehearsal->hardware.accept);
  CHECK(rehearsal->activation.licence == "L1");
  CHECK(stage.without({})->activation.licence == "L2");
}

TEST_CASE("a rehearsal writes nothing and reads no clock, and its JSON has its keys") {
  ActiveStage stage;
  const std::size_t before = stage.disk.changes;
  const auto rehearsal = stage.without({"mac"});
  REQUIRE(rehearsal);
  CHECK(stage.disk.changes == before);
  CHECK(stage.clock.reads == 0);
  const std::string json = rehearsal_json(*rehearsal);
  CHECK(json.starts_with("{\"accept\": true, \"strength\": \"normal\", \"score\": 8, \"needed\": 7, \"enrolled\": 11, \"margin\": 0, "));
  CHECK(json.find("\"next_losses\": [{\"component\": \"disk\", \"label\": \"nvme0n1\", \"factor\": \"disks\"}]") != std::string::npos);
  CHECK(json.find("\"next_factors\": [\"platform\", \"disks\"]") != std::string::npos);
  for (const char* key : {"components", "grace_days", "activation", "warnings"})
    CHECK(json.find("\"" + std::string(key) + "\": ") != std::string::npos);
}
