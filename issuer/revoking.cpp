#include "issuer/revoking.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/text.h"
#include "issuer/keys.h"
#include "issuer/licence_desk.h"
#include "issuer/transaction.h"

namespace oak {
namespace {

/// Why there is nothing to revoke in it.
Result<std::optional<Refusal>> refuse_ended(Desk& desk, const ActivationRecord& record) {
  const std::string name = activation_id_text(record.id);
  if (record.state == ActivationState::returned)
    return std::optional(Refusal{"returned", "activation " + name + " was given back: its seats are free already",
                                 "nothing is to be revoked; see: oak-issuer show " + name + desk.option()});
  if (record.state != ActivationState::superseded) return std::optional<Refusal>{};
  OAK_ASSIGN(const ActivationRecord last, end_of_chain(desk.ledger(), record));
  const std::string last_name = activation_id_text(last.id), says = "activation " + name + " is superseded by " + last_name;
  if (last.state == ActivationState::live)
    return std::optional(Refusal{"superseded", says + ": revoking that one reaches both",
                                 "oak-issuer revoke " + last_name + " --reason TEXT" + desk.option()});
  if (last.state == ActivationState::revoked)
    return std::optional(Refusal{"superseded", says + ", which is revoked: the bulletin names both",
                                 "oak-issuer bulletin --out FILE --product " + record.activation.product + desk.option()});
  return std::optional(Refusal{"superseded", says + ", which was given back: nothing of it is live",
                               "nothing is to be revoked; see: oak-issuer show " + last_name + desk.option()});
}

Status record_revocation(Ledger& ledger, const DeskWorld& world, const std::string& reason, Revoked& out) {
  const std::uint64_t now = world.clock.now_unix_s();
  const std::string& licence = out.record.activation.licence;
  OAK_ASSIGN(const LicenceTotals before, ledger.totals(licence, now));
  OAK_ASSIGN(const std::uint64_t index, ledger.size());
  OAK_TRY(ledger.append({index, LeafKind::revoked, now, world.operator_name, reason, EndedLeaf{out.record.id, {}}}));
  OAK_ASSIGN(const LicenceTotals after, ledger.totals(licence, now));
  out.seats_freed = before.live_seats - after.live_seats;
  out.record.state = ActivationState::revoked;
  return {};
}

Result<Revoked> revoke(Desk& desk, const DeskWorld& world, const std::string& reason, const ActivationId& id) {
  Ledger& ledger = desk.ledger();
  Transaction transaction(ledger);
  OAK_TRY(transaction.begin());
  OAK_ASSIGN(auto found, ledger.activation(id));
  if (!found) return fail(Code::unknown_activation, activation_id_text(id));
  Revoked out;
  out.record = std::move(*found);
  OAK_ASSIGN(auto refusal, refuse_ended(desk, out.record));
  if (refusal) {
    out.refusals.push_back(std::move(*refusal));
    return out;
  }
  const Activation& activation = out.record.activation;
  OAK_ASSIGN(const auto licence, ledger.licence(activation.licence));
  if (!licence) return fail(Code::ledger_damaged, "licence " + activation.licence + " is missing");
  out.repeat = out.record.state == ActivationState::revoked;
  if (!out.repeat) OAK_TRY(record_revocation(ledger, world, reason, out));
  out.rehosts_a_year = licence->rehosts_a_year();
  OAK_ASSIGN(out.rehosts_left, rehosts_left(ledger, *licence, world.clock.now_unix_s()));
  out.next = "oak-issuer bulletin --out FILE --product " + activation.product + desk.option();
  if (!out.repeat) OAK_TRY(transaction.commit());
  return out;
}

/// Which issuer key signed it, as the ledger's own document says: an old one need not open under the desk's newest roots.
Result<std::uint64_t> issuer_serial_of(ByteView signed_document, DocumentType type) {
  OAK_ASSIGN(const Envelope envelope, split(signed_document, type));
  OAK_ASSIGN(const Envelope chain, split(envelope.chain, DocumentType::issuer_certificate));
  OAK_ASSIGN(const IssuerCertificate certificate, decode_issuer_certificate(chain.payload));
  return certificate.serial;
}

Result<std::uint64_t> serial_of_certificate(ByteView certificate_document) {
  OAK_ASSIGN(const Envelope envelope, split(certificate_document, DocumentType::issuer_certificate));
  OAK_ASSIGN(const IssuerCertificate certificate, decode_issuer_certificate(envelope.payload));
  return certificate.serial;
}

/// What no longer counts of a product, by the serial of the key that signed it.
Result<std::map<std::uint64_t, std::set<ActivationId>>> find_revoked(Ledger& ledger, const std::string& product) {
  std::map<std::uint64_t, std::set<ActivationId>> out;
  OAK_ASSIGN(const auto revoked, ledger.activations_in(ActivationState::revoked));
  for (const ActivationRecord& record : revoked) {
    if (record.activation.product != product) continue;
    // A machine that never imported the revoked one still holds what that took the place of.
    for (std::optional<ActivationRecord> at = record; at;) {
      OAK_ASSIGN(const std::uint64_t serial, issuer_serial_of(at->document, DocumentType::activation));
      if (!out[serial].insert(at->id).second || !at->activation.supersedes) break;
      OAK_ASSIGN(at, ledger.activation(*at->activation.supersedes));
    }
  }
  return out;
}

Outcome<std::string> choose_product(Desk& desk, const std::string& product) {
  const auto names = desk.ledger().product_names();
  if (!names) return tl::unexpected(ledger_failure(names.error(), desk.folder()));
  if (product.empty() && names->size() == 1) return names->front();
  std::string list;
  for (const std::string& name : *names) list += (list.empty() ? "" : ", ") + name;
  if (names->empty()) return tl::unexpected(Failure{Code::not_found, "the desk has no product yet", "see: oak-issuer licence add --help"});
  if (product.empty())
    return tl::unexpected(Failure{Code::usage, "--product is needed: a bulletin is of one product, and the desk has " + list,
                                  "for example --product " + names->front()});
  if (std::find(names->begin(), names->end(), product) == names->end())
    return tl::unexpected(Failure{Code::not_found, "the desk has no product " + in_quotes(product), "it has " + list});
  return product;
}

/// What this issuer's bulletin can't reach. Of a key that the roots took back, what their newest list still lets survive.
OtherSigner other_signer(std::uint64_t serial, const std::set<ActivationId>& revoked, const std::vector<KeyBulletin>& of_roots) {
  OtherSigner out{serial, revoked.size(), false};
  for (const KeyBulletin& bulletin : of_roots)
    for (const RevokedIssuer& issuer : bulletin.revoked_issuers) {
      if (issuer.serial != serial) continue;
      const auto survives = [&](const ActivationId& id) {
        return std::binary_search(issuer.survivors.begin(), issuer.survivors.end(), id);
      };
      out.taken_back = true;
      out.activations = static_cast<std::uint64_t>(std::count_if(revoked.begin(), revoked.end(), survives));
    }
  return out;
}

Result<MadeBulletin> sign_next_bulletin(Ledger& ledger, const DeskWorld& world, const KeyPair& issuer, ByteView certificate,
                                        const std::string& product, const std::vector<KeyBulletin>& of_roots) {
  MadeBulletin out;
  OAK_ASSIGN(out.serial, serial_of_certificate(certificate));
  OAK_ASSIGN(auto revoked, find_revoked(ledger, product));
  for (const auto& [serial, ids] : revoked) {
    if (serial == out.serial) continue;
    const OtherSigner other = other_signer(serial, ids, of_roots);
    if (other.activations > 0) out.others.push_back(other);
  }
  const std::set<ActivationId>& own = revoked[out.serial];
  OAK_ASSIGN(const std::uint64_t number, ledger.size());
  out.bulletin = Bulletin{product, world.clock.now_unix_s(), number, {own.begin(), own.end()}, {}};
  out.document = seal_bulletin(out.bulletin, issuer, certificate);
  OAK_TRY(ledger.append(
      {number, LeafKind::bulletin_signed, out.bulletin.issued_at_unix_s, world.operator_name, {}, PublishedLeaf{out.document}}));
  return out;
}

struct NewestBulletins {
  std::map<std::uint64_t, std::uint64_t> number_by_signer;  ///< an issuer key's serial; 0: the roots
  std::uint64_t newest = 0;

  void take(ByteView document, const std::string& product) {
    if (const auto roots = split(document, DocumentType::key_bulletin)) {
      if (const auto bulletin = decode_key_bulletin(roots->payload)) take(0, bulletin->number);
      return;
    }
    const auto envelope = split(document, DocumentType::bulletin);
    const auto bulletin = envelope ? decode_bulletin(envelope->payload) : tl::unexpected(envelope.error());
    const auto serial = issuer_serial_of(document, DocumentType::bulletin);
    if (!bulletin || !serial || (!product.empty() && bulletin->product != product)) return;
    take(*serial, bulletin->number);
  }
  void take(std::uint64_t signer, std::uint64_t number) {
    std::uint64_t& known = number_by_signer[signer];
    known = std::max(known, number);
    newest = std::max(newest, number);
  }
};

}  // namespace

Outcome<Revoked> revoke_activation(Desk& desk, const DeskWorld& world, const std::string& reason, const ActivationId& id) {
  if (reason.empty() || reason.size() > 240 || has_control_characters(reason))
    return tl::unexpected(Failure{Code::usage, "--reason is empty, has control characters or more than 240 bytes", "use one short line"});
  auto revoked = revoke(desk, world, reason, id);
  if (!revoked) return tl::unexpected(ledger_failure(revoked.error(), desk.folder()));
  return std::move(*revoked);
}

Outcome<MadeBulletin> make_bulletin(Desk& desk, const DeskWorld& world, const KeyPair& issuer, ByteView certificate,
                                    const std::string& product) {
  OAK_ASSIGN(const std::string of, choose_product(desk, product));
  OAK_ASSIGN(const std::vector<KeyBulletin> of_roots, key_bulletins(world.disk, desk));
  Transaction transaction(desk.ledger());
  const auto ledger_problem = [&](const Error& error) { return tl::unexpected(ledger_failure(error, desk.folder())); };
  if (const auto begun = transaction.begin(); !begun) return ledger_problem(begun.error());
  auto made = sign_next_bulletin(desk.ledger(), world, issuer, certificate, of, of_roots);
  if (!made) return ledger_problem(made.error());
  if (made->bulletin.revoked.size() > max_revoked)
    return tl::unexpected(Failure{Code::too_large,
                                  std::to_string(made->bulletin.revoked.size()) + " activations of " + in_quotes(of) +
                                      " are revoked, and a bulletin holds " + std::to_string(max_revoked),
                                  "have the roots revoke the issuer key, with the list of what survives, and issue with another"});
  // The desk hands out nothing that a verifier would refuse.
  if (const auto opened = open_bulletin(made->document, desk.trust(), of); !opened)
    return tl::unexpected(explain(opened.error(), "the bulletin", "sign with an issuer key whose certificate allows it"));
  if (const auto committed = transaction.commit(); !committed) return ledger_problem(committed.error());
  return std::move(*made);
}

Outcome<std::vector<std::string>> check_lowest_bulletin(Desk& desk, const std::string& product, std::uint64_t number) {
  NewestBulletins found;
  const auto size = desk.ledger().size();
  if (!size) return tl::unexpected(ledger_failure(size.error(), desk.folder()));
  for (std::uint64_t index = 0; number > 0 && index < *size; ++index) {
    const auto leaf = desk.ledger().leaf(index);
    if (!leaf) return tl::unexpected(ledger_failure(leaf.error(), desk.folder()));
    if (leaf->kind == LeafKind::bulletin_signed) found.take(std::get<PublishedLeaf>(leaf->body).document, product);
  }
  if (number > found.newest)
    return tl::unexpected(
        Failure{Code::usage,
                "--lowest-bulletin " + std::to_string(number) + ": the newest bulletin of this ledger " +
                    (found.newest == 0 ? std::string("is still to be made") : "has the number " + std::to_string(found.newest)),
                "sites could not take in the bulletins that there are; give the number of one of them"});
  std::vector<std::string> warnings;
  for (const auto& [signer, newest] : found.number_by_signer)
    if (newest < number)
      warnings.push_back("sites with this trust refuse the newest bulletin of " +
                         (signer == 0 ? std::string("the roots") : "issuer key " + std::to_string(signer)) + ", number " +
                         std::to_string(newest) + ", where they don't have it yet: sign it anew");
  return warnings;
}

}  // namespace oak
