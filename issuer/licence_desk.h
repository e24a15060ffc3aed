#pragma once
// What staff do with licences and products: add, change, look up, hand out keys. Each change is a ledger entry.

#include <optional>
#include <string>
#include <vector>

#include "issuer/desk.h"
#include "issuer/licence_secret.h"
#include "issuer/licence_terms.h"

namespace oak {

struct LicenceWithKey {
  std::string id;
  std::string key_text;  ///< the caller wipes it
};

/// Adds the licence, and its product with the default policy where the desk has none.
Outcome<LicenceWithKey> add_licence(Desk& desk, const DeskWorld& world, const SymmetricKey& ledger_key, const NewLicence& input);

/// Inside a transaction: the licence, its product where the desk has none, and a new secret. The id is free.
Result<LicenceKey> append_new_licence(Ledger& ledger, const DeskWorld& world, const SymmetricKey& ledger_key, const Licence& licence,
                                      const std::string& reason);
/// One that no licence has.
Result<std::string> free_licence_id(Ledger& ledger, Random& random);

/// What to change; what is absent stays.
struct LicenceChange {
  std::optional<std::string> customer, versions;
  std::optional<std::uint64_t> seats, rehosts, certificates;
  std::optional<std::vector<std::string>> features;
  std::optional<std::vector<std::string>> forbidden;
  std::string reason;
};
/// Refuses fewer seats than are live.
Outcome<Licence> change_licence(Desk& desk, const DeskWorld& world, const std::string& id, const LicenceChange& change);
Outcome<LicenceWithKey> show_licence_key(Desk& desk, const SymmetricKey& ledger_key, const std::string& id);
/// A new secret: requests made with the old one are refused from now on.
Outcome<LicenceWithKey> change_licence_key(Desk& desk, const DeskWorld& world, const SymmetricKey& ledger_key, const std::string& id,
                                           const std::string& reason = {});
/// In any case.
Outcome<Licence> find_licence(Desk& desk, const std::string& id);

/// Moves of the licence that need no more than an operator, in the year before now.
Result<std::uint64_t> rehosts_left(Ledger& ledger, const Licence& licence, std::uint64_t now_unix_s);

struct LicenceView {
  Licence licence;
  std::uint64_t live = 0, unreturned = 0, rehosts_left = 0;
  std::uint64_t moves = 0;                        ///< in the year before now
  std::uint64_t weak = 0;                         ///< live activations with a weak fingerprint
  std::uint64_t certificates = 0;                 ///< active ones
  std::optional<std::uint64_t> first_end_unix_s;  ///< of those
};
Outcome<LicenceView> view_licence(Desk& desk, const Licence& licence, std::uint64_t now_unix_s);

struct ProductChange {
  std::string product;
  std::optional<std::string> weights;  ///< six numbers with commas
  std::optional<std::uint64_t> threshold_percent, grace_days;
  bool must_exist = false, must_be_new = false;
};
Outcome<ProductTerms> change_product(Desk& desk, const DeskWorld& world, const ProductChange& change);

}  // namespace oak
