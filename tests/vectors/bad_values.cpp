#include "tests/vectors/bad_values.h"

#include <string>

#include "tests/vectors/payload_map.h"

namespace oak::vectors {
namespace {

std::vector<Bytes> numbered_texts(std::size_t count) {
  std::vector<Bytes> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(item::text("f" + std::to_string(100 + i)));
  return out;
}

Bytes member_item(unsigned component, std::uint8_t digest) { return item::array({item::uint(component), item::bytes(16, digest)}); }
Bytes member_item(unsigned component, std::uint8_t digest, std::string_view label) {
  return item::array({item::uint(component), item::bytes(16, digest), item::text(label)});
}

constexpr std::uint64_t above_count = std::uint64_t{1} << 32, above_time = 253402300800;

std::vector<BadValue> names_and_versions() {
  return {
      {Field::product, "not-a-name", item::text("de mo"), "a space in a name"},
      {Field::product, "leading-dot", item::text(".demo"), "a name that begins with a dot"},
      {Field::product, "path", item::text("demo/../x"), "a path in place of a name"},
      {Field::product, "not-ascii", item::text("d\xc3\xa9mo"), "a letter outside ASCII"},
      {Field::product, "empty", item::text(""), "an empty name"},
      {Field::product, "too-long", item::text(std::string(41, 'p')), "41 bytes"},
      {Field::licence, "not-a-name", item::text("K7QX/2M4A"), "a slash in a name"},
      {Field::licence, "empty", item::text(""), "an empty name"},
      {Field::licence, "small-letter", item::text("K7QX2M4a"), "a small letter"},
      {Field::licence, "too-long", item::text(std::string(33, 'L')), "33 bytes"},
      {Field::version, "not-a-version", item::text("3.x"), "a letter in a version"},
      {Field::version, "empty", item::text(""), "an empty version"},
      {Field::version, "too-long", item::text("4294967295.4294967295.4294967295.4294967295-" + std::string(21, 'a')), "65 bytes"},
      {Field::versions, "not-a-range", item::text("3.x"), "a letter in a range"},
      {Field::versions, "empty", item::text(""), "an empty range"},
      {Field::versions, "holds-nothing", item::text(">=5 <3"), "a range that holds no version"},
      {Field::versions, "two-spaces", item::text(">=3  <5"), "two spaces between comparisons"},
      {Field::versions, "space-behind", item::text("3.* "), "a space at the end"},
      {Field::versions, "too-long", item::text(">=1 >=1 >=1 >=1 >=1 >=1 >=1 >=1 >=1 >=1 >=1 >=1 >=1 >=1 >=1 >=1 <2"), "more than 64 bytes"},
  };
}

std::vector<BadValue> numbers() {
  return {
      {Field::seats, "zero", item::uint(0), "no seat"},
      {Field::seats, "too-large", item::uint(1000001), "a million and one"},
      {Field::at, "too-large", item::uint(above_time), "a time in the year 10000"},
      {Field::kind, "zero", item::uint(0), "kind 0"},
      {Field::kind, "three", item::uint(3), "kind 3"},
      {Field::not_after, "too-large", item::uint(above_time), "a time in the year 10000"},
      {Field::generation, "zero", item::uint(0), "generation 0"},
      {Field::generation, "too-large", item::uint(above_count), "2^32"},
      {Field::generation, "negative", item::negative(-1), "a negative number"},
      {Field::grace_days, "too-large", item::uint(91), "91 days"},
      {Field::index, "too-large", item::uint(above_count), "2^32"},
      {Field::binding, "zero", item::uint(0), "binding 0"},
      {Field::binding, "virtual-tpm", item::uint(2), "reserved for later"},
      {Field::binding, "hardware-tpm", item::uint(3), "reserved for later"},
      {Field::serial, "zero", item::uint(0), "serial 0"},
      {Field::serial, "too-large", item::uint(above_count), "2^32"},
      {Field::max_days, "zero", item::uint(0), "no day"},
      {Field::max_days, "too-large", item::uint(3661), "3661 days"},
      {Field::max_seats, "zero", item::uint(0), "no seat"},
      {Field::max_seats, "too-large", item::uint(1000001), "a million and one"},
      {Field::not_before, "too-large", item::uint(above_time), "a time in the year 10000"},
      {Field::threshold, "zero", item::uint(0), "no signature needed"},
      {Field::threshold, "above-roots", item::uint(4), "four of three"},
      {Field::lowest_bulletin, "too-large", item::uint(above_count), "2^32"},
      {Field::number, "zero", item::uint(0), "number 0"},
      {Field::number, "too-large", item::uint(above_count), "2^32"},
      {Field::ttl_s, "zero", item::uint(0), "no second"},
      {Field::ttl_s, "too-large", item::uint(86401), "a day and a second"},
      {Field::reset_clock, "zero", item::uint(0), "0, where only 1 may stand"},
      {Field::reset_clock, "two", item::uint(2), "2, where only 1 may stand"},
  };
}

std::vector<BadValue> byte_strings() {
  std::vector<BadValue> out;
  const std::vector<std::pair<Field, std::size_t>> sizes = {
      {Field::machine_key, 32}, {Field::seat_server_key, 32}, {Field::nonce, 16},        {Field::fingerprint_key, 8},
      {Field::request, 16},     {Field::proof, 32},           {Field::activation, 16},   {Field::issuer_key, 32},
      {Field::sealing_key, 32}, {Field::successor, 16},       {Field::computer_key, 32}, {Field::lease, 16}};
  for (const auto& [field, size] : sizes) {
    out.push_back({field, "short", item::bytes(size - 1, 0x5a), "one byte too short"});
    out.push_back({field, "long", item::bytes(size + 1, 0x5a), "one byte too long"});
  }
  out.push_back({Field::new_trust, "empty", item::bytes(ByteView{}), "an empty byte string"});
  out.push_back({Field::new_trust, "too-long", item::bytes(65537, 0), "65537 bytes"});
  return out;
}

std::vector<BadValue> free_texts() {
  std::vector<BadValue> out;
  const auto add = [&](Field field, const char* name, const std::string& text, const char* why) {
    out.push_back({field, name, item::text(text), why});
  };
  add(Field::site, "newline", "Werk\n2", "a line feed");
  add(Field::site, "nul", std::string("Werk\0002", 6), "a NUL");
  add(Field::site, "delete",
      "Werk\x7f"
      "2",
      "DEL");
  add(Field::site, "c1",
      "Werk\xc2\x85"
      "2",
      "U+0085, a C1 control character");
  add(Field::site, "line-separator",
      "Werk\xe2\x80\xa8"
      "2",
      "U+2028");
  add(Field::site, "paragraph-separator",
      "Werk\xe2\x80\xa9"
      "2",
      "U+2029");
  add(Field::site, "bidi-override",
      "Werk\xe2\x80\xae"
      "2",
      "U+202E, a direction override");
  add(Field::site, "bidi-embedding",
      "Werk\xe2\x80\xaa"
      "2",
      "U+202A, a direction embedding");
  add(Field::site, "bidi-isolate",
      "Werk\xe2\x81\xa6"
      "2",
      "U+2066, a direction isolate");
  add(Field::site, "bidi-pop",
      "Werk\xe2\x81\xa9"
      "2",
      "U+2069, the end of an isolate");
  for (const auto& [field, limit] : {std::pair{Field::site, 120}, {Field::reason, 240}, {Field::customer, 120}, {Field::contact, 240}}) {
    add(field, "empty", "", "empty: it should have been left out");
    add(field, "too-long", std::string(static_cast<std::size_t>(limit) + 1, 'x'), "one byte too long");
    if (field != Field::site) add(field, "control", "one\ttwo", "a tab");
  }
  return out;
}

std::vector<BadValue> hardware() {
  const auto f = [](const char* name, const std::vector<Bytes>& members, const char* why) {
    return BadValue{Field::fingerprint, name, item::array(members), why};
  };
  std::vector<Bytes> seventeen;
  for (std::uint8_t i = 0; i < 17; ++i) seventeen.push_back(member_item(5, i));
  const auto u = [](const char* name, const Bytes& value, const char* why) { return BadValue{Field::unusable, name, value, why}; };
  const auto e = [](const char* name, const Bytes& value, const char* why) { return BadValue{Field::environment, name, value, why}; };
  const auto pair = [](unsigned a, unsigned b) { return item::array({item::uint(a), item::uint(b)}); };
  return {
      f("empty", {}, "no member"),
      f("component-0", {member_item(0, 1)}, "component 0"),
      f("component-10", {member_item(10, 1)}, "component 10"),
      f("member-not-a-list", {item::uint(1)}, "a number in place of a member"),
      f("member-of-one", {item::array({item::uint(1)})}, "a member without digest"),
      f("member-of-four", {item::array({item::uint(5), item::bytes(16, 1), item::text("eth0"), item::uint(0)})}, "a fourth item"),
      f("digest-short", {item::array({item::uint(1), item::bytes(15, 1)})}, "a digest of 15 bytes"),
      f("digest-text", {item::array({item::uint(1), item::text("0123456789abcdef")})}, "a digest as a text"),
      f("unsorted", {member_item(5, 1), member_item(1, 1)}, "component 5 before component 1"),
      f("unsorted-digests", {member_item(5, 2), member_item(5, 1)}, "the larger digest first"),
      f("doubled", {member_item(5, 1), member_item(5, 1)}, "the same member twice"),
      f("two-of-a-single", {member_item(1, 1), member_item(1, 2)}, "two product_uuid"),
      f("seventeen", seventeen, "17 members of a set"),
      f("label-on-single", {member_item(1, 1, "uuid")}, "a label on a component that is no set"),
      f("label-empty", {member_item(5, 1, "")}, "an empty label"),
      f("label-too-long", {member_item(5, 1, std::string(33, 'e'))}, "a label of 33 bytes"),
      f("label-control", {member_item(5, 1, "eth\x1b")}, "an escape character in a label"),
      f("label-number", {item::array({item::uint(5), item::bytes(16, 1), item::uint(0)})}, "a label that is a number"),
      u("empty", item::array({}), "no entry"),
      u("state-absent", item::array({pair(1, 3)}), "state 3, absent"),
      u("state-6", item::array({pair(1, 6)}), "state 6, new"),
      u("component-0", item::array({pair(0, 4)}), "component 0"),
      u("component-10", item::array({pair(10, 4)}), "component 10"),
      u("entry-of-three", item::array({item::array({item::uint(1), item::uint(4), item::uint(0)})}), "a third item"),
      u("unsorted", item::array({pair(2, 4), pair(1, 4)}), "component 2 before component 1"),
      u("doubled", item::array({pair(1, 4), pair(1, 4)}), "the same entry twice"),
      e("both-null", item::array({item::null(), item::null()}), "nothing said: it should have been left out"),
      e("of-one", item::array({item::text("kvm")}), "one entry"),
      e("of-three", item::array({item::text("kvm"), item::null(), item::null()}), "three entries"),
      e("not-a-name", item::array({item::text("k v m"), item::null()}), "spaces in a name"),
      e("too-long", item::array({item::text(std::string(33, 'k')), item::null()}), "33 bytes"),
      e("number", item::array({item::uint(1), item::null()}), "a number in place of a name"),
  };
}

std::vector<BadValue> lists() {
  const auto uints = [](const std::vector<unsigned>& values) {
    std::vector<Bytes> out;
    for (const unsigned value : values) out.push_back(item::uint(value));
    return item::array(out);
  };
  const auto texts = [](const std::vector<std::string>& values) {
    std::vector<Bytes> out;
    for (const std::string& value : values) out.push_back(item::text(value));
    return item::array(out);
  };
  const auto policy = [&](unsigned threshold, const std::vector<unsigned>& weights) {
    return item::array({item::uint(threshold), uints(weights)});
  };
  std::vector<unsigned> seventeen;
  for (unsigned i = 1; i <= 17; ++i) seventeen.push_back(i);
  std::vector<BadValue> out = {
      {Field::policy, "threshold-zero", policy(0, {4, 3, 2, 4, 1, 1}), "0 percent"},
      {Field::policy, "threshold-101", policy(101, {4, 3, 2, 4, 1, 1}), "101 percent"},
      {Field::policy, "weight-16", policy(60, {16, 3, 2, 4, 1, 1}), "weight 16"},
      {Field::policy, "weights-zero", policy(60, {0, 0, 0, 0, 0, 0}), "no weight at all"},
      {Field::policy, "five-weights", policy(60, {4, 3, 2, 4, 1}), "five weights"},
      {Field::policy, "seven-weights", policy(60, {4, 3, 2, 4, 1, 1, 1}), "seven weights"},
      {Field::policy, "threshold-text", item::array({item::text("60"), uints({4, 3, 2, 4, 1, 1})}), "a threshold as a text"},
      {Field::policy, "of-three", item::array({item::uint(60), uints({4, 3, 2, 4, 1, 1}), item::uint(0)}), "a third item"},
      {Field::policy, "weight-text", item::array({item::uint(60), texts({"4", "3", "2", "4", "1", "1"})}), "weights as texts"},
      {Field::accepts, "empty", uints({}), "nothing accepted"},
      {Field::accepts, "seventeen", uints(seventeen), "17 numbers"},
      {Field::accepts, "too-large", uints({2, 256}), "256"},
      {Field::accepts, "unsorted", uints({4, 2}), "4 before 2"},
      {Field::accepts, "doubled", uints({2, 2}), "2 twice"},
      {Field::accepts, "texts", texts({"activation"}), "a text in place of a number"},
      {Field::kinds, "empty", uints({}), "no kind"},
      {Field::kinds, "zero", uints({0, 1}), "kind 0"},
      {Field::kinds, "three", uints({2, 3}), "kind 3"},
      {Field::kinds, "texts", texts({"permanent"}), "a text in place of a number"},
      {Field::kinds, "unsorted", uints({2, 1}), "2 before 1"},
  };
  for (const Field field : {Field::features, Field::products}) {
    out.push_back({field, "sixty-five", item::array(numbered_texts(65)), "65 texts"});
    out.push_back({field, "empty-text", texts({"", "demo"}), "an empty text"});
    out.push_back({field, "too-long", texts({std::string(41, 'f'), "x"}), "a text of 41 bytes"});
    out.push_back({field, "unsorted", texts({"x", "demo"}), "not ascending"});
    out.push_back({field, "doubled", texts({"demo", "demo"}), "the same text twice"});
    out.push_back({field, "control", texts({"demo", "x\n"}), "a line feed in a text"});
    out.push_back({field, "numbers", uints({1}), "a number in place of a text"});
  }
  return out;
}

std::vector<Bytes> many_ids(std::size_t count) {
  std::vector<Bytes> out;
  for (std::size_t i = 0; i < count; ++i) {
    Bytes id(16, 0);
    id[0] = static_cast<std::uint8_t>(i >> 8);
    id[1] = static_cast<std::uint8_t>(i);
    out.push_back(item::bytes(id));
  }
  return out;
}

std::vector<BadValue> keys_and_ids() {
  const auto id = [](std::uint8_t value) { return item::bytes(16, value); };
  const auto roots = [](const std::vector<Bytes>& keys) { return item::array(keys); };
  const Bytes one_root = roots({item::bytes(32, 1)}), earlier = item::array({one_root, item::uint(1)});
  const auto issuer = [](std::uint64_t serial, const std::vector<Bytes>& survivors) {
    return item::array({item::uint(serial), item::array(survivors)});
  };
  std::vector<Bytes> seventeen, sixty_five;
  for (std::uint8_t i = 0; i < 17; ++i) seventeen.push_back(item::bytes(32, i));
  for (std::uint64_t i = 1; i <= 65; ++i) sixty_five.push_back(issuer(i, {}));
  return {
      {Field::supersedes, "id-short", item::array({item::bytes(15, 1), item::uint(4), item::uint(17)}), "an id of 15 bytes"},
      {Field::supersedes, "generation-zero", item::array({id(1), item::uint(0), item::uint(17)}), "generation 0"},
      {Field::supersedes, "generation-too-large", item::array({id(1), item::uint(above_count), item::uint(17)}), "generation 2^32"},
      {Field::supersedes, "index-too-large", item::array({id(1), item::uint(4), item::uint(above_count)}), "index 2^32"},
      {Field::supersedes, "id-text", item::array({item::text(std::string(16, 'x')), item::uint(4), item::uint(17)}), "an id as a text"},
      {Field::supersedes, "index-text", item::array({id(1), item::uint(4), item::text("17")}), "an index as a text"},
      {Field::supersedes, "of-two", item::array({id(1), item::uint(4)}), "no index"},
      {Field::supersedes, "generation-text", item::array({id(1), item::text("4"), item::uint(17)}), "a generation as a text"},
      {Field::earlier, "empty", item::array({}), "no earlier roots"},
      {Field::earlier, "seventeen", item::array(std::vector<Bytes>(17, earlier)), "17 sets of roots"},
      {Field::earlier, "entry-number", item::array({item::uint(1)}), "a number in place of a set"},
      {Field::earlier, "entry-of-one", item::array({item::array({one_root})}), "a set without its threshold"},
      {Field::earlier, "entry-of-three", item::array({item::array({one_root, item::uint(1), item::uint(1)})}), "a third thing in a set"},
      {Field::earlier, "roots-unsorted", item::array({item::array({roots({item::bytes(32, 2), item::bytes(32, 1)}), item::uint(1)})}),
       "its roots are not ascending"},
      {Field::earlier, "no-roots", item::array({item::array({roots({}), item::uint(1)})}), "a set of none"},
      {Field::earlier, "threshold-text", item::array({item::array({one_root, item::text("1")})}), "a threshold as a text"},
      {Field::earlier, "threshold-zero", item::array({item::array({one_root, item::uint(0)})}), "no signature needed"},
      {Field::earlier, "threshold-above-roots", item::array({item::array({one_root, item::uint(2)})}), "two of one"},
      {Field::roots, "empty", roots({}), "no root"},
      {Field::roots, "seventeen", roots(seventeen), "17 roots"},
      {Field::roots, "short", roots({item::bytes(31, 1), item::bytes(32, 2), item::bytes(32, 3)}), "a key of 31 bytes"},
      {Field::roots, "texts", roots({item::text(std::string(32, 'a')), item::text(std::string(32, 'b'))}), "keys as texts"},
      {Field::roots, "unsorted", roots({item::bytes(32, 2), item::bytes(32, 1), item::bytes(32, 3)}), "not ascending"},
      {Field::roots, "doubled", roots({item::bytes(32, 1), item::bytes(32, 1), item::bytes(32, 3)}), "the same key twice"},
      {Field::revoked, "id-short", item::array({item::bytes(15, 1)}), "an id of 15 bytes"},
      {Field::revoked, "id-text", item::array({item::text(std::string(16, 'x'))}), "an id as a text"},
      {Field::revoked, "unsorted", item::array({id(2), id(1)}), "not ascending"},
      {Field::revoked, "doubled", item::array({id(1), id(1)}), "the same id twice"},
      {Field::revoked, "too-many", item::array(many_ids(16385)), "16,385 ids"},
      {Field::revoked_issuers, "serial-zero", item::array({issuer(0, {})}), "serial 0"},
      {Field::revoked_issuers, "serial-too-large", item::array({issuer(above_count, {})}), "serial 2^32"},
      {Field::revoked_issuers, "unsorted", item::array({issuer(2, {}), issuer(1, {})}), "serial 2 before serial 1"},
      {Field::revoked_issuers, "doubled", item::array({issuer(2, {}), issuer(2, {})}), "serial 2 twice"},
      {Field::revoked_issuers, "sixty-five", item::array(sixty_five), "65 issuers"},
      {Field::revoked_issuers, "entry-of-one", item::array({item::array({item::uint(1)})}), "an entry without survivors"},
      {Field::revoked_issuers, "entry-number", item::array({item::uint(1)}), "a number in place of an entry"},
      {Field::revoked_issuers, "serial-text", item::array({item::array({item::text("1"), item::array({})})}), "a serial as a text"},
      {Field::revoked_issuers, "survivors-map", item::array({item::array({item::uint(1), item::map({})})}), "survivors as a map"},
      {Field::revoked_issuers, "survivor-text", item::array({issuer(1, {item::text(std::string(16, 'x'))})}), "a survivor as a text"},
      {Field::revoked_issuers, "survivor-short", item::array({issuer(1, {item::bytes(15, 1)})}), "a survivor of 15 bytes"},
      {Field::revoked_issuers, "survivors-unsorted", item::array({issuer(1, {id(2), id(1)})}), "survivors not ascending"},
  };
}

}  // namespace

std::vector<BadValue> bad_values() {
  std::vector<BadValue> all;
  for (const auto& part : {names_and_versions(), numbers(), byte_strings(), free_texts(), hardware(), lists(), keys_and_ids()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace oak::vectors
