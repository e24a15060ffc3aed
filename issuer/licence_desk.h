#pragma once
// What staff do with licences and products: add, change, look up, hand out keys. Each change is a ledger entry.

#include <optional>
#include <string>
#include <vector>

#include "core/licence_key.h"
#include "issuer/desk.h"

namespace oak {

struct NewLicence {
  std::string id;  ///< empty: one is made
  std::string customer, product, versions;
  std::uint64_t seats = 1;
  std::vector<std::string> features;
  std::optional<std::uint64_t> rehosts, certificates;
  std::vector<std::string> forbidden;  ///< "vm", "container"
};

struct LicenceWithKey {
  std::string id;
  std::string key_text;  ///< the caller wipes it
};

/// Adds the licence, and its product with the default policy where the desk has none.
Outcome<LicenceWithKey> add_licence(Desk& desk, const DeskWorld& world, const SymmetricKey& ledger_key, const NewLicence& input);

/// What to change; what is absent stays.
struct LicenceChange {
  std::optional<std::string> customer, versions;
  std::optional<std::uint64_t> seats, rehosts, certificates;
  std::optional<std::vector<std::string>> features;
  std::optional<std::vector<std::string>> forbidden;
};
/// Refuses fewer seats than are live.
Outcome<Licence> change_licence(Desk& desk, const DeskWorld& world, const std::string& id, const LicenceChange& change);
Outcome<LicenceWithKey> show_licence_key(Desk& desk, const SymmetricKey& ledger_key, const std::string& id);
/// A new secret: requests made with the old one are refused from now on.
Outcome<LicenceWithKey> change_licence_key(Desk& desk, const DeskWorld& world, const SymmetricKey& ledger_key, const std::string& id);
Outcome<Licence> find_licence(Desk& desk, const std::string& id);

/// Moves of the licence that need no more than an operator, in the year before now.
Result<std::uint64_t> rehosts_left(Ledger& ledger, const Licence& licence, std::uint64_t now_unix_s);

struct LicenceView {
  Licence licence;
  std::uint64_t live = 0, unreturned = 0, rehosts_left = 0;
};
Outcome<LicenceView> view_licence(Desk& desk, const Licence& licence, std::uint64_t now_unix_s);

struct ProductChange {
  std::string product;
  std::optional<std::string> weights;  ///< six numbers with commas
  std::optional<std::uint64_t> threshold_percent, grace_days;
  bool must_exist = false, must_be_new = false;
};
Outcome<ProductTerms> change_product(Desk& desk, const DeskWorld& world, const ProductChange& change);

/// bad_signature where it is not this licence's, of that key number, under that key.
Result<LicenceKey> open_licence_secret(std::string_view licence, std::uint64_t number, const SealedSecret& sealed,
                                       const SymmetricKey& ledger_key);
/// The licence's present secret, decrypted.
Result<LicenceKey> read_licence_secret(Ledger& ledger, const Licence& licence, const SymmetricKey& ledger_key);

}  // namespace oak
