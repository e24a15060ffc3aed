#include "core/tolerance.h"

#include <bitset>
#include <random>
#include <set>

#include "tests/unit/core_corpus.h"
#include "tests/vectors/vendor.h"

namespace oak::test {
namespace {

using Words = std::vector<std::string>;

MemberDigest digest_of(const std::string& value) { return vectors::fixed<16>("value " + value); }

/// "mac:a" seen, "mac!unreadable" and "mac:a!placeholder".
Observation seen(const std::string& word) {
  const std::size_t state_at = word.find('!'), value_at = word.find(':');
  Observation out{*component_by_name(word.substr(0, std::min(state_at, value_at))), State::usable, std::nullopt, {}};
  if (value_at != std::string::npos) out.digest = digest_of(word.substr(value_at + 1, state_at - value_at - 1));
  const std::string state = state_at == std::string::npos ? "usable" : word.substr(state_at + 1);
  for (const State one : {State::usable, State::unreadable, State::placeholder, State::absent})
    if (state_name(one) == state) out.state = one;
  return out;
}

std::vector<Observation> machine(const Words& words) {
  std::vector<Observation> out;
  for (const std::string& word : words) out.push_back(seen(word));
  return out;
}

Words without(Words words, const Words& gone) {
  for (const std::string& word : gone) words.erase(std::remove(words.begin(), words.end(), word), words.end());
  return words;
}
Words with(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

Judgement judged(const Words& enrolled, const Words& now, const Policy& policy = {}) {
  return judge(enrol(machine(enrolled)), machine(now), policy);
}

std::string state_of(const Judgement& judgement, Component component) {
  std::string out;
  for (const ComponentVerdict& one : judgement.components)
    if (one.component == component) out += (out.empty() ? "" : " ") + std::string(state_name(one.state));
  return out;
}

const Words usual = {"product_uuid:u", "product_serial:s", "mac:a", "mac:b", "disk:x", "machine_id:o", "model:m"};
const Words four_of_each = {"product_uuid:u", "mac:a",  "mac:b",  "mac:c",        "mac:d",  "disk:w",
                            "disk:x",         "disk:y", "disk:z", "machine_id:o", "model:m"};

}  // namespace

TEST_CASE("the events that binding.md lists get the scores that it lists") {
  // Goal: the default policy, 11 enrolled, as the design's table has it.
  struct Row {
    const char* event;
    Words gone, come;
    unsigned score;
    bool accept;
  };
  const Row rows[] = {
      {"nothing", {}, {}, 11, true},
      {"disk replaced, system reinstalled", {"disk:x", "machine_id:o"}, {"disk:y", "machine_id:p"}, 8, true},
      {"network cards replaced", {"mac:a", "mac:b"}, {"mac:c", "mac:d"}, 8, true},
      {"board replaced, serial written again, network on it", {"product_uuid:u", "mac:a", "mac:b"}, {"product_uuid:v", "mac:c"}, 8, true},
      {"CPU replaced", {"model:m"}, {"model:n"}, 10, true},
      {"cards, disk and system", {"mac:a", "mac:b", "disk:x", "machine_id:o"}, {"mac:c", "disk:y", "machine_id:p"}, 5, false},
      {"board with on-board network",
       {"product_uuid:u", "product_serial:s", "mac:a", "mac:b"},
       {"product_uuid:v", "product_serial:t", "mac:c"},
       4,
       false},
      {"disk image on another box of the model",
       {"product_uuid:u", "product_serial:s", "mac:a", "mac:b", "disk:x"},
       {"product_uuid:v", "product_serial:t", "mac:c", "disk:y"},
       2,
       false},
  };
  for (const Row& row : rows) {
    INFO(row.event);
    const Judgement judgement = judged(usual, with(without(usual, row.gone), row.come));
    CHECK(judgement.enrolled == 11);
    CHECK(judgement.needed == 7);
    CHECK(judgement.score == row.score);
    CHECK(judgement.accept == row.accept);
  }
}

TEST_CASE("one machine taken apart never becomes two that are accepted without its platform") {
  // Goal: the split machine. Four cards and four disks go into four boxes in every possible way, each with a copy of the
  // system on a board of the same model: at most one box, the one with more than half of a set, can reach 7 of 11.
  const std::array<std::string, 8> parts = {"mac:a", "mac:b", "mac:c", "mac:d", "disk:w", "disk:x", "disk:y", "disk:z"};
  std::array<bool, 256> accepted{};  // by the parts that a box has, a bit each
  for (unsigned box = 0; box < 256; ++box) {
    Words now = {"product_uuid:v", "machine_id:o", "model:m"};
    for (unsigned i = 0; i < 8; ++i)
      if (box >> i & 1) now.push_back(parts[i]);
    accepted[box] = judged(four_of_each, now).accept;
  }
  std::size_t accepted_boxes = 0;
  for (unsigned deal = 0; deal < 65536; ++deal) {
    std::array<unsigned, 4> boxes{};
    for (unsigned i = 0; i < 8; ++i) boxes[deal >> (2 * i) & 3] |= 1U << i;
    const auto count = std::count_if(boxes.begin(), boxes.end(), [&](unsigned box) { return accepted[box]; });
    if (count > 1) FAIL("deal " << deal << ": " << count << " boxes are accepted");
    accepted_boxes += static_cast<std::size_t>(count);
  }
  CHECK(accepted_boxes > 0);  // the box that got nearly all of it may go on
}

TEST_CASE("split in four even parts, no part is accepted but the one with the board") {
  // Goal: the design's own example: three boxes with one of each would reach 7 of 11 under an any-member rule.
  const Words macs = {"mac:a", "mac:b", "mac:c", "mac:d"}, disks = {"disk:w", "disk:x", "disk:y", "disk:z"};
  for (unsigned i = 0; i < 4; ++i) {
    const Words part = {macs[i], disks[i], "machine_id:o", "model:m"};
    CHECK_FALSE(judged(four_of_each, part).accept);
    CHECK(judged(four_of_each, part).score == 2);
    CHECK(judged(four_of_each, with(part, {"product_uuid:u"})).accept);
  }
}

TEST_CASE("without platform or TPM a set holds with more than half, and not with half") {
  // Goal: the edges of the majority rule for sets of every size.
  for (unsigned size = 1; size <= 16; ++size) {
    for (unsigned found = 0; found <= size; ++found) {
      Words enrolled, now;
      for (unsigned i = 0; i < size; ++i) enrolled.push_back("mac:" + std::to_string(i));
      now.assign(enrolled.begin(), enrolled.begin() + found);
      INFO(found << " of " << size);
      CHECK(judged(enrolled, now).factors[1].holds == (2 * found > size));
      CHECK(judged(with(enrolled, {"tpm_ek:t"}), with(now, {"tpm_ek:t"})).factors[1].holds == (found > 0));
      CHECK(judged(with(enrolled, {"dt_serial:d"}), with(now, {"dt_serial:d"})).factors[1].holds == (found > 0));
      CHECK(judged(with(enrolled, {"machine_id:o", "model:m"}), with(now, {"machine_id:o", "model:m"})).factors[1].holds ==
            (2 * found > size));
    }
  }
}

TEST_CASE("what can't be read counts as lost and never shrinks the whole") {
  // Goal: dropping a privilege is no way around. The same facts, absent or unreadable, give the same score.
  for (const Component component : {Component::product_uuid, Component::mac, Component::disk, Component::machine_id}) {
    const std::string name(component_name(component));
    Words rest;
    for (const std::string& word : usual)
      if (!word.starts_with(name + ":")) rest.push_back(word);
    const Judgement absent = judged(usual, rest), unreadable = judged(usual, with(rest, {name + "!unreadable"}));
    INFO(name);
    CHECK(unreadable.score == absent.score);
    CHECK(unreadable.needed == absent.needed);
    CHECK(unreadable.enrolled == 11);
    CHECK(unreadable.accept == absent.accept);
    CHECK(state_of(unreadable, component).find("unreadable") == 0);
    CHECK(state_of(absent, component).find("absent") == 0);
  }
  Words all_unreadable;
  for (const char* name : {"product_uuid", "product_serial", "mac", "disk", "machine_id", "model"})
    all_unreadable.push_back(std::string(name) + "!unreadable");
  CHECK(judged(usual, all_unreadable).score == 0);
}

TEST_CASE("states are told apart: match, mismatch, absent, unreadable, placeholder, new") {
  // Goal: every verdict names the component and its own state.
  const Judgement same = judged(usual, usual);
  for (const Component component :
       {Component::product_uuid, Component::product_serial, Component::disk, Component::machine_id, Component::model})
    CHECK(state_of(same, component) == "match");
  CHECK(state_of(same, Component::mac) == "match match");
  CHECK(state_of(same, Component::tpm_ek) == "absent");
  CHECK(state_of(judged(usual, {"product_uuid:v"}), Component::product_uuid) == "mismatch");
  CHECK(state_of(judged(usual, {"product_uuid:z!placeholder"}), Component::product_uuid) == "placeholder");
  CHECK(state_of(judged(usual, {"product_uuid:u!placeholder"}), Component::product_uuid) == "match");
  // A set: a lost member is a mismatch where others are there now, and those are new.
  const Judgement swapped = judged(usual, {"mac:a", "mac:c", "disk!unreadable"});
  CHECK((state_of(swapped, Component::mac) == "match mismatch new" || state_of(swapped, Component::mac) == "mismatch match new"));
  CHECK(state_of(swapped, Component::disk) == "unreadable");
  CHECK(state_of(judged(usual, {"mac:a"}), Component::mac).find("absent") != std::string::npos);
  CHECK(state_of(judged(usual, {"tpm_ek:t"}), Component::tpm_ek) == "new");
}

TEST_CASE("a placeholder that was enrolled matches, and another accuses nobody") {
  // Goal: a newer list of placeholders locks no machine out.
  const Words now =
      with(without(usual, {"product_uuid:u", "product_serial:s"}), {"product_uuid:u!placeholder", "product_serial:s!placeholder"});
  CHECK(judged(usual, now).score == 11);
  const Words other =
      with(without(usual, {"product_uuid:u", "product_serial:s"}), {"product_uuid:z!placeholder", "product_serial:z!placeholder"});
  CHECK(judged(usual, other).score == 7);
}

TEST_CASE("new hardware takes nothing away") {
  // Goal: adding cards and disks is never a reason, whatever their number.
  Words now = usual;
  for (int i = 0; i < 200; ++i) now = with(now, {"mac:new" + std::to_string(i), "disk:new" + std::to_string(i)});
  CHECK(judged(usual, now).score == 11);
}

TEST_CASE("nothing enrolled is never accepted, nor what has no weight") {
  // Goal: no division by nothing, and no empty yes.
  CHECK_FALSE(judge({}, machine(usual), {}).accept);
  CHECK_FALSE(judged({"mac:a"}, {"mac:a"}, {60, {4, 0, 2, 4, 1, 1}}).accept);
  CHECK(judge({}, machine(usual), {}).needed == 0);
}

TEST_CASE("needed is the least whole number that reaches the percentage") {
  // Goal: the contract's formula, and that accepting agrees with it, for every threshold and several totals.
  for (unsigned threshold = 1; threshold <= 100; ++threshold) {
    for (const Words& enrolled : {usual, Words{"product_uuid:u"}, Words{"machine_id:o"}, Words{"mac:a", "disk:x"}}) {
      const Policy policy{static_cast<std::uint8_t>(threshold), {4, 3, 2, 4, 1, 1}};
      const Judgement judgement = judged(enrolled, enrolled, policy);
      CHECK(judgement.needed * 100 >= threshold * judgement.enrolled);
      CHECK((judgement.needed - 1) * 100 < threshold * judgement.enrolled);
      CHECK(judgement.accept);
      for (const std::string& word : enrolled) {
        const Judgement less = judged(enrolled, without(enrolled, {word}), policy);
        CHECK(less.accept == (100 * less.score >= threshold * less.enrolled));
      }
    }
  }
}

TEST_CASE("the margin is what may still be lost, whichever it is") {
  // Goal: 'margin: events left' is a promise: after that many losses of factors it still holds, and one more can end it.
  CHECK(judged(usual, usual).margin == 1);  // platform takes 4 of 11; the network on top of it 3 more
  CHECK(judged(usual, without(usual, {"mac:a", "mac:b"})).margin == 0);
  CHECK(judged(usual, {"model:m"}).margin == 0);
  const Words enrolled = {"product_uuid:u", "tpm_ek:t", "mac:a", "mac:b", "disk:x", "machine_id:o", "model:m"};
  const std::array<std::string, 6> prefix = {"product_uuid:", "mac:", "disk:", "tpm_ek:", "machine_id:", "model:"};
  for (unsigned lost = 0; lost < 64; ++lost) {
    const auto drop = [&](unsigned which) {
      Words out;
      for (const std::string& word : enrolled) {
        bool gone = false;
        for (unsigned i = 0; i < 6; ++i) gone |= (which >> i & 1) && word.starts_with(prefix[i]);
        if (!gone) out.push_back(word);
      }
      return out;
    };
    const Judgement now = judged(enrolled, drop(lost));
    if (!now.accept) continue;
    unsigned fewest = 7;
    for (unsigned more = 1; more < 64; ++more)
      if ((more & lost) == 0 && !judged(enrolled, drop(lost | more)).accept)
        fewest = std::min(fewest, static_cast<unsigned>(std::bitset<6>(more).count()));
    INFO("lost " << lost);
    CHECK(now.margin + 1 == fewest);
  }
}

TEST_CASE("losing a fact never raises the score") {
  // Goal: monotony, over random machines and policies: what is taken away can't turn a no into a yes.
  std::mt19937 random(1);
  const auto pick = [&](unsigned below) { return static_cast<unsigned>(random() % below); };
  for (int round = 0; round < 2000; ++round) {
    Words enrolled, now;
    for (const char* name : {"product_uuid", "product_serial", "mac", "mac", "mac", "disk", "disk", "tpm_ek", "machine_id", "model"})
      if (pick(4) > 0) enrolled.push_back(std::string(name) + ":" + std::to_string(pick(3)));
    for (const std::string& word : enrolled)
      if (pick(3) > 0) now.push_back(word);
    if (now.empty()) continue;
    Policy policy{static_cast<std::uint8_t>(1 + pick(100)), {}};
    for (std::uint8_t& weight : policy.weights) weight = static_cast<std::uint8_t>(pick(16));
    Words less = now;
    less.erase(less.begin() + pick(static_cast<unsigned>(less.size())));
    const Judgement before = judged(enrolled, now, policy), after = judged(enrolled, less, policy);
    CHECK(after.score <= before.score);
    CHECK(after.needed == before.needed);
  }
}

TEST_CASE("every component is answered for, whatever was enrolled and seen") {
  // Goal: an answer never leaves a component out.
  for (const Words& now : {Words{}, usual, Words{"mac!unreadable", "tpm_ek!absent"}}) {
    const Judgement judgement = judged(usual, now);
    std::set<Component> named;
    for (const ComponentVerdict& one : judgement.components) {
      named.insert(one.component);
      CHECK(one.state != State::usable);
    }
    CHECK(named.size() == component_count);
  }
}

TEST_CASE("a policy must not accept both halves of a machine that is shared out", "[tolerance]") {
  // Goal: the default holds; weights that every copy earns, or a low threshold, don't. It does not cover members of one set
  // shared out: the rule of the majority does.
  CHECK_FALSE(accepts_both_halves(Policy{}));
  CHECK_FALSE(accepts_both_halves(Policy{100, {1, 1, 1, 1, 15, 15}}));
  CHECK(accepts_both_halves(Policy{60, {1, 1, 1, 0, 15, 15}}));
  CHECK(accepts_both_halves(Policy{51, {4, 3, 2, 4, 1, 1}}));
  CHECK(accepts_both_halves(Policy{50, {1, 0, 1, 0, 0, 0}}));
  // Where only some factors can be used, too; and an image alone is nobody.
  CHECK(accepts_both_halves(Policy{60, {4, 3, 3, 4, 1, 1}}));
  CHECK(accepts_both_halves(Policy{60, {2, 2, 2, 2, 1, 1}}));
  CHECK(accepts_both_halves(Policy{90, {1, 1, 1, 1, 5, 5}}));
  CHECK(accepts_both_halves(Policy{60, {1, 15, 1, 1, 15, 1}}));
  CHECK_FALSE(accepts_both_halves(Policy{70, {5, 3, 2, 4, 1, 0}}));
}

}  // namespace oak::test
