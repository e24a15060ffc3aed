#pragma once
// Licence keys: what a customer types once. "<licence id>-<2 check characters>-<5 groups of 6>".
//
// The id is public. The secret is the 25 Base32 characters of the groups without their check characters (125 bits).
// Each group ends in a check character over GF(32), the id in two over the integers mod 1021; they catch any one
// wrong character and any swap of neighbours (docs/format.md, "Licence keys"; proved exhaustively in the tests). No part
// has small letters of its own, so a key that is typed with some has still one reading, and the checks their full force.

#include <string>
#include <string_view>

#include "core/crypto.h"

namespace oak {

inline constexpr std::size_t licence_secret_chars = 25;
inline constexpr std::size_t max_licence_id_bytes = 32;
inline constexpr std::size_t max_product_bytes = 40;
inline constexpr std::size_t licence_key_groups = 5;

struct LicenceKey {
  std::string licence_id;
  Secret<licence_secret_chars> secret;  ///< Base32 characters as ASCII
};

/// A name (core/text.h) of at most max_licence_id_bytes, without small letters.
bool is_licence_id(std::string_view text);

LicenceKey make_licence_key(std::string licence_id, Random& random);
/// An id for a licence that was given none: 8 Base32 characters.
std::string make_licence_id(Random& random);

std::string format_licence_key(const LicenceKey& key);
/// Accepts small letters for capitals, white space around, and the separators left out of the groups altogether; a separator in a
/// wrong place is an error. Errors: bad_licence_key, the context names the group ("group 3 of 5: check character").
Result<LicenceKey> parse_licence_key(std::string_view text);
/// One typed group on its own, `index` 0 to 4: ok, or what is wrong with it.
Status check_licence_group(std::string_view group, std::size_t index);
/// The id with its check characters as typed: the id, or what is wrong with it.
Result<std::string> check_licence_id_part(std::string_view text);

/// K_proof: shows that a request was made by who holds the licence key. Never stored on a machine.
SymmetricKey proof_key_of(const LicenceKey& key);
/// K_fp: keys the digests of a fingerprint. `site_secret` is empty, or the contents of the site's own secret file.
SymmetricKey fingerprint_key_of(const LicenceKey& key, std::string_view product, ByteView site_secret);

}  // namespace oak
