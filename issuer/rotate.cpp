#include "issuer/rotate.h"

#include <algorithm>

#include "core/bulletin.h"
#include "core/fields.h"
#include "core/text.h"
#include "issuer/desk_files.h"
#include "issuer/keys.h"
#include "issuer/lookup.h"

namespace oak {
namespace {

constexpr std::size_t max_roots = 16, least_of_id = 4;

tl::unexpected<Failure> usage(std::string message, std::string hint) {
  return tl::unexpected(Failure{Code::usage, std::move(message), std::move(hint)});
}

Outcome<void> remove_root(std::vector<PublicKey>& roots, const std::string& id) {
  const auto is_named = [&](const PublicKey& root) { return key_id_text(root).starts_with(id); };
  const auto count = std::count_if(roots.begin(), roots.end(), is_named);
  if (id.size() < least_of_id || count != 1)
    return usage("--root " + in_quotes(id) + (count > 1 ? " is the beginning of several key ids" : " is the key id of no root"),
                 "name it as oak-issuer key list shows it, at least 4 digits");
  roots.erase(std::find_if(roots.begin(), roots.end(), is_named));
  return {};
}

Outcome<void> add_root(std::vector<PublicKey>& roots, const PublicKey& added) {
  for (const PublicKey& root : roots)
    if (key_id(root) == key_id(added))
      return usage("the new root " + key_id_text(added) + " is one of the roots already",
                   "make another: oak-issuer key root --root-dir DIR");
  roots.push_back(added);
  return {};
}

Outcome<void> check_roots(const Desk& desk, const std::vector<PublicKey>& roots, std::uint64_t threshold) {
  const Trust& old = desk.trust();
  if (desk.is_waiting())
    return usage("the desk waits for its roots to sign its first trust", "import that first: oak-issuer key import FILE" + desk.option());
  if (roots.empty() || roots.size() > max_roots || threshold < 1 || threshold > roots.size())
    return usage(std::to_string(roots.size()) + " roots and a threshold of " + std::to_string(threshold) + " don't fit one another",
                 "1 to 16 roots, and a threshold between 1 and their number: see --threshold");
  if (roots == old.roots && threshold == old.threshold)
    return usage("nothing is to be changed",
                 "name a root that goes with --root, a new one with --new-root or --new-root-dir, or --threshold");
  return {};
}

std::vector<EarlierRoots> earlier_of(const Trust& old) {
  std::vector<EarlierRoots> out = {{old.roots, old.threshold}};
  out.insert(out.end(), old.earlier.begin(), old.earlier.end());
  if (out.size() > max_earlier) out.resize(max_earlier);
  return out;
}

/// One that was superseded may be what a machine still runs on, while its successor is on the way. But nothing of a chain counts
/// whose last one was given back or revoked, or has ended.
Result<bool> still_counts(Ledger& ledger, const ActivationRecord& record, std::uint64_t now_unix_s) {
  if (record.state != ActivationState::superseded) return record.is_live(now_unix_s);
  const auto& end = record.activation.not_after_unix_s;
  if (end && *end < now_unix_s) return false;
  OAK_ASSIGN(const ActivationRecord last, end_of_chain(ledger, record));
  return last.is_live(now_unix_s);
}

/// Of a list that the roots have signed, what counts no more is left out of the next one. What another desk issued stays.
Result<std::vector<ActivationId>> those_that_still_count(Ledger& ledger, const std::vector<ActivationId>& survivors,
                                                         std::uint64_t now_unix_s) {
  std::vector<ActivationId> out;
  for (const ActivationId& id : survivors) {
    OAK_ASSIGN(const auto record, ledger.activation(id));
    const Result<bool> counts = record ? still_counts(ledger, *record, now_unix_s) : true;
    if (!counts) return tl::unexpected(counts.error());
    if (*counts) out.push_back(id);
  }
  return out;
}

/// What the newest bulletin says, with the next number. Numbers follow the ledger, so that no restored desk gives one twice
/// without its auditors seeing it.
Outcome<KeyBulletin> next_bulletin(Desk& desk, const DeskWorld& world) {
  const auto size = desk.ledger().size();
  if (!size) return tl::unexpected(ledger_failure(size.error(), desk.folder()));
  OAK_ASSIGN(const std::vector<KeyBulletin> before, key_bulletins(world.disk, desk));
  KeyBulletin next;
  next.issued_at_unix_s = world.clock.now_unix_s();
  next.number = std::max<std::uint64_t>({*size, desk.trust().lowest_bulletin, 1, before.empty() ? 0 : before.back().number + 1});
  if (next.number > max_count) return usage("no number is left for another key bulletin", "make a new desk");
  if (!before.empty()) next.revoked_issuers = before.back().revoked_issuers;
  for (RevokedIssuer& issuer : next.revoked_issuers) {
    auto survivors = those_that_still_count(desk.ledger(), issuer.survivors, next.issued_at_unix_s);
    if (!survivors) return tl::unexpected(ledger_failure(survivors.error(), desk.folder()));
    issuer.survivors = std::move(*survivors);
  }
  return next;
}

Draft draft_of(const KeyBulletin& bulletin) { return {DocumentType::key_bulletin, encode_key_bulletin(bulletin), {}}; }

Outcome<PublicKey> issuer_named(const Desk& desk, const std::vector<IssuerKey>& keys, const std::string& issuer) {
  for (const IssuerKey& key : keys)
    if (key.terms && (key.name == issuer || std::to_string(key.terms->serial) == issuer)) return key.terms->issuer_key;
  return tl::unexpected(Failure{Code::not_found, "the desk has no certified issuer key " + in_quotes(issuer),
                                "a name or a serial: see oak-issuer key list" + desk.option()});
}

/// Whoever has the key can sign under each certificate that it ever had.
Result<std::vector<std::uint64_t>> serials_of(Ledger& ledger, const PublicKey& key) {
  std::vector<std::uint64_t> serials;
  OAK_ASSIGN(const std::vector<Bytes> certificates, ledger.key_documents(LeafKind::key_certified));
  for (const Bytes& document : certificates) {
    OAK_ASSIGN(const Envelope envelope, split(document, DocumentType::issuer_certificate));
    OAK_ASSIGN(const IssuerCertificate certificate, decode_issuer_certificate(envelope.payload));
    if (certificate.issuer_key == key) serials.push_back(certificate.serial);
  }
  std::sort(serials.begin(), serials.end());
  serials.erase(std::unique(serials.begin(), serials.end()), serials.end());
  return serials;
}

Result<std::uint64_t> serial_of(ByteView activation, const Trust& trust) {
  OAK_ASSIGN(const Envelope envelope, split(activation, DocumentType::activation));
  OAK_ASSIGN(const Verified<IssuerCertificate> issuer, open_issuer_certificate(envelope.chain, trust));
  return issuer->serial;
}

Outcome<std::vector<ActivationId>> survivors_of(Desk& desk, const DeskWorld& world, std::uint64_t serial,
                                                const std::vector<ActivationId>& except) {
  const auto records = desk.ledger().activations();
  if (!records) return tl::unexpected(ledger_failure(records.error(), desk.folder()));
  const std::uint64_t now = world.clock.now_unix_s();
  std::vector<ActivationId> survivors;
  std::size_t live = 0;
  for (const bool wants_live : {true, false}) {
    for (const ActivationRecord& record : *records) {
      if (record.is_live(now) != wants_live) continue;
      const auto counts = still_counts(desk.ledger(), record, now);
      if (!counts) return tl::unexpected(ledger_failure(counts.error(), desk.folder()));
      if (!*counts) continue;
      if (std::find(except.begin(), except.end(), record.id) != except.end()) continue;
      const auto signed_by = serial_of(record.document, desk.trust());
      if (!signed_by) return tl::unexpected(explain(signed_by.error(), "activation " + activation_id_text(record.id)));
      if (*signed_by == serial) survivors.push_back(record.id);
    }
    if (wants_live) live = survivors.size();
  }
  if (live > max_revoked)
    return usage("issuer key " + std::to_string(serial) + " has signed " + std::to_string(live) +
                     " activations that count, and a bulletin holds " + std::to_string(max_revoked),
                 "issue the newest ones again with another key first");
  if (survivors.size() > max_revoked) survivors.resize(max_revoked);
  std::sort(survivors.begin(), survivors.end());
  return survivors;
}

Outcome<std::vector<ActivationId>> activations_named(Desk& desk, const std::vector<std::string>& typed) {
  std::vector<ActivationId> ids;
  for (const std::string& id : typed) {
    OAK_ASSIGN(const ActivationRecord record, find_activation(desk, id));
    ids.push_back(record.id);
  }
  return ids;
}

}  // namespace

Outcome<Draft> draft_new_trust(const Desk& desk, const DeskWorld& world, const RotateInput& input) {
  Trust trust = desk.trust();
  for (const std::string& id : input.remove) OAK_TRY(remove_root(trust.roots, id));
  for (const PublicKey& root : input.add) OAK_TRY(add_root(trust.roots, root));
  std::sort(trust.roots.begin(), trust.roots.end());
  if (input.threshold) trust.threshold = *input.threshold;
  OAK_TRY(check_roots(desk, trust.roots, trust.threshold));
  trust.earlier = earlier_of(desk.trust());
  trust.issued_at_unix_s = world.clock.now_unix_s();
  ++trust.number;
  return Draft{DocumentType::trust, encode_trust(trust), {}};
}

Outcome<Draft> draft_key_bulletin(Desk& desk, const DeskWorld& world) {
  OAK_ASSIGN(KeyBulletin bulletin, next_bulletin(desk, world));
  const auto trusts = desk.ledger().key_documents(LeafKind::roots_changed);
  if (!trusts) return tl::unexpected(ledger_failure(trusts.error(), desk.folder()));
  if (!trusts->empty()) bulletin.new_trust = trusts->back();
  if (bulletin.new_trust.empty() && bulletin.revoked_issuers.empty())
    return usage("there is nothing to tell: no root has changed, and no issuer key was revoked", "see: oak-issuer key rotate, key revoke");
  return draft_of(bulletin);
}

Outcome<Revocation> draft_revocation(Desk& desk, const DeskWorld& world, const std::string& issuer,
                                     const std::vector<std::string>& except) {
  OAK_ASSIGN(const std::vector<IssuerKey> keys, issuer_keys(world.disk, desk));
  OAK_ASSIGN(const PublicKey stolen, issuer_named(desk, keys, issuer));
  const auto serials = serials_of(desk.ledger(), stolen);
  if (!serials) return tl::unexpected(ledger_failure(serials.error(), desk.folder()));
  OAK_ASSIGN(const std::vector<ActivationId> left_out, activations_named(desk, except));
  OAK_ASSIGN(KeyBulletin bulletin, next_bulletin(desk, world));
  Revocation out{{}, *serials, 0};
  for (const std::uint64_t serial : *serials) {
    RevokedIssuer revoked{serial, {}};
    OAK_ASSIGN(revoked.survivors, survivors_of(desk, world, serial, left_out));
    out.survivors += revoked.survivors.size();
    auto& all = bulletin.revoked_issuers;
    all.erase(std::remove_if(all.begin(), all.end(), [&](const RevokedIssuer& one) { return one.serial == serial; }), all.end());
    all.push_back(std::move(revoked));
  }
  std::sort(bulletin.revoked_issuers.begin(), bulletin.revoked_issuers.end(),
            [](const RevokedIssuer& a, const RevokedIssuer& b) { return a.serial < b.serial; });
  out.draft = draft_of(bulletin);
  if (const auto fits = decode_key_bulletin(out.draft.payload); !fits) return tl::unexpected(explain(fits.error(), "the key bulletin"));
  return out;
}

}  // namespace oak
