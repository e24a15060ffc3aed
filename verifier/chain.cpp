#include "verifier/chain.h"

#include "core/text.h"

namespace oak {
namespace {

/// A fault of form, against one of signatures and what they may sign.
bool is_malformed(Code code) {
  switch (code) {
    case Code::bad_signature:
    case Code::unknown_key:
    case Code::not_enough_signatures:
    case Code::weak_key:
    case Code::issuer_not_allowed:
    case Code::issuer_outside_window:
    case Code::wrong_product:
    case Code::untrusted: return false;
    default: return true;
  }
}

std::string describe(const Error& error) {
  std::string out(code_cause(error.code));
  if (!error.context.empty()) out += " (" + printable(error.context) + ")";
  return out;
}

void judge_failed(Candidate& candidate, const Error& error) {
  candidate.verdict = is_malformed(error.code) ? Verdict::malformed : Verdict::untrusted;
  candidate.why = in_quotes(candidate.path) + ": " + describe(error);
}

void open_candidate(Candidate& candidate, const StoredDocument& stored, const FoundTrust& found, const Chain& chain) {
  // Stage 1, parse: the file gives a document of the store's form.
  if (!stored.document) return judge_failed(candidate, {stored.document.error().code, {}});
  // Stage 2, trust: without it nothing can be more than well-formed.
  if (!chain.bulletins) {
    const auto claimed = read_activation_unverified(*stored.document);
    if (!claimed) return judge_failed(candidate, claimed.error());
    candidate.verdict = Verdict::untrusted;
    candidate.why = found.problem ? found.problem->message : "there is no trust file " + in_quotes(found.site_file);
    return;
  }
  // Stages 3 to 5, issuer certificate, signature, payload and caps: core opens them in this order.
  auto opened = open_activation(*stored.document, chain.bulletins->trusts, chain.product);
  if (!opened) return judge_failed(candidate, opened.error());
  candidate.opened = std::move(*opened);
}

std::string_view state_hint(Code code) {
  switch (code) {
    case Code::permission_denied: return "run it as root, or let this user read the state: sudo usermod -aG oak \"$USER\"";
    case Code::unsafe_file:
      return "the state's files belong to root and nobody else may write them: sudo chown root FILE && sudo chmod go-w FILE "
             "(go-rwx for a key)";
    case Code::damaged_state: return "restore the file from a backup, or ask the vendor for a new activation";
    default: return {};
  }
}

}  // namespace

Failure state_failure(const Error& error) { return explain(error, "cannot use the machine's state", state_hint(error.code)); }

Failure state_write_failure(const Error& error) {
  return explain(error, "cannot write the machine's state",
                 error.code == Code::permission_denied ? "run it as root; a file system that is mounted read-only must be made writable"
                                                       : std::string_view{});
}

Outcome<Chain> load_chain(Disk& disk, const Store& store, const TrustSource& source, std::string_view product) {
  OAK_ASSIGN(const FoundTrust found, find_trust(disk, source, product));
  const auto stored = store.documents(product);
  if (!stored) return tl::unexpected(state_failure(stored.error()));
  Chain chain;
  chain.product = product;
  chain.trust_origin = found.origin;
  chain.site_trust_file = found.site_file;
  chain.too_many = stored->too_many;
  if (found.trust) chain.bulletins = open_stored_bulletins(stored->bulletins, *found.trust, product);
  chain.candidates.reserve(stored->activations.size());
  for (const StoredDocument& document : stored->activations) {
    Candidate& candidate = chain.candidates.emplace_back();
    candidate.name = document.name;
    candidate.path = document.path;
    open_candidate(candidate, document, found, chain);
  }
  return chain;
}

}  // namespace oak
