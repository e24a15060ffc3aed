#include "issuer/key_import.h"

#include <algorithm>

#include "core/armour.h"
#include "core/bulletin.h"
#include "core/text.h"
#include "issuer/desk_files.h"
#include "issuer/keys.h"
#include "issuer/published_trust.h"

namespace oak {
namespace {

/// The desk, what came in, and its name for messages.
struct Incoming {
  Desk& desk;
  const DeskWorld& world;
  const Draft& draft;
  const std::string& name;
  Bytes document = encode_draft(draft);
};

tl::unexpected<Failure> refuse(const Incoming& in, std::string_view why, std::string hint) {
  return tl::unexpected(Failure{Code::refused, in_quotes(in.name) + ": " + std::string(why), std::move(hint)});
}

Outcome<void> put(const Incoming& in, const std::string& path, DocumentType type, ByteView document) {
  const std::string text = armour_encode(labels_of(type).armour, document);
  const auto written = in.world.disk.write_beneath(in.desk.folder(), path, as_bytes(text), 0644, Existing::replace);
  if (!written) return tl::unexpected(explain({written.error().code, {}}, "cannot write " + in_quotes(in.desk.folder() + "/" + path)));
  return {};
}

bool is_same(const Leaf& leaf, LeafKind kind, ByteView document) {
  if (leaf.kind != kind) return false;
  const auto* key = std::get_if<KeyLeaf>(&leaf.body);
  const auto* published = std::get_if<PublishedLeaf>(&leaf.body);
  const Bytes empty;
  const Bytes& recorded = key ? key->certificate : published ? published->document : empty;
  return std::equal(recorded.begin(), recorded.end(), document.begin(), document.end());
}

/// The entry before the file: cut off in between, the same import goes on, and records it no second time.
Outcome<void> record(const Incoming& in, LeafKind kind) {
  Ledger& ledger = in.desk.ledger();
  const auto append = [&]() -> Status {
    OAK_ASSIGN(const std::uint64_t index, ledger.size());
    if (index > 0) {
      OAK_ASSIGN(const Leaf last, ledger.leaf(index - 1));
      if (is_same(last, kind, in.document)) return {};
    }
    Leaf leaf{index, kind, in.world.clock.now_unix_s(), in.world.operator_name, {}, PublishedLeaf{in.document}};
    if (kind == LeafKind::key_certified) leaf.body = KeyLeaf{in.document};
    return ledger.append(leaf);
  };
  Status done = ledger.begin();
  if (done) {
    done = append();
    if (done) done = ledger.commit();
    if (!done) ledger.roll_back();
  }
  if (!done) return tl::unexpected(ledger_failure(done.error(), in.desk.folder()));
  return {};
}

/// The key of this desk that a certificate is for: by the draft that was made here, else by the key itself.
Outcome<std::string> key_certified_by(const Incoming& in, const IssuerCertificate& certificate) {
  OAK_ASSIGN(const std::vector<IssuerKey> keys, issuer_keys(in.world.disk, in.desk));
  const auto is_of = [&](const std::optional<IssuerCertificate>& terms) { return terms && terms->issuer_key == certificate.issuer_key; };
  const auto has_serial = [&](const std::optional<IssuerCertificate>& terms) { return terms && terms->serial == certificate.serial; };
  for (const IssuerKey& key : keys)
    if ((has_serial(key.terms) && !is_of(key.terms)) || (has_serial(key.draft) && !is_of(key.draft)))
      return refuse(in, "serial " + std::to_string(certificate.serial) + " is that of " + key.name,
                    "draft it again: oak-issuer key certify" + in.desk.option());
  for (const IssuerKey& key : keys) {
    if (is_of(key.terms) || is_of(key.draft)) return key.name;
    if (!key.has_key) continue;
    OAK_ASSIGN(const PublicKey shown, shown_key(in.world.disk, in.desk.folder(), issuer_key_path(key.name)));
    if (shown == certificate.issuer_key) return key.name;
  }
  return refuse(in, "this desk has no issuer key of that certificate", "import it at the desk that drafted it");
}

Outcome<ImportedKeys> import_certificate(const Incoming& in) {
  const auto opened = open_issuer_certificate(in.document, in.desk.trust());
  if (!opened) return tl::unexpected(explain(opened.error(), in_quotes(in.name)));
  const IssuerCertificate& certificate = **opened;
  OAK_ASSIGN(const std::string key, key_certified_by(in, certificate));
  OAK_TRY(record(in, LeafKind::key_certified));
  OAK_TRY(put(in, issuer_certificate_path(key), in.draft.type, in.document));
  OAK_TRY(drop_draft(in.world.disk, in.desk.folder(), issuer_draft_path(key)));
  ImportedKeys out;
  out.lines = {key + " is certified, with serial " + std::to_string(certificate.serial)};
  if (!in.world.disk.exists(in.desk.folder() + "/" + issuer_key_path(key)))
    out.lines.push_back("its key lies elsewhere: take this file to where it signs");
  out.next = "oak-issuer key list" + in.desk.option();
  return out;
}

/// A trust's document with the signatures of its own roots alone: so it opens without knowing the roots before them.
Bytes signed_by_own(const Draft& draft, const Trust& trust) {
  std::vector<EnvelopeSignature> own;
  for (const EnvelopeSignature& block : draft.signatures)
    if (std::any_of(trust.roots.begin(), trust.roots.end(), [&](const PublicKey& root) { return key_id(root) == block.kid; }))
      own.push_back(block);
  return seal_threshold(draft.type, draft.payload, std::move(own));
}

/// Cut off behind its entry, the desk heeds it already, and its files are still to be written.
Outcome<bool> is_newest_of_ledger(const Incoming& in) {
  const auto documents = in.desk.ledger().key_documents(LeafKind::roots_changed);
  if (!documents) return tl::unexpected(ledger_failure(documents.error(), in.desk.folder()));
  return !documents->empty() && documents->back() == in.document;
}

Outcome<void> record_new_trust(const Incoming& in, const Trust& trust) {
  if (in.desk.is_waiting())
    return refuse(in, "the desk's first trust is not signed yet",
                  "import that one first: " + in.desk.folder() + "/drafts/trust.oak, signed");
  if (!trust.product.empty())
    return refuse(in, "a trust of new roots is for every product, this one for " + in_quotes(trust.product),
                  "draft it with oak-issuer key rotate");
  if (trust.sealing_key != in.desk.trust().sealing_key)
    return refuse(in, "its sealing key is that of another desk", "import it there; this desk drafts its own: oak-issuer key rotate");
  const auto checked = check_new_trust(in.document, in.desk.trust());
  if (!checked) return tl::unexpected(explain(checked.error(), in_quotes(in.name)));
  return record(in, LeafKind::roots_changed);
}

Outcome<ImportedKeys> put_new_trust(const Incoming& in, const Trust& trust) {
  OAK_TRY(put(in, new_trust_path(trust.number), in.draft.type, in.document));
  OAK_TRY(put(in, std::string(trust_file), in.draft.type, signed_by_own(in.draft, trust)));
  ImportedKeys out;
  out.lines = {"the desk's trust is now number " + std::to_string(trust.number) + ": " + std::to_string(trust.threshold) + " of " +
               std::to_string(trust.roots.size()) + " roots"};
  out.next = "oak-issuer key bulletin --out DRAFT" + in.desk.option() + " (for machines in the field), and oak-issuer trust --out FILE" +
             in.desk.option() + " (for the next release)";
  return out;
}

Outcome<ImportedKeys> import_trust(const Incoming& in) {
  const auto trust = decode_trust(in.draft.payload);
  if (!trust) return tl::unexpected(explain(trust.error(), in_quotes(in.name)));
  OAK_ASSIGN(const bool is_recorded, is_newest_of_ledger(in));
  if (!is_recorded && trust->number > in.desk.trust().number) OAK_TRY(record_new_trust(in, *trust));
  if (is_recorded || trust->number > in.desk.trust().number) return put_new_trust(in, *trust);
  const auto opened = open_trust(in.document, {});
  if (!opened) return tl::unexpected(explain(opened.error(), in_quotes(in.name)));
  const Trust& known = in.desk.trust();
  if (trust->roots != known.roots || trust->threshold != known.threshold || trust->number != known.number)
    return refuse(in, "its roots are not those of the desk's trust", "import what this desk has drafted");
  if (trust->sealing_key != known.sealing_key)
    return refuse(in, "its sealing key is that of another desk", "import it at the desk that drafted it");
  ImportedKeys out;
  if (in.desk.is_waiting()) {
    OAK_TRY(put(in, std::string(trust_file), in.draft.type, in.document));
    OAK_TRY(drop_draft(in.world.disk, in.desk.folder(), std::string(trust_draft_file)));
    out.lines = {"the desk's trust is signed: it no longer waits for its roots"};
    out.next = "oak-issuer key list" + in.desk.option();
    return out;
  }
  OAK_TRY(keep_published_trust(in.world.disk, in.desk, trust->product, in.document));
  out.lines = {"kept as the trust that was handed out: build it into the product, or put it at each site"};
  return out;
}

Outcome<ImportedKeys> import_key_bulletin(const Incoming& in) {
  const auto opened = open_key_bulletin(in.document, in.desk.trust());
  if (!opened) return tl::unexpected(explain(opened.error(), in_quotes(in.name)));
  OAK_ASSIGN(const std::vector<KeyBulletin> before, key_bulletins(in.world.disk, in.desk));
  const std::uint64_t number = (*opened)->number, newest = before.empty() ? 0 : before.back().number;
  if (number < newest)
    return refuse(in, "its number " + std::to_string(number) + " is below the newest, " + std::to_string(newest),
                  "draft it again at this desk");
  if (number == newest && encode_key_bulletin(before.back()) != in.draft.payload)
    return refuse(in, "another key bulletin has its number " + std::to_string(number), "draft it again at this desk");
  OAK_TRY(record(in, LeafKind::bulletin_signed));
  OAK_TRY(put(in, key_bulletin_path(number), in.draft.type, in.document));
  ImportedKeys out;
  out.lines = {"key bulletin " + std::to_string(number) + " is in force at this desk"};
  for (const RevokedIssuer& issuer : (*opened)->revoked_issuers)
    out.lines.push_back("issuer serial " + std::to_string(issuer.serial) + " is revoked; " + std::to_string(issuer.survivors.size()) +
                        " activations of it still count");
  out.lines.push_back("send the file to every site: oak-request import FILE");
  return out;
}

}  // namespace

Outcome<ImportedKeys> import_root_document(Desk& desk, const DeskWorld& world, ByteView file, const std::string& name) {
  OAK_ASSIGN(const Draft draft, read_draft(file, name));
  OAK_ASSIGN(const std::vector<Quorum> quorums, quorums_of(draft, &desk.trust()));
  OAK_TRY(check_signatures(draft, quorums, name));
  if (const Missing missing = missing_signatures(draft, quorums); missing.count > 0)
    return tl::unexpected(Failure{Code::not_enough_signatures, in_quotes(name) + ": " + missing.text,
                                  "let the next root sign it: oak-issuer key sign " + name + " --root-dir DIR --out FILE"});
  const Incoming in{desk, world, draft, name};
  Outcome<ImportedKeys> out = draft.type == DocumentType::trust                ? import_trust(in)
                              : draft.type == DocumentType::issuer_certificate ? import_certificate(in)
                                                                               : import_key_bulletin(in);
  if (out) out->type = draft.type;
  return out;
}

}  // namespace oak
