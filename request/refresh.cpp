#include "request/refresh.h"

#include <algorithm>
#include <map>

#include "core/text.h"
#include "machine-id/snapshot.h"
#include "request/create.h"
#include "request/served_json.h"
#include "verifier/chain.h"
#include "verifier/check.h"
#include "verifier/install.h"
#include "verifier/install_bulletin.h"
#include "verifier/judge.h"

namespace oak {
namespace {

using What = Refreshed::What;

tl::unexpected<Failure> answer_failure(std::string message, std::string hint) {
  return tl::unexpected(Failure{Code::bad_answer, std::move(message), std::move(hint)});
}

/// Everything that is the same for all licences of the product.
class Refreshing {
 public:
  Refreshing(const RefreshWorld& world, const TrustSource& source, const RefreshInput& input, CertificateServer& server, Store& store,
             const Chain& chain)
      : world_(world), source_(source), input_(input), server_(server), store_(store), chain_(chain) {}

  /// `old` is nullptr where there is none.
  Refreshed ask_for(const std::string& licence, const OpenedActivation* old);

 private:
  Outcome<Created> make_request(const std::string& licence, const OpenedActivation* old);
  Outcome<ServedAnswer> ask(const std::string& licence, const Created& request);
  Outcome<void> take(Refreshed& out, const ServedAnswer& answer, const Created& request, const OpenedActivation* old);
  Outcome<void> store(Refreshed& out, ByteView document, const Created& request, const OpenedActivation* old);
  Outcome<void> check_answer(const OpenedActivation& answer, const Request& asked, const OpenedActivation* old) const;

  const RefreshWorld& world_;
  const TrustSource& source_;
  const RefreshInput& input_;
  CertificateServer& server_;
  Store& store_;
  const Chain& chain_;
};

Outcome<Created> Refreshing::make_request(const std::string& licence, const OpenedActivation* old) {
  CreateInput input;
  input.product = input_.product;
  input.version = !input_.version.empty() || !old ? input_.version : old->activation->versions.lowest_text();
  input.seats = old ? old->activation->seats : input_.seats;
  if (!old) input.site = input_.site;
  const bool has_key = input_.licence_key && input_.licence_key->licence_id == licence;
  input.licence_key = has_key ? input_.licence_key : nullptr;
  input.site_secret = input_.site_secret;
  input.kind = Kind::certificate;
  if (old) input.follows = old->id;
  // One that can't be read is made anew.
  if (auto kept = store_.renewal(input_.product, licence)) input.earlier = std::move(*kept);
  OAK_ASSIGN(Created created, create_request(world_.machine, world_.look(), world_.random, input));
  // Kept before it is sent: a lost answer comes back for the same request alone.
  if (!input.earlier || *input.earlier != created.document)
    if (const auto kept = store_.put_renewal(input_.product, licence, created.document); !kept)
      return tl::unexpected(state_write_failure(kept.error()));
  return created;
}

Outcome<void> Refreshing::check_answer(const OpenedActivation& answer, const Request& asked, const OpenedActivation* old) const {
  const Activation& activation = *answer.activation;
  const bool fits =
      activation.kind == Kind::certificate && activation.licence == asked.licence && activation.machine_key == asked.machine_key;
  if (!fits)
    return answer_failure("the server's answer is no certificate for this machine and licence " + asked.licence,
                          "nothing was changed; tell your vendor");
  if (!old) return {};
  if (activation.generation > old->activation->generation && *activation.not_after_unix_s >= *old->activation->not_after_unix_s) return {};
  return answer_failure("the server's answer is generation " + std::to_string(activation.generation) + ", until " +
                            utc_text(*activation.not_after_unix_s) + ": not newer than the certificate that is here",
                        "nothing was changed; tell your vendor");
}

Outcome<void> Refreshing::store(Refreshed& out, ByteView document, const Created& request, const OpenedActivation* old) {
  const auto opened = open_activation(document, chain_.bulletins->trusts, input_.product);
  if (!opened)
    return answer_failure(explain(opened.error(), "the server's answer").message,
                          "nothing was changed; check the address, then tell your vendor");
  OAK_TRY(check_answer(*opened, request.request, old));
  OAK_ASSIGN(Installed installed,
             install(world_.machine, source_, {"the server's answer", document, input_.licence_key, input_.site_secret}));
  out.what = What::stored;
  out.activation = std::move(installed.activation);
  out.id = installed.id;
  out.warnings = std::move(installed.warnings);
  // Left behind it does no harm: it names what is no longer the newest.
  static_cast<void>(store_.remove_renewal(input_.product, request.request.licence));
  return {};
}

Outcome<void> Refreshing::take(Refreshed& out, const ServedAnswer& answer, const Created& request, const OpenedActivation* old) {
  if (answer.status == 200) return store(out, as_bytes(answer.body), request, old);
  const ServedError error = read_served_error(answer.body);
  const std::string said = error.message.empty() ? std::string() : ": " + in_quotes(error.message);
  const std::string status = "the server answers " + std::to_string(answer.status) + said;
  if (answer.status == 429 || answer.status >= 500) {
    out.what = What::no_answer;
    out.failure = Failure{Code::unreachable, status, "it is asked again later"};
    return {};
  }
  if (answer.status != 403 || error.refusals.empty())
    return answer_failure(status, "check the address: --server https://HOST[:PORT]; redirects are not followed");
  out.refusals = error.refusals;
  out.what = out.refusals.size() == 1 && out.refusals.front().code == "too-early-to-renew" ? What::too_early : What::refused;
  return {};
}

Outcome<ServedAnswer> Refreshing::ask(const std::string& licence, const Created& request) {
  auto answer = server_.ask(request.document);
  if (answer) return std::move(*answer);
  return tl::unexpected(explain(answer.error(), "no certificate of licence " + licence));
}

Refreshed Refreshing::ask_for(const std::string& licence, const OpenedActivation* old) {
  Refreshed out;
  out.licence = licence;
  if (old) out.activation = *old->activation, out.id = old->id;
  const auto failed = [&](Failure failure) {
    out.what = failure.code == Code::unreachable ? What::no_answer : What::failed;
    out.failure = std::move(failure);
  };
  // Twice at most: an answer that has ended since is asked for anew.
  for (bool again = false;; again = true) {
    out.refusals.clear();
    auto request = make_request(licence, old);
    if (!request) return failed(std::move(request).error()), out;
    const auto answer = ask(licence, *request);
    if (!answer) return failed(answer.error()), out;
    if (auto taken = take(out, *answer, *request, old); !taken) return failed(std::move(taken).error()), out;
    const bool has_ended = out.what == What::refused && out.refusals.front().code == "answer-no-longer-live";
    if (again || !has_ended) return out;
    if (const auto removed = store_.remove_renewal(input_.product, licence); !removed)
      return failed(state_write_failure(removed.error())), out;
  }
}

/// For each licence the newest that counts; of those that don't, only what a first certificate must know: that there were some.
std::map<std::string, const OpenedActivation*> newest_of_each(const Chain& chain, const Marks& marks) {
  std::map<std::string, const OpenedActivation*> out;
  for (const Candidate& candidate : chain.candidates) {
    if (!candidate.opened || judge_standing(*candidate.opened, marks, chain.bulletins->revocations)) continue;
    const OpenedActivation*& newest = out[candidate.opened->activation->licence];
    if (!newest || newest->activation->generation < candidate.opened->activation->generation) newest = &*candidate.opened;
  }
  return out;
}

/// Whether a permanent activation makes a certificate needless: for every version and seat of it, on this hardware.
bool stands_for(const Machine& machine, const Store& store, const Activation& permanent, const Activation& certificate) {
  if (permanent.not_after_unix_s || permanent.seats < certificate.seats || !permanent.versions.covers(certificate.versions)) return false;
  const auto key = store.fingerprint_key(permanent.product, permanent.fingerprint_key);
  if (!key) return false;
  const Sighting seen = observe_with_snapshot(machine.disk, machine.host, collect_components(machine.host), permanent.product, key->key);
  return judge(permanent.fingerprint, seen.observations, permanent.policy).accept;
}

Refreshed nothing_to_do(What what, const OpenedActivation& newest) {
  Refreshed out;
  out.what = what;
  out.licence = newest.activation->licence;
  out.activation = *newest.activation;
  out.id = newest.id;
  return out;
}

Outcome<void> check_input(const RefreshInput& input, const Chain& chain, const std::string& product_folder, const Marks& marks) {
  if (!input.version.empty() && !parse_version(input.version))
    return tl::unexpected(
        Failure{Code::usage, "--version " + in_quotes(input.version) + " is not a version", "for example --version 3.5.1"});
  if (chain.bulletins->lacks(marks))
    return tl::unexpected(Failure{Code::damaged_state, "a bulletin that was stored here is gone: " + in_quotes(product_folder),
                                  "import the vendor's newest bulletin"});
  return {};
}

}  // namespace

Outcome<std::vector<Refreshed>> refresh(const RefreshWorld& world, const TrustSource& source, const RefreshInput& input,
                                        CertificateServer& server) {
  OAK_TRY(check_product_name(input.product));
  const Machine& machine = world.machine;
  Store store(machine.disk, machine.state_dir, machine.own_uid);
  OAK_ASSIGN(const Chain chain, load_chain(machine.disk, store, source, input.product));
  if (chain.candidates.empty() && !input.licence_key) return std::vector<Refreshed>{};
  OAK_ASSIGN(const FoundTrust found, find_trust(machine.disk, source, input.product));
  OAK_TRY(require_trust(found, input.product));
  const auto stored = store.documents(input.product);
  if (!stored) return tl::unexpected(state_failure(stored.error()));
  OAK_ASSIGN(const Marks marks, marks_to_change(store, *stored, input.product));
  OAK_TRY(check_input(input, chain, store.product_folder(input.product), marks));

  Refreshing refreshing(world, source, input, server, store, chain);
  const std::uint64_t now = std::max(machine.clock.now_unix_s(), marks.time_unix_s);
  std::vector<Refreshed> out;
  const auto newest = newest_of_each(chain, marks);
  for (const auto& [licence, opened] : newest) {
    const auto end = opened->activation->not_after_unix_s;
    if (!end)
      out.push_back(nothing_to_do(What::permanent, *opened));
    else if (now + renewal_window_s < *end)
      out.push_back(nothing_to_do(What::not_due, *opened));
    else if (std::any_of(newest.begin(), newest.end(),
                         [&](const auto& other) { return stands_for(machine, store, *other.second->activation, *opened->activation); }))
      out.push_back(nothing_to_do(What::covered, *opened));
    else
      out.push_back(refreshing.ask_for(licence, opened));
  }
  if (!input.licence_key || newest.count(input.licence_key->licence_id) > 0) return out;
  if (input.version.empty())
    return tl::unexpected(Failure{Code::usage, "--version is needed for a first certificate", "for example --version 3.5"});
  out.push_back(refreshing.ask_for(input.licence_key->licence_id, nullptr));
  return out;
}

}  // namespace oak
