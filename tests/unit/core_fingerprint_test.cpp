#include "core/fingerprint.h"

#include "tests/unit/core_corpus.h"
#include "tests/vectors/vendor.h"

namespace oak::test {
namespace {

Observation usable(Component component, unsigned value, std::string label = {}) {
  return {component, State::usable, vectors::fixed<16>("value " + std::to_string(value)), std::move(label)};
}

}  // namespace

TEST_CASE("only usable components are enrolled, in the document's order, none twice") {
  // Goal: a fingerprint that is read back as it was written, whatever order the collector went.
  std::vector<Observation> seen = {usable(Component::model, 1), usable(Component::mac, 3, "eth1"), usable(Component::mac, 2, "eth0"),
                                   usable(Component::mac, 3, "bond0"), usable(Component::product_uuid, 1)};
  seen.push_back({Component::disk, State::unreadable, std::nullopt, "sda"});
  seen.push_back({Component::product_serial, State::placeholder, vectors::fixed<16>("To be filled"), {}});
  seen.push_back({Component::tpm_ek, State::absent, std::nullopt, {}});
  const Fingerprint fingerprint = enrol(seen);
  REQUIRE(fingerprint.members.size() == 4);
  for (std::size_t i = 1; i < 4; ++i) CHECK(fingerprint.members[i - 1].key() < fingerprint.members[i].key());
  const Bytes encoded = encode_fingerprint(fingerprint);
  CHECK(encode_fingerprint(decode_fingerprint(encoded).value()) == encoded);
}

TEST_CASE("a set keeps sixteen members, the smallest digests, and a single component one") {
  // Goal: the caps: a machine with fifty cards still makes a request that can be read, and the same one each time.
  std::vector<Observation> seen;
  for (unsigned i = 0; i < 50; ++i) {
    seen.push_back(usable(Component::mac, i));
    seen.push_back(usable(Component::disk, i));
    seen.push_back(usable(Component::product_uuid, i));
  }
  const Fingerprint fingerprint = enrol(seen);
  std::array<std::size_t, component_count + 1> counts{};
  for (const Member& member : fingerprint.members) ++counts[static_cast<std::size_t>(member.component)];
  CHECK(counts[static_cast<std::size_t>(Component::mac)] == max_set_members);
  CHECK(counts[static_cast<std::size_t>(Component::disk)] == max_set_members);
  CHECK(counts[static_cast<std::size_t>(Component::product_uuid)] == 1);
  CHECK(decode_fingerprint(encode_fingerprint(fingerprint)));
  std::reverse(seen.begin(), seen.end());
  CHECK(encode_fingerprint(enrol(seen)) == encode_fingerprint(fingerprint));
  Fingerprint larger;
  for (unsigned i = 0; i < 17; ++i) larger.members.push_back({Component::mac, vectors::fixed<16>("value " + std::to_string(i)), {}});
  std::sort(larger.members.begin(), larger.members.end(), [](const Member& a, const Member& b) { return a.key() < b.key(); });
  CHECK(decode_fingerprint(encode_fingerprint(larger)).error().code == Code::bad_field);
  larger.members.pop_back();
  CHECK(decode_fingerprint(encode_fingerprint(larger)));
}

TEST_CASE("strength: two of the first four factors, each counted once") {
  // Goal: repeated fields of one factor don't make a fingerprint normal.
  const auto strong = [](const std::vector<Component>& components) {
    std::vector<Observation> seen;
    for (const Component component : components) seen.push_back(usable(component, 1));
    return is_strong(enrol(seen));
  };
  CHECK_FALSE(strong({}));
  CHECK_FALSE(strong({Component::product_uuid, Component::product_serial, Component::board_serial, Component::dt_serial}));
  CHECK_FALSE(strong({Component::mac, Component::machine_id, Component::model}));
  CHECK(strong({Component::product_uuid, Component::mac}));
  CHECK(strong({Component::disk, Component::mac}));
  CHECK(strong({Component::tpm_ek, Component::disk}));
}

TEST_CASE("a digest depends on key, component and value, and on where one ends and the next begins") {
  // Goal: fields joined without lengths would let two machines share a digest.
  const SymmetricKey key = vectors::fingerprint_key();
  const auto hex = [&](Component component, std::string_view value) { return to_hex(member_digest(key, component, value)); };
  CHECK(hex(Component::mac, "a") != hex(Component::disk, "a"));
  CHECK(hex(Component::mac, "a") != hex(Component::mac, "b"));
  CHECK(hex(Component::mac, "") != hex(Component::mac, std::string_view("\0", 1)));
  CHECK(hex(Component::product_uuid, "x") != to_hex(member_digest(SymmetricKey(vectors::fixed<32>("k")), Component::product_uuid, "x")));
}

TEST_CASE("what could not be used is listed once, sorted, and only where it was there") {
  // Goal: the vendor sees why a fingerprint is weak.
  const std::vector<Observation> seen = {{Component::disk, State::unreadable, std::nullopt, "sda"},
                                         {Component::disk, State::unreadable, std::nullopt, "sdb"},
                                         {Component::product_uuid, State::placeholder, std::nullopt, {}},
                                         {Component::mac, State::absent, std::nullopt, {}},
                                         usable(Component::model, 1)};
  const std::vector<Unusable> unusable = unusable_of(seen);
  REQUIRE(unusable.size() == 2);
  CHECK(unusable[0] == Unusable{Component::product_uuid, State::placeholder});
  CHECK(unusable[1] == Unusable{Component::disk, State::unreadable});
  CHECK(decode_unusable(encode_unusable(unusable)).value() == unusable);
}

TEST_CASE("names of components go both ways") {
  // Goal: the JSON names and the wire numbers are one table.
  for (unsigned number = 1; number <= component_count; ++number) {
    const auto component = static_cast<Component>(number);
    CHECK(component_by_name(component_name(component)) == component);
  }
  CHECK_FALSE(component_by_name("cpu"));
  CHECK_FALSE(component_by_name(""));
}

}  // namespace oak::test
