#include "core/licence_key.h"

#include <algorithm>
#include <array>

#include "core/base32.h"
#include "core/text.h"

namespace oak {
namespace {

constexpr std::size_t group_data = 5, group_chars = group_data + 1, id_check_chars = 2;
constexpr unsigned id_prime = 1021;  // the largest prime below 32², so that two Base32 characters hold a residue
constexpr unsigned id_base = 10;     // of order 1020 modulo 1021: no two places of an id have the same weight

/// Multiplication in GF(32), polynomial x⁵ + x² + 1.
unsigned gf_multiply(unsigned a, unsigned b) {
  unsigned out = 0;
  for (; b != 0; b >>= 1) {
    if (b & 1) out ^= a;
    a = (a << 1) ^ ((a & 16) ? 0b100101U : 0U);
  }
  return out & 31;
}

/// c = Σ αⁱ·dᵢ + (index + 1) for i = 1 to 5: the check character has weight 1, so all six places differ in weight.
char group_check(std::string_view data, std::size_t index) {
  unsigned check = static_cast<unsigned>(index) + 1, weight = 1;
  for (const char c : data) {
    weight = gf_multiply(weight, 2);
    check ^= gf_multiply(weight, static_cast<unsigned>(base32_value(c)));
  }
  return base32_char(check);
}

/// Σ 10^(i+2)·idᵢ modulo 1021 over the id's ASCII codes, counted from its end, as two Base32 characters.
std::string id_check(std::string_view id) {
  unsigned sum = 0, weight = id_base * id_base % id_prime;
  for (std::size_t i = id.size(); i > 0; --i) {
    sum = (sum + weight * static_cast<unsigned char>(id[i - 1])) % id_prime;
    weight = weight * id_base % id_prime;
  }
  return {base32_char(sum >> 5), base32_char(sum & 31)};
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

tl::unexpected<Error> refuse(std::string context) { return fail(Code::bad_licence_key, std::move(context)); }

/// Splits the groups off the end: with all their separators, or with none at all.
Result<std::array<std::string, licence_key_groups>> take_groups(std::string_view& text) {
  std::array<std::string, licence_key_groups> groups;
  const bool separated =
      text.size() > group_chars && (text[text.size() - group_chars - 1] == '-' || text[text.size() - group_chars - 1] == ' ');
  for (std::size_t i = licence_key_groups; i > 0; --i) {
    if (text.size() < group_chars + 1) return refuse("it is too short");
    groups[i - 1] = upper(text.substr(text.size() - group_chars));
    text.remove_suffix(group_chars);
    const bool has_separator = text.back() == '-' || text.back() == ' ';
    if (i > 1 && has_separator != separated) return refuse("group " + std::to_string(i) + " of 5 has not 6 characters");
    if (i == 1 && !has_separator) return refuse("the part before group 1 is missing");
    if (has_separator) text.remove_suffix(1);
  }
  return groups;
}

SymmetricKey derive(ByteView input_key, ByteView salt, std::string_view label, std::string_view name) {
  Bytes info(label.begin(), label.end());
  info.push_back(0);
  info.insert(info.end(), name.begin(), name.end());
  return hkdf_sha256(input_key, salt, info);
}

}  // namespace

bool is_licence_id(std::string_view text) { return is_name(text, max_licence_id_bytes) && upper(text) == text; }

LicenceKey make_licence_key(std::string licence_id, Random& random) {
  LicenceKey key{std::move(licence_id), {}};
  random.fill(key.secret.data(), key.secret.size());
  // 256 is a multiple of 32: masking keeps the characters uniform.
  for (std::size_t i = 0; i < key.secret.size(); ++i)
    key.secret.data()[i] = static_cast<std::uint8_t>(base32_char(key.secret.data()[i] & 31));
  return key;
}

std::string make_licence_id(Random& random) { return base32_encode(random_bytes<5>(random)); }

std::string format_licence_key(const LicenceKey& key) {
  std::string out = key.licence_id + "-" + id_check(key.licence_id);
  const std::string_view secret = as_text(key.secret.view());
  for (std::size_t i = 0; i < licence_key_groups; ++i) {
    const std::string_view data = secret.substr(i * group_data, group_data);
    out += "-" + std::string(data) + group_check(data, i);
  }
  return out;
}

Status check_licence_group(std::string_view group, std::size_t index) {
  const std::string typed = upper(trimmed(group));
  const std::string name = "group " + std::to_string(index + 1) + " of 5";
  if (typed.size() != group_chars) return refuse(name + " has not 6 characters");
  for (const char c : typed)
    if (base32_value(c) < 0) return refuse(name + " has " + in_quotes({&c, 1}) + ": only A to Z and 2 to 7 are used");
  if (group_check(std::string_view(typed).substr(0, group_data), index) != typed.back()) return refuse(name + " has a wrong character");
  return {};
}

Result<std::string> check_licence_id_part(std::string_view text) {
  text = trimmed(text);
  const std::size_t dash = text.find_last_of("- ");
  if (dash == std::string_view::npos || text.size() - dash - 1 != id_check_chars)
    return refuse("the part before group 1 does not end in a dash and 2 characters");
  std::string id = upper(text.substr(0, dash));
  if (!is_licence_id(id) || id_check(id) != upper(text.substr(dash + 1)))
    return refuse("the part before group 1 (" + in_quotes(text) + ") has a wrong character");
  return id;
}

Result<LicenceKey> parse_licence_key(std::string_view text) {
  text = trimmed(text);
  OAK_ASSIGN(const auto groups, take_groups(text));
  OAK_ASSIGN(std::string id, check_licence_id_part(text));
  LicenceKey key{std::move(id), {}};
  for (std::size_t i = 0; i < licence_key_groups; ++i) {
    OAK_TRY(check_licence_group(groups[i], i));
    std::copy_n(groups[i].begin(), group_data, key.secret.data() + i * group_data);
  }
  return key;
}

SymmetricKey proof_key_of(const LicenceKey& key) {
  return derive(key.secret.view(), as_bytes("oak/v1/licence"), "oak/v1/proof", key.licence_id);
}

SymmetricKey fingerprint_key_of(const LicenceKey& key, std::string_view product, ByteView site_secret) {
  if (site_secret.empty()) return derive(key.secret.view(), as_bytes("oak/v1/licence"), "oak/v1/fingerprint", product);
  return derive(key.secret.view(), sha256(site_secret), "oak/v1/fingerprint", product);
}

}  // namespace oak
