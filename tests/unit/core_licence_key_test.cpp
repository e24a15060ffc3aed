#include "core/licence_key.h"

#include "core/base32.h"
#include "tests/unit/core_corpus.h"
#include "tests/vectors/vendor.h"

namespace oak::test {
namespace {

const std::vector<std::string> ids = {"K7QX2M4A", "7", "ACME-EU", "ACME.WEST-2", "NORTHWIND_INSTRUMENTS.PLANT-2026", "A.B-C_D", "2026-11"};

std::string key_for(const std::string& id) {
  vectors::NamedRandom random("exhaustive " + id);
  return format_licence_key(make_licence_key(id, random));
}

std::string small(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

std::string joined_groups(const std::string& key, const std::string& id) {
  std::string out = key.substr(0, id.size() + 4);
  for (const char c : key.substr(id.size() + 4))
    if (c != '-') out += c;
  return out;
}

bool same(const LicenceKey& a, const LicenceKey& b) {
  return a.licence_id == b.licence_id && equal_constant_time(a.secret.view(), b.secret.view());
}

/// What a keyboard gives in one stroke.
std::string keyboard() {
  std::string out;
  for (char c = ' '; c <= '~'; ++c) out += c;
  return out;
}

}  // namespace

TEST_CASE("a licence key is read back from every way it may be typed") {
  // Goal: dashes, spaces, groups joined, white space around, small letters: throughout, in the id or in the groups alone.
  for (const std::string& id : ids) {
    const std::string key = key_for(id);
    INFO(key);
    const LicenceKey printed = parse_licence_key(key).value();
    CHECK(printed.licence_id == id);
    CHECK(format_licence_key(printed) == key);
    std::string spaced = key;
    for (std::size_t i = id.size(); i < spaced.size(); ++i)
      if (spaced[i] == '-') spaced[i] = ' ';
    const std::string small_id = small(key.substr(0, id.size())) + key.substr(id.size());
    const std::string small_groups = key.substr(0, id.size()) + small(key.substr(id.size()));
    for (const std::string& typed : {spaced, joined_groups(key, id), "  " + key + "\r\n", small(key), small_id, small_groups}) {
      INFO(typed);
      const auto read = parse_licence_key(typed);
      REQUIRE(read);
      CHECK(same(*read, printed));
    }
  }
}

TEST_CASE("every wrong character at every place is caught") {
  // Goal: the promise of the check characters, tried out in full for the printed form, for groups without dashes, and for
  // both typed in small letters.
  for (const std::string& id : ids) {
    const std::string key = key_for(id), joined = joined_groups(key, id);
    const LicenceKey printed = parse_licence_key(key).value();
    for (const std::string& form : {key, joined, small(key), small(joined)}) {
      std::string typed = form;
      for (std::size_t at = 0; at < typed.size(); ++at) {
        for (const char wrong : keyboard()) {
          if (small({wrong}) == small({form[at]})) continue;  // the same character in the other case
          typed[at] = wrong;
          const auto read = parse_licence_key(typed);
          // A space for a dash behind the id is the same key in other clothes.
          const bool is_separator = at >= id.size() && (form[at] == '-' && wrong == ' ');
          if (read && !(is_separator && same(*read, printed))) FAIL("'" << typed << "' passes for '" << form << "'");
        }
        typed[at] = form[at];
      }
    }
  }
}

TEST_CASE("every swap of neighbours is caught") {
  // Goal: the commonest slip of all. Neighbours that are equal are no swap.
  for (const std::string& id : ids) {
    const std::string key = key_for(id), joined = joined_groups(key, id);
    for (const std::string& form : {key, joined, small(key), small(joined)}) {
      for (std::size_t at = 0; at + 1 < form.size(); ++at) {
        if (form[at] == form[at + 1]) continue;
        std::string typed = form;
        std::swap(typed[at], typed[at + 1]);
        INFO(typed);
        REQUIRE_FALSE(parse_licence_key(typed));
      }
    }
  }
}

TEST_CASE("at every place of an id, every wrong character and every swap is caught, in capitals and in small letters") {
  // Goal: the check of the id has no blind spot. Its sum is linear and counts from the end, so that what is caught at a place
  // depends neither on the other characters nor on the length: every pair at every place of the longest is every slip.
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  const auto checked_part = [](const std::string& id) { return key_for(id).substr(0, id.size() + 3); };
  const auto passes = [](const std::string& typed) { return check_licence_id_part(typed) || check_licence_id_part(small(typed)); };
  for (const std::size_t size : {std::size_t{1}, std::size_t{2}, std::size_t{8}, max_licence_id_bytes}) {
    const std::string filled(size, 'K');
    for (std::size_t at = 0; at < size; ++at) {
      for (const char right : alphabet) {
        std::string id = filled;
        id[at] = right;
        if (!is_licence_id(id)) continue;
        const std::string part = checked_part(id);
        REQUIRE(check_licence_id_part(small(part)).value() == id);
        std::string typed = part;
        for (const char wrong : alphabet) {
          typed[at] = wrong;
          if (wrong != right && passes(typed)) FAIL("'" << typed << "' passes for '" << part << "'");
        }
        typed = part;
        if (at + 1 == size) continue;
        for (const char next : alphabet) {
          id[at + 1] = next;
          typed = checked_part(id);
          std::swap(typed[at], typed[at + 1]);
          if (next != right && passes(typed)) FAIL("'" << typed << "' passes with its neighbours swapped");
        }
        id[at + 1] = filled[at + 1];
      }
    }
  }
}

TEST_CASE("a licence id has no small letters, is not empty and not too long") {
  // Goal: one spelling an id, so that a key has one reading.
  for (const std::string& id : ids) CHECK(is_licence_id(id));
  CHECK(is_licence_id(std::string(max_licence_id_bytes, 'L')));
  for (const std::string& text : {std::string(), std::string("acme"), std::string("ACMe"), std::string("-ACME"), std::string("AC ME"),
                                  std::string("AC/ME"), std::string(max_licence_id_bytes + 1, 'L')})
    CHECK_FALSE(is_licence_id(text));
}

TEST_CASE("groups in another order, doubled or left out are caught") {
  // Goal: each group's check depends on its place.
  const std::string id = "K7QX2M4A", key = key_for(id);
  std::vector<std::string> groups;
  for (std::size_t i = 0; i < licence_key_groups; ++i) groups.push_back(key.substr(12 + 7 * i, 6));
  for (std::size_t a = 0; a < licence_key_groups; ++a) {
    for (std::size_t b = 0; b < licence_key_groups; ++b) {
      INFO(a << " at the place of " << b);
      CHECK(check_licence_group(groups[a], b).has_value() == (a == b));
      CHECK(check_licence_group(small(groups[a]) + " ", b).has_value() == (a == b));
    }
    std::string without = key;
    without.erase(11 + 7 * a, 7);
    CHECK_FALSE(parse_licence_key(without));
  }
  CHECK(check_licence_group("ABC", 0).error().context.find("group 1 of 5") != std::string::npos);
  CHECK(check_licence_group("ABC1EF", 4).error().context.find("'1'") != std::string::npos);
}

TEST_CASE("the id part is checked alone, as it is typed") {
  // Goal: a prompt can say at once that the first part is wrong.
  for (const std::string& id : ids) {
    const std::string part = key_for(id).substr(0, id.size() + 3);
    CHECK(check_licence_id_part(part).value() == id);
    CHECK(check_licence_id_part(" " + part + " ").value() == id);
    CHECK_FALSE(check_licence_id_part(id));
    CHECK_FALSE(check_licence_id_part(part.substr(1)));
  }
  CHECK_FALSE(check_licence_id_part(""));
  CHECK_FALSE(check_licence_id_part("-AA"));
}

TEST_CASE("what is no licence key is refused by its own code, whatever it is") {
  // Goal: no length and no byte does harm.
  for (std::size_t size = 0; size < 60; ++size) CHECK(parse_licence_key(std::string(size, 'A')).error().code == Code::bad_licence_key);
  for (const std::string& text : {std::string(1 << 16, '-'), std::string(100, '\0'), std::string("\xff\xfe"), std::string(47, ' ')})
    CHECK(parse_licence_key(text).error().code == Code::bad_licence_key);
  const std::string long_id(33, 'A');
  CHECK_FALSE(parse_licence_key(key_for(long_id)));
}

TEST_CASE("a secret has 125 bits of the source's randomness") {
  // Goal: all 32 characters appear at all places, and two keys differ. It does not prove that the source is random.
  vectors::NamedRandom random("many keys");
  std::array<std::array<bool, 32>, licence_secret_chars> seen{};
  std::string before;
  for (int i = 0; i < 600; ++i) {
    const LicenceKey key = make_licence_key(make_licence_id(random), random);
    CHECK(key.licence_id.size() == 8);
    const std::string secret(as_text(key.secret.view()));
    CHECK(secret != before);
    before = secret;
    for (std::size_t at = 0; at < secret.size(); ++at) seen[at][static_cast<std::size_t>(base32_value(secret[at]))] = true;
  }
  for (const auto& place : seen) CHECK(std::count(place.begin(), place.end(), true) == 32);
}

TEST_CASE("proof and fingerprint keys are apart from each other, by licence, product and site secret") {
  // Goal: no key stands in for another. The values themselves are in the vectors.
  vectors::NamedRandom random("derivations");
  const LicenceKey key = make_licence_key("L1", random);
  const LicenceKey other_id{"L2", key.secret.clone()};
  const auto hex = [](const SymmetricKey& derived) { return to_hex(derived.view()); };
  const std::vector<std::string> all = {hex(proof_key_of(key)),
                                        hex(proof_key_of(other_id)),
                                        hex(fingerprint_key_of(key, "demo", {})),
                                        hex(fingerprint_key_of(key, "demo2", {})),
                                        hex(fingerprint_key_of(key, "demo", as_bytes("s"))),
                                        hex(fingerprint_key_of(key, "demo", as_bytes("t"))),
                                        hex(fingerprint_key_of(key, "L1", {}))};
  for (std::size_t a = 0; a < all.size(); ++a)
    for (std::size_t b = a + 1; b < all.size(); ++b) CHECK(all[a] != all[b]);
  CHECK(hex(fingerprint_key_of(other_id, "demo", {})) == all[2]);  // the id is public: digests need not depend on it
}

}  // namespace oak::test
