#include "issuer/licence_desk.h"

#include <algorithm>

#include "core/cbor.h"
#include "core/fields.h"
#include "core/text.h"

namespace oak {
namespace {

constexpr std::uint64_t year_s = 365 * 86400, max_moves = 100'000;
constexpr std::size_t max_feature_bytes = 40;

tl::unexpected<Failure> usage(std::string message, std::string hint) {
  return tl::unexpected(Failure{Code::usage, std::move(message), std::move(hint)});
}

tl::unexpected<Failure> ledger_problem(const Desk& desk, const Error& error) {
  return tl::unexpected(ledger_failure(error, desk.folder()));
}

/// Covers the ciphertext: a secret can't be moved to another licence or number.
Bytes associated_data(std::string_view licence, std::uint64_t number) {
  cbor::Writer writer;
  writer.array(3);
  writer.text("oak/v1/licence-secret");
  writer.text(licence);
  writer.uint(number);
  return writer.take();
}

SealedSecret seal_secret(const LicenceKey& key, std::uint64_t number, const SymmetricKey& ledger_key, Random& random) {
  SealedSecret sealed{random_bytes<24>(random), {}};
  sealed.ciphertext = aead_seal(ledger_key, sealed.nonce, associated_data(key.licence_id, number), key.secret.view());
  return sealed;
}

/// Licence ids have no small letters (core/licence_key.h): whoever types them means the capitals.
std::string in_capitals(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

Outcome<void> set_forbidden(Licence& licence, const std::vector<std::string>& names) {
  licence.forbids_virtual_machines = licence.forbids_containers = false;
  for (const std::string& name : names) {
    if (name != "vm" && name != "container")
      return usage("--forbid " + in_quotes(name) + " is neither vm nor container", "for example --forbid vm,container");
    (name == "vm" ? licence.forbids_virtual_machines : licence.forbids_containers) = true;
  }
  return {};
}

Outcome<void> set_versions(Licence& licence, std::string_view text) {
  auto range = VersionRange::parse(text);
  if (!range) return usage("--versions " + in_quotes(text) + " is not a range", "for example 3.*, 3.5.1, or \">=3.0 <5\"");
  licence.versions = std::move(*range);
  return {};
}

Outcome<void> check_terms(Licence& licence) {
  if (licence.customer.empty() || licence.customer.size() > 120 || has_control_characters(licence.customer))
    return usage("--customer is empty, longer than 120 bytes, or has control characters", "use one short line");
  if (!is_name(licence.product, max_product_bytes))
    return usage("--product " + in_quotes(licence.product) + " is not a product's name",
                 "letters, digits, dot, dash and underscore, at most 40");
  if (licence.seats < 1 || licence.seats > max_seats) return usage("--seats is out of range", "1 to 1,000,000");
  std::sort(licence.features.begin(), licence.features.end());
  licence.features.erase(std::unique(licence.features.begin(), licence.features.end()), licence.features.end());
  for (const std::string& feature : licence.features)
    if (feature.empty() || feature.size() > max_feature_bytes || has_control_characters(feature))
      return usage("--feature " + in_quotes(feature) + " is empty, longer than 40 bytes, or has control characters", "use a short word");
  if (licence.features.size() > 64) return usage("there are more than 64 features", "leave some out");
  if (licence.rehosts.value_or(0) > max_moves || licence.certificates > max_moves)
    return usage("--rehosts or --certificates is out of range", "0 to 100,000");
  return {};
}

Leaf leaf_of(const DeskWorld& world, std::uint64_t index, LeafKind kind, decltype(Leaf::body) body) {
  return {index, kind, world.clock.now_unix_s(), world.operator_name, {}, std::move(body)};
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

Status append_licence(Ledger& ledger, const DeskWorld& world, LeafKind kind, const Licence& licence) {
  OAK_ASSIGN(const std::uint64_t index, ledger.size());
  return ledger.append(leaf_of(world, index, kind, LicenceLeaf{licence}));
}

Status append_product(Ledger& ledger, const DeskWorld& world, const ProductTerms& terms) {
  OAK_ASSIGN(const std::uint64_t index, ledger.size());
  return ledger.append(leaf_of(world, index, LeafKind::product_changed, ProductLeaf{terms}));
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

}  // namespace

Result<LicenceKey> open_licence_secret(std::string_view licence, std::uint64_t number, const SealedSecret& sealed,
                                       const SymmetricKey& ledger_key) {
  OAK_ASSIGN(Bytes plain, aead_open(ledger_key, sealed.nonce, associated_data(licence, number), sealed.ciphertext));
  if (plain.size() != licence_secret_chars) return fail(Code::bad_signature);
  LicenceKey key{std::string(licence), {}};
  std::copy(plain.begin(), plain.end(), key.secret.data());
  wipe(plain.data(), plain.size());
  return key;
}

Result<LicenceKey> read_licence_secret(Ledger& ledger, const Licence& licence, const SymmetricKey& ledger_key) {
  OAK_ASSIGN(const auto sealed, ledger.secret(licence.id, licence.key_number));
  if (!sealed) return fail(Code::ledger_damaged, "the secret of licence " + licence.id + " is missing");
  auto key = open_licence_secret(licence.id, licence.key_number, *sealed, ledger_key);
  if (!key) return fail(Code::ledger_damaged, "the secret of licence " + licence.id + " was altered");
  return key;
}

Outcome<LicenceWithKey> add_licence(Desk& desk, const DeskWorld& world, const SymmetricKey& ledger_key, const NewLicence& input) {
  Licence licence;
  licence.id = input.id.empty() ? make_licence_id(world.random) : in_capitals(input.id);
  licence.customer = input.customer;
  licence.product = input.product;
  licence.seats = input.seats;
  licence.features = input.features;
  licence.rehosts = input.rehosts;
  licence.certificates = input.certificates.value_or(licence.certificates);
  if (!is_licence_id(licence.id))
    return usage("--id " + in_quotes(licence.id) + " is not a licence id", "letters, digits, dot, dash and underscore, at most 32");
  OAK_TRY(set_versions(licence, input.versions));
  OAK_TRY(set_forbidden(licence, input.forbidden));
  OAK_TRY(check_terms(licence));
  Ledger& ledger = desk.ledger();
  const auto like = ledger.licence_id_like(licence.id);
  if (!like) return ledger_problem(desk, like.error());
  if (*like) return tl::unexpected(explain({Code::already_exists, {}}, "licence " + in_quotes(**like), "choose another --id"));
  const LicenceKey key = make_licence_key(licence.id, world.random);
  const Status added = in_transaction(ledger, [&]() -> Status {
    OAK_ASSIGN(const auto product, ledger.product(licence.product));
    if (!product) OAK_TRY(append_product(ledger, world, ProductTerms{licence.product, {}, 0}));
    OAK_TRY(append_licence(ledger, world, LeafKind::licence_added, licence));
    return ledger.put_secret(licence.id, licence.key_number, seal_secret(key, licence.key_number, ledger_key, world.random));
  });
  if (!added) return ledger_problem(desk, added.error());
  return with_key(key);
}

Outcome<Licence> find_licence(Desk& desk, const std::string& id) {
  const auto found = desk.ledger().licence(in_capitals(id));
  if (!found) return ledger_problem(desk, found.error());
  if (!*found) return tl::unexpected(explain({Code::unknown_licence, {}}, "licence " + in_quotes(id), "see: oak-issuer licence list"));
  return **found;
}

Outcome<Licence> change_licence(Desk& desk, const DeskWorld& world, const std::string& id, const LicenceChange& change) {
  OAK_ASSIGN(Licence licence, find_licence(desk, id));
  if (change.customer) licence.customer = *change.customer;
  if (change.versions) OAK_TRY(set_versions(licence, *change.versions));
  if (change.seats) licence.seats = *change.seats;
  if (change.features) licence.features = *change.features;
  if (change.rehosts) licence.rehosts = change.rehosts;
  if (change.certificates) licence.certificates = *change.certificates;
  if (change.forbidden) OAK_TRY(set_forbidden(licence, *change.forbidden));
  OAK_TRY(check_terms(licence));
  const auto totals = desk.ledger().totals(licence.id, world.clock.now_unix_s());
  if (!totals) return ledger_problem(desk, totals.error());
  const std::uint64_t used = totals->live_seats;
  if (licence.seats < used)
    return tl::unexpected(Failure{
        Code::refused, "licence " + licence.id + " has " + std::to_string(used) + " live seats, more than " + std::to_string(licence.seats),
        "first issue the smaller activation and accept its receipt: oak-issuer accept RECEIPT"});
  const Status changed =
      in_transaction(desk.ledger(), [&] { return append_licence(desk.ledger(), world, LeafKind::licence_changed, licence); });
  if (!changed) return ledger_problem(desk, changed.error());
  return licence;
}

Outcome<LicenceWithKey> show_licence_key(Desk& desk, const SymmetricKey& ledger_key, const std::string& id) {
  OAK_ASSIGN(const Licence licence, find_licence(desk, id));
  const auto key = read_licence_secret(desk.ledger(), licence, ledger_key);
  if (!key) return ledger_problem(desk, key.error());
  return with_key(*key);
}

Outcome<LicenceWithKey> change_licence_key(Desk& desk, const DeskWorld& world, const SymmetricKey& ledger_key, const std::string& id) {
  OAK_ASSIGN(Licence licence, find_licence(desk, id));
  ++licence.key_number;
  const LicenceKey key = make_licence_key(licence.id, world.random);
  const Status changed = in_transaction(desk.ledger(), [&]() -> Status {
    OAK_TRY(append_licence(desk.ledger(), world, LeafKind::licence_changed, licence));
    return desk.ledger().put_secret(licence.id, licence.key_number, seal_secret(key, licence.key_number, ledger_key, world.random));
  });
  if (!changed) return ledger_problem(desk, changed.error());
  return with_key(key);
}

Result<std::uint64_t> rehosts_left(Ledger& ledger, const Licence& licence, std::uint64_t now_unix_s) {
  OAK_ASSIGN(const std::uint64_t used, ledger.quota_used_since(licence.id, now_unix_s > year_s ? now_unix_s - year_s : 0));
  const std::uint64_t quota = licence.rehosts_a_year();
  return quota > used ? quota - used : 0;
}

Outcome<LicenceView> view_licence(Desk& desk, const Licence& licence, std::uint64_t now_unix_s) {
  const auto totals = desk.ledger().totals(licence.id, now_unix_s);
  if (!totals) return ledger_problem(desk, totals.error());
  const auto left = rehosts_left(desk.ledger(), licence, now_unix_s);
  if (!left) return ledger_problem(desk, left.error());
  return LicenceView{licence, totals->live_seats, totals->unreturned, *left};
}

Outcome<ProductTerms> change_product(Desk& desk, const DeskWorld& world, const ProductChange& change) {
  if (!is_name(change.product, max_product_bytes))
    return usage(in_quotes(change.product) + " is not a product's name", "letters, digits, dot, dash and underscore, at most 40");
  const auto found = desk.ledger().product(change.product);
  if (!found) return ledger_problem(desk, found.error());
  if (*found && change.must_be_new)
    return tl::unexpected(explain({Code::already_exists, {}}, "product " + in_quotes(change.product), "use: oak-issuer product change"));
  if (!*found && change.must_exist)
    return tl::unexpected(Failure{Code::not_found, "the desk has no product " + in_quotes(change.product), "use: oak-issuer product add"});
  ProductTerms terms = found->value_or(ProductTerms{change.product, {}, 0});
  OAK_ASSIGN(terms.policy, policy_of(terms.policy, change));
  if (change.grace_days) terms.grace_days = *change.grace_days;
  if (terms.grace_days > 90) return usage("--grace is out of range", "0 to 90 days");
  const Status changed = in_transaction(desk.ledger(), [&] { return append_product(desk.ledger(), world, terms); });
  if (!changed) return ledger_problem(desk, changed.error());
  return terms;
}

}  // namespace oak
