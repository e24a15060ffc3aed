#include "issuer/lookup.h"

#include <algorithm>
#include <array>

#include "core/text.h"
#include "issuer/concerns.h"

namespace oak {
namespace {

constexpr std::array<std::string_view, 5> state_words = {"live", "superseded", "returned", "revoked", "expired"};

std::string in_small_letters(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

/// An expired one is live to the ledger.
std::optional<ActivationState> stored_state(std::string_view word) {
  for (const ActivationState state : {ActivationState::superseded, ActivationState::returned, ActivationState::revoked})
    if (word == activation_state_name(state)) return state;
  if (word.empty()) return std::nullopt;
  return ActivationState::live;
}

template <typename T>
void gravest_first(std::vector<T>& all, const std::function<std::size_t(const T&)>& rank) {
  std::vector<std::pair<std::size_t, std::size_t>> order;
  for (std::size_t i = 0; i < all.size(); ++i) order.emplace_back(rank(all[i]), i);
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<T> out;
  out.reserve(all.size());
  for (const auto& [graver, at] : order) out.push_back(std::move(all[at]));
  all = std::move(out);
}

Result<std::vector<ActivationRecord>> found_by(Ledger& ledger, const ActivationFilter& filter, const ActivationSearch& search,
                                               std::uint64_t now_unix_s) {
  std::vector<ActivationRecord> out;
  const std::string site = in_small_letters(search.site);
  OAK_TRY(ledger.each_activation(filter, [&](ActivationRecord record) {
    if (!search.state.empty() && state_word(record, now_unix_s) != search.state) return;
    if (!site.empty() && in_small_letters(record.activation.site).find(site) == std::string::npos) return;
    record.document.clear();
    record.document.shrink_to_fit();
    out.push_back(std::move(record));
  }));
  gravest_first<ActivationRecord>(out, [&](const ActivationRecord& record) { return rank_of(concerns_of(record, now_unix_s)); });
  return out;
}

Result<LicencePage> page_of(Ledger& ledger, LicenceView view, std::uint64_t now_unix_s) {
  LicencePage page{std::move(view), {}, {}, {}};
  const std::string& id = page.view.licence.id;
  OAK_ASSIGN(page.machines, found_by(ledger, {id, ActivationState::live}, {id, "live", {}}, now_unix_s));
  for (const ActivationRecord& record : page.machines) {
    if (record.counted_at(now_unix_s) <= record.activation.seats) continue;
    OAK_ASSIGN(std::vector<Owed> owed, owed_before(ledger, record, now_unix_s));
    page.unreturned.push_back({record.id, std::move(owed)});
  }
  OAK_ASSIGN(const std::vector<Leaf> leaves, ledger.licence_leaves(id));
  page.history = changes_of(leaves);
  return page;
}

}  // namespace

Outcome<ActivationRecord> find_activation(Desk& desk, const std::string& typed) {
  const auto id = normalised_activation_id(typed);
  if (!id) return tl::unexpected(Failure{Code::usage, in_quotes(typed) + " is not an activation id", "16 characters, as list shows them"});
  const auto found = desk.ledger().activation_by_text(*id);
  if (!found) return tl::unexpected(ledger_failure(found.error(), desk.folder()));
  if (!*found) return tl::unexpected(explain({Code::unknown_activation, {}}, in_quotes(typed), "see: oak-issuer list" + desk.option()));
  return **found;
}

Outcome<ActivationView> look_at_activation(Desk& desk, const std::string& typed, std::uint64_t now_unix_s) {
  OAK_ASSIGN(ActivationRecord record, find_activation(desk, typed));
  auto view = view_activation(desk.ledger(), std::move(record), now_unix_s);
  if (!view) return tl::unexpected(ledger_failure(view.error(), desk.folder()));
  return std::move(*view);
}

Outcome<std::vector<ActivationRecord>> list_activations(Desk& desk, const ActivationSearch& search, std::uint64_t now_unix_s) {
  if (!search.state.empty() && std::find(state_words.begin(), state_words.end(), search.state) == state_words.end())
    return tl::unexpected(Failure{Code::usage, "--state " + in_quotes(search.state) + " is no state of an activation",
                                  "live, superseded, returned, revoked or expired"});
  ActivationFilter filter{{}, stored_state(search.state)};
  if (!search.licence.empty()) {
    OAK_ASSIGN(const Licence licence, find_licence(desk, search.licence));
    filter.licence = licence.id;
  }
  auto found = found_by(desk.ledger(), filter, search, now_unix_s);
  if (!found) return tl::unexpected(ledger_failure(found.error(), desk.folder()));
  return std::move(*found);
}

Outcome<LicencePage> look_at_licence(Desk& desk, const std::string& id, std::uint64_t now_unix_s) {
  OAK_ASSIGN(const Licence licence, find_licence(desk, id));
  OAK_ASSIGN(LicenceView view, view_licence(desk, licence, now_unix_s));
  auto page = page_of(desk.ledger(), std::move(view), now_unix_s);
  if (!page) return tl::unexpected(ledger_failure(page.error(), desk.folder()));
  return std::move(*page);
}

Outcome<std::vector<LicenceView>> list_licences(Desk& desk, std::uint64_t now_unix_s) {
  const auto licences = desk.ledger().licences();
  if (!licences) return tl::unexpected(ledger_failure(licences.error(), desk.folder()));
  std::vector<LicenceView> views;
  for (const Licence& licence : *licences) {
    OAK_ASSIGN(LicenceView view, view_licence(desk, licence, now_unix_s));
    views.push_back(std::move(view));
  }
  gravest_first<LicenceView>(views, [](const LicenceView& view) { return rank_of(concerns_of(view)); });
  return views;
}

}  // namespace oak
