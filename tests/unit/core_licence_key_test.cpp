#include "core/licence_key.h"

#include "core/base32.h"
#include "tests/unit/core_corpus.h"
#include "tests/vectors/vendor.h"

namespace oak::test {
namespace {

const std::vector<std::string> ids = {"K7QX2M4A", "7", "ACME-EU", "acme.west-2", "Northwind_Instruments.Plant-2026", "A.B-C_d", "2026-11"};

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
  // Goal: dashes, spaces, groups joined, white space around; small letters where the id has none of its own.
  for (const std::string& id : ids) {
    const std::string key = key_for(id);
    INFO(key);
    const LicenceKey printed = parse_licence_key(key).value();
    CHECK(printed.licence_id == id);
    CHECK(format_licence_key(printed) == key);
    std::string spaced = key;
    for (std::size_t i = id.size(); i < spaced.size(); ++i)
      if (spaced[i] == '-') spaced[i] = ' ';
    for (const std::string& typed : {spaced, joined_groups(key, id), "  " + key + "\r\n"}) {
      INFO(typed);
      const auto read = parse_licence_key(typed);
      REQUIRE(read);
      CHECK(same(*read, printed));
    }
    if (small(id) == id || id == "K7QX2M4A" || id == "ACME-EU") CHECK(same(parse_licence_key(small(key)).value(), printed));
  }
}

TEST_CASE("every wrong character at every place is caught") {
  // Goal: the promise of the check characters, tried out in full for the printed form and for groups without dashes.
  for (const std::string& id : ids) {
    const std::string key = key_for(id);
    const LicenceKey printed = parse_licence_key(key).value();
    for (const std::string& form : {key, joined_groups(key, id)}) {
      std::string typed = form;
      for (std::size_t at = 0; at < typed.size(); ++at) {
        for (const char wrong : keyboard()) {
          if (wrong == form[at]) continue;
          typed[at] = wrong;
          const auto read = parse_licence_key(typed);
          // A small letter in a group, a space for a dash, and a space at an end are the same key in other clothes.
          if (read && !same(*read, printed)) FAIL("'" << typed << "' passes for '" << form << "'");
          const bool in_check = at >= id.size();
          if (read && !(in_check && (wrong == ' ' || wrong == '-' || small(form.substr(at, 1))[0] == wrong)))
            FAIL("'" << typed << "' is read as '" << form << "'");
        }
        typed[at] = form[at];
      }
    }
  }
}

TEST_CASE("every swap of neighbours is caught") {
  // Goal: the commonest slip of all. Neighbours that are equal, or a dash and a space, are no swap.
  for (const std::string& id : ids) {
    const std::string key = key_for(id);
    for (const std::string& form : {key, joined_groups(key, id)}) {
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

TEST_CASE("typed in small letters throughout, every slip in a group is caught, and nearly every one in the id") {
  // Goal: the limit that docs/format.md names. An id has two readings there, so that a wrong character of it may pass as an
  // id in small letters, once in about a thousand; it never passes as the right one.
  std::size_t tried = 0, passed = 0;
  for (const std::string& id : {std::string("K7QX2M4A"), std::string("ACME-EU"), std::string("2026-11")}) {
    const std::string key = small(key_for(id));
    const LicenceKey right = parse_licence_key(key).value();
    for (std::size_t at = 0; at < key.size(); ++at) {
      for (const char wrong : std::string("abcdefghijklmnopqrstuvwxyz0123456789._-")) {
        if (wrong == key[at]) continue;
        std::string typed = key;
        typed[at] = wrong;
        const auto read = parse_licence_key(typed);
        if (at < id.size() + 3) {
          ++tried;
          if (read) CHECK_FALSE(same(*read, right));
          passed += read.has_value();
        } else {
          INFO(typed);
          CHECK_FALSE(read);
        }
      }
    }
  }
  CHECK(tried > 900);
  CHECK(passed * 200 < tried);
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
