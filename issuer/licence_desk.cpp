#include "issuer/licence_desk.h"

#include <algorithm>

#include "core/text.h"

namespace oak {
namespace {

constexpr std::uint64_t year_s = 365 * 86400;

tl::unexpected<Failure> usage(std::string message, std::string hint) {
  return tl::unexpected(Failure{Code::usage, std::move(message), std::move(hint)});
}

tl::unexpected<Failure> ledger_problem(const Desk& desk, const Error& error) {
  return tl::unexpected(ledger_failure(error, desk.folder()));
}

Outcome<void> none_of(const std::vector<TermFault>& faults) {
  if (faults.empty()) return {};
  return tl::unexpected(usage_of(faults.front()));
}

Leaf leaf_of(const DeskWorld& world, std::uint64_t index, LeafKind kind, const std::string& reason, decltype(Leaf::body) body) {
  return {index, kind, world.clock.now_unix_s(), world.operator_name, reason, std::move(body)};
}

/// Does `work` in a transaction of its own.
template <typename Work>
Status in_transaction(Ledger& ledger, Work work) {
  OAK_TRY(ledger.begin());
  Status done = work();
  if (done) done = ledger.commit();
  if (!done) ledger.roll_back();
  return done;
}

Status append_licence(Ledger& ledger, const DeskWorld& world, LeafKind kind, const Licence& licence, const std::string& reason) {
  OAK_ASSIGN(const std::uint64_t index, ledger.size());
  return ledger.append(leaf_of(world, index, kind, reason, LicenceLeaf{licence}));
}

Status append_product(Ledger& ledger, const DeskWorld& world, const ProductTerms& terms, const std::string& reason) {
  OAK_ASSIGN(const std::uint64_t index, ledger.size());
  return ledger.append(leaf_of(world, index, LeafKind::product_changed, reason, ProductLeaf{terms}));
}

LicenceWithKey with_key(const LicenceKey& key) { return {key.licence_id, format_licence_key(key)}; }

Outcome<void> set_weights(Policy& policy, const std::string& text) {
  std::size_t at = 0, place = 0;
  for (; at <= text.size() && place < factor_count; ++place) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string_view number = std::string_view(text).substr(at, end - at);
    if (number.empty() || number.size() > 2 || number.find_first_not_of("0123456789") != std::string_view::npos) break;
    const int weight = number.size() == 1 ? number[0] - '0' : (number[0] - '0') * 10 + number[1] - '0';
    if (weight > 15) break;
    policy.weights[place] = static_cast<std::uint8_t>(weight);
    at = end + 1;
  }
  const bool all_zero = std::all_of(policy.weights.begin(), policy.weights.end(), [](std::uint8_t w) { return w == 0; });
  if (place != factor_count || at <= text.size() || all_zero)
    return usage("--weights " + in_quotes(text) + " is not six numbers from 0 to 15",
                 "platform, network, disks, tpm, os, model; for example --weights 4,3,2,4,1,1");
  return {};
}

Outcome<Policy> policy_of(Policy policy, const ProductChange& change) {
  if (change.threshold_percent) {
    if (*change.threshold_percent < 51 || *change.threshold_percent > 100)
      return usage("--threshold is out of range",
                   "51 to 100 percent of the enrolled weight; half or less would accept both halves of a machine");
    policy.threshold_percent = static_cast<std::uint8_t>(*change.threshold_percent);
  }
  if (change.weights) OAK_TRY(set_weights(policy, *change.weights));
  if (accepts_both_halves(policy))
    return usage("this policy would accept both halves of a machine that is shared out between two boxes",
                 "raise --threshold, or give less weight to os and model, which every copy has");
  return policy;
}

Result<std::uint64_t> moves_of_the_year(Ledger& ledger, const Licence& licence, std::uint64_t now_unix_s) {
  return ledger.quota_used_since(licence.id, now_unix_s > year_s ? now_unix_s - year_s : 0);
}

}  // namespace

Result<std::string> free_licence_id(Ledger& ledger, Random& random) {
  for (;;) {
    std::string id = make_licence_id(random);
    OAK_ASSIGN(const auto like, ledger.licence_id_like(id));
    if (!like) return id;
  }
}

Result<LicenceKey> append_new_licence(Ledger& ledger, const DeskWorld& world, const SymmetricKey& ledger_key, const Licence& licence,
                                      const std::string& reason) {
  OAK_ASSIGN(const auto product, ledger.product(licence.product));
  if (!product) OAK_TRY(append_product(ledger, world, ProductTerms{licence.product, {}, 0}, reason));
  OAK_TRY(append_licence(ledger, world, LeafKind::licence_added, licence, reason));
  LicenceKey key = make_licence_key(licence.id, world.random);
  OAK_TRY(ledger.put_secret(licence.id, licence.key_number, seal_licence_secret(key, licence.key_number, ledger_key, world.random)));
  return key;
}

Outcome<LicenceWithKey> add_licence(Desk& desk, const DeskWorld& world, const SymmetricKey& ledger_key, const NewLicence& input) {
  std::vector<TermFault> faults;
  Licence licence = licence_of(input, faults);
  OAK_TRY(none_of(faults));
  Ledger& ledger = desk.ledger();
  if (licence.id.empty()) {
    auto id = free_licence_id(ledger, world.random);
    if (!id) return ledger_problem(desk, id.error());
    licence.id = std::move(*id);
  }
  const auto like = ledger.licence_id_like(licence.id);
  if (!like) return ledger_problem(desk, like.error());
  if (*like) return tl::unexpected(explain({Code::already_exists, {}}, "licence " + in_quotes(**like), "choose another --id"));
  LicenceWithKey added;
  const Status done = in_transaction(ledger, [&]() -> Status {
    OAK_ASSIGN(const LicenceKey key, append_new_licence(ledger, world, ledger_key, licence, {}));
    added = with_key(key);
    return {};
  });
  if (!done) return ledger_problem(desk, done.error());
  return added;
}

Outcome<Licence> find_licence(Desk& desk, const std::string& id) {
  const auto found = desk.ledger().licence(licence_id_as_meant(id));
  if (!found) return ledger_problem(desk, found.error());
  if (!*found)
    return tl::unexpected(explain({Code::unknown_licence, {}}, "licence " + in_quotes(id), "see: oak-issuer licence list" + desk.option()));
  return **found;
}

Outcome<Licence> change_licence(Desk& desk, const DeskWorld& world, const std::string& id, const LicenceChange& change) {
  OAK_ASSIGN(Licence licence, find_licence(desk, id));
  if (change.customer) licence.customer = *change.customer;
  std::vector<TermFault> faults;
  if (change.versions) set_versions(licence, *change.versions, faults);
  if (change.seats) licence.seats = *change.seats;
  if (change.features) licence.features = *change.features;
  if (change.rehosts) licence.rehosts = change.rehosts;
  if (change.certificates) licence.certificates = *change.certificates;
  if (change.forbidden) set_forbidden(licence, *change.forbidden, faults);
  check_terms(licence, faults);
  OAK_TRY(none_of(faults));
  OAK_TRY(check_reason(change.reason));
  const auto totals = desk.ledger().totals(licence.id, world.clock.now_unix_s());
  if (!totals) return ledger_problem(desk, totals.error());
  const std::uint64_t used = totals->live_seats;
  if (licence.seats < used)
    return tl::unexpected(Failure{
        Code::refused, "licence " + licence.id + " has " + std::to_string(used) + " live seats, more than " + std::to_string(licence.seats),
        "first issue the smaller activation and accept its receipt: oak-issuer accept RECEIPT" + desk.option()});
  const Status changed = in_transaction(
      desk.ledger(), [&] { return append_licence(desk.ledger(), world, LeafKind::licence_changed, licence, change.reason); });
  if (!changed) return ledger_problem(desk, changed.error());
  return licence;
}

Outcome<LicenceWithKey> show_licence_key(Desk& desk, const SymmetricKey& ledger_key, const std::string& id) {
  OAK_ASSIGN(const Licence licence, find_licence(desk, id));
  const auto key = read_licence_secret(desk.ledger(), licence, ledger_key);
  if (!key) return ledger_problem(desk, key.error());
  return with_key(*key);
}

Outcome<LicenceWithKey> change_licence_key(Desk& desk, const DeskWorld& world, const SymmetricKey& ledger_key, const std::string& id,
                                           const std::string& reason) {
  OAK_TRY(check_reason(reason));
  OAK_ASSIGN(Licence licence, find_licence(desk, id));
  ++licence.key_number;
  const LicenceKey key = make_licence_key(licence.id, world.random);
  const Status changed = in_transaction(desk.ledger(), [&]() -> Status {
    OAK_TRY(append_licence(desk.ledger(), world, LeafKind::licence_changed, licence, reason));
    return desk.ledger().put_secret(licence.id, licence.key_number, seal_licence_secret(key, licence.key_number, ledger_key, world.random));
  });
  if (!changed) return ledger_problem(desk, changed.error());
  return with_key(key);
}

Result<std::uint64_t> rehosts_left(Ledger& ledger, const Licence& licence, std::uint64_t now_unix_s) {
  OAK_ASSIGN(const std::uint64_t used, moves_of_the_year(ledger, licence, now_unix_s));
  const std::uint64_t quota = licence.rehosts_a_year();
  return quota > used ? quota - used : 0;
}

Outcome<LicenceView> view_licence(Desk& desk, const Licence& licence, std::uint64_t now_unix_s) {
  const auto totals = desk.ledger().totals(licence.id, now_unix_s);
  if (!totals) return ledger_problem(desk, totals.error());
  const auto moves = moves_of_the_year(desk.ledger(), licence, now_unix_s);
  if (!moves) return ledger_problem(desk, moves.error());
  const auto weak = desk.ledger().weak_live(licence.id, now_unix_s);
  if (!weak) return ledger_problem(desk, weak.error());
  const std::uint64_t quota = licence.rehosts_a_year();
  LicenceView view{
      licence, totals->live_seats, totals->unreturned, quota > *moves ? quota - *moves : 0, *moves, *weak, totals->certificates, {}};
  if (!totals->first_ends.empty()) view.first_end_unix_s = totals->first_ends.front().at_unix_s;
  return view;
}

Outcome<ProductTerms> change_product(Desk& desk, const DeskWorld& world, const ProductChange& change) {
  if (!is_name(change.product, max_product_bytes))
    return usage(in_quotes(change.product) + " is not a product's name", "letters, digits, dot, dash and underscore, at most 40");
  const auto found = desk.ledger().product(change.product);
  if (!found) return ledger_problem(desk, found.error());
  if (*found && change.must_be_new)
    return tl::unexpected(explain({Code::already_exists, {}}, "product " + in_quotes(change.product),
                                  "use: oak-issuer product change " + change.product + desk.option()));
  if (!*found && change.must_exist)
    return tl::unexpected(Failure{Code::not_found, "the desk has no product " + in_quotes(change.product),
                                  "use: oak-issuer product add " + change.product + desk.option()});
  ProductTerms terms = found->value_or(ProductTerms{change.product, {}, 0});
  OAK_ASSIGN(terms.policy, policy_of(terms.policy, change));
  if (change.grace_days) terms.grace_days = *change.grace_days;
  if (terms.grace_days > 90) return usage("--grace is out of range", "0 to 90 days");
  const Status changed = in_transaction(desk.ledger(), [&] { return append_product(desk.ledger(), world, terms, {}); });
  if (!changed) return ledger_problem(desk, changed.error());
  return terms;
}

}  // namespace oak
