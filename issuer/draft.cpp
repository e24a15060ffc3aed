#include "issuer/draft.h"

#include <algorithm>

#include "core/armour.h"
#include "core/bulletin.h"
#include "core/root_page.h"
#include "core/text.h"
#include "issuer/desk_files.h"
#include "issuer/keys.h"

namespace oak {
namespace {

bool has(const std::vector<PublicKey>& roots, const PublicKey& key) { return std::find(roots.begin(), roots.end(), key) != roots.end(); }

bool has_signed(const Draft& draft, const PublicKey& root) {
  return std::any_of(draft.signatures.begin(), draft.signatures.end(),
                     [&](const EnvelopeSignature& block) { return block.kid == key_id(root); });
}

std::vector<PublicKey> all_of(const std::vector<Quorum>& quorums) {
  std::vector<PublicKey> all;
  for (const Quorum& quorum : quorums) all.insert(all.end(), quorum.roots.begin(), quorum.roots.end());
  return all;
}

Failure no_known_trust() {
  return {Code::usage, "--trust is needed: whose signatures it takes, the document does not say",
          "name a trust document of the roots: --trust FILE; or their desk: --desk DIR"};
}

Outcome<std::vector<Quorum>> quorums_of_trust(const Draft& draft, const Trust* known) {
  const auto trust = decode_trust(draft.payload);
  if (!trust) return tl::unexpected(explain(trust.error(), "the trust"));
  const Quorum own{"", trust->roots, trust->threshold};
  if (!known && trust->number == 1) return std::vector<Quorum>{own};
  if (!known) return tl::unexpected(no_known_trust());
  if (trust->number > known->number)
    return std::vector<Quorum>{{"old ", known->roots, known->threshold}, {"new ", trust->roots, trust->threshold}};
  if (trust->number == known->number && trust->roots == known->roots && trust->threshold == known->threshold)
    return std::vector<Quorum>{own};
  return tl::unexpected(Failure{Code::refused,
                                "it has number " + std::to_string(trust->number) +
                                    " and other roots than the trust that is known here, of number " + std::to_string(known->number),
                                "make it again at the desk, from its newest trust"});
}

Outcome<std::vector<Quorum>> quorums_of_bulletin(const Draft& draft, const Trust& known) {
  const auto bulletin = decode_key_bulletin(draft.payload);
  if (!bulletin) return tl::unexpected(explain(bulletin.error(), "the key bulletin"));
  if (bulletin->new_trust.empty()) return std::vector<Quorum>{{"", known.roots, known.threshold}};
  const auto carried =
      split(bulletin->new_trust, DocumentType::trust).and_then([](const Envelope& envelope) { return decode_trust(envelope.payload); });
  if (!carried) return tl::unexpected(explain(carried.error(), "the trust in the key bulletin"));
  // Machines in the field know the roots before the new ones.
  if (carried->number == known.number && !known.earlier.empty())
    return std::vector<Quorum>{{"old ", known.earlier.front().roots, known.earlier.front().threshold}};
  return std::vector<Quorum>{{"", known.roots, known.threshold}};
}

std::string counted_roots(std::uint64_t count, std::string_view whose) {
  return std::to_string(count) + " more of the " + std::string(whose) + "roots";
}

}  // namespace

std::string key_id_text(const PublicKey& key) { return to_hex(key_id(key)); }

Outcome<Draft> read_draft(ByteView file, const std::string& name) {
  const auto armoured = document_from_file_bytes(file);
  if (!armoured) return tl::unexpected(explain(armoured.error(), in_quotes(name)));
  auto envelope = split_draft(armoured->document);
  if (!envelope) return tl::unexpected(explain(envelope.error(), in_quotes(name)));
  if (const auto page = root_document_page(envelope->type, envelope->payload); !page)
    return tl::unexpected(explain(page.error(), in_quotes(name)));
  return Draft{envelope->type, std::move(envelope->payload), std::move(envelope->signatures)};
}

Bytes encode_draft(const Draft& draft) { return seal_threshold(draft.type, draft.payload, draft.signatures); }

std::string draft_file(const Draft& draft) {
  std::vector<std::string> comments;
  if (draft.signatures.empty()) comments.push_back("not signed yet: roots sign it in turn with oak-issuer key sign");
  return armour_encode(labels_of(draft.type).armour, encode_draft(draft), comments);
}

Outcome<void> keep_draft(Disk& disk, const std::string& desk, const std::string& path, const Draft& draft) {
  if (const auto made = disk.make_folder(desk + "/drafts", 0700); !made)
    return tl::unexpected(explain({made.error().code, {}}, "cannot make the folder " + in_quotes(desk + "/drafts")));
  const auto written = disk.write_beneath(desk, path, as_bytes(draft_file(draft)), 0644, Existing::replace);
  if (!written) return tl::unexpected(explain({written.error().code, {}}, "cannot write " + in_quotes(desk + "/" + path)));
  return {};
}

Outcome<void> drop_draft(Disk& disk, const std::string& desk, const std::string& path) {
  const auto removed = disk.remove_beneath(desk, path);
  if (removed || removed.error().code == Code::not_found) return {};
  return tl::unexpected(explain({removed.error().code, {}}, "cannot remove " + in_quotes(desk + "/" + path)));
}

Outcome<std::vector<Quorum>> quorums_of(const Draft& draft, const Trust* known) {
  if (draft.type == DocumentType::trust) return quorums_of_trust(draft, known);
  if (!known) return tl::unexpected(no_known_trust());
  if (draft.type == DocumentType::key_bulletin) return quorums_of_bulletin(draft, *known);
  return std::vector<Quorum>{{"", known->roots, known->threshold}};
}

Outcome<void> check_signatures(const Draft& draft, const std::vector<Quorum>& quorums, const std::string& name) {
  const auto envelope = split_draft(encode_draft(draft));
  if (!envelope) return tl::unexpected(explain(envelope.error(), in_quotes(name)));
  if (const Status verified = verify_threshold(*envelope, all_of(quorums), 0); !verified)
    return tl::unexpected(explain(verified.error(), in_quotes(name)));
  return {};
}

Missing missing_signatures(const Draft& draft, const std::vector<Quorum>& quorums) {
  Missing missing;
  for (const Quorum& quorum : quorums) {
    const auto given = static_cast<std::uint64_t>(
        std::count_if(quorum.roots.begin(), quorum.roots.end(), [&](const PublicKey& root) { return has_signed(draft, root); }));
    if (given >= quorum.threshold) continue;
    missing.count += quorum.threshold - given;
    missing.text += (missing.text.empty() ? "" : " and ") + counted_roots(quorum.threshold - given, quorum.whose);
  }
  missing.text = missing.count == 0 ? "all signatures that it needs are there" : missing.text + " must sign";
  return missing;
}

Outcome<void> sign_draft(const DeskWorld& world, const std::string& root_dir, const std::vector<Quorum>& quorums, Draft& draft) {
  OAK_ASSIGN(const PublicKey shown, shown_key(world.disk, root_dir, root_key_file));
  const std::string what = "the root key in " + in_quotes(root_dir) + " (" + key_id_text(shown) + ")";
  if (!has(all_of(quorums), shown))
    return tl::unexpected(Failure{Code::unknown_key, what + " is none of those that may sign this", "name another folder with --root-dir"});
  if (has_signed(draft, shown))
    return tl::unexpected(
        Failure{Code::refused, what + " has signed it already: " + missing_signatures(draft, quorums).text, "let another root sign"});
  KeyPair root;
  OAK_TRY(unlock_key_pair(world, root_dir, root_key_file, root));
  draft.signatures.push_back(sign_threshold(draft.type, draft.payload, root));
  return {};
}

Outcome<std::optional<Trust>> known_trust(const DeskWorld& world, const std::string& file, const std::string& desk) {
  if (!file.empty()) {
    const auto bytes = world.disk.read(file, max_armoured_bytes);
    if (!bytes) return tl::unexpected(explain({bytes.error().code, {}}, "cannot read " + in_quotes(file)));
    const auto armoured = document_from_file_bytes(bytes->bytes);
    const auto trust = armoured ? open_trust(armoured->document, {}) : tl::unexpected(armoured.error());
    if (!trust) return tl::unexpected(explain(trust.error(), in_quotes(file)));
    return std::optional(**trust);
  }
  if (!world.disk.exists(desk + "/" + std::string(trust_file)) && !world.disk.exists(desk + "/" + std::string(trust_draft_file)))
    return std::optional<Trust>{};
  OAK_ASSIGN(const DeskTrust found, read_desk_trust(world.disk, desk));
  return std::optional(found.trust);
}

std::string draft_page(const Draft& draft, const std::vector<Quorum>& quorums, const Trust* known) {
  std::string text = root_document_page(draft.type, draft.payload).value_or(std::string());
  if (draft.type == DocumentType::trust && known)
    if (const auto trust = decode_trust(draft.payload); trust && trust->number > known->number) {
      for (const PublicKey& root : trust->roots)
        if (!has(known->roots, root)) text += "  NEW root           " + to_hex(root) + "\n";
      for (const PublicKey& root : known->roots)
        if (!has(trust->roots, root)) text += "  REMOVED root       " + to_hex(root) + "\n";
    }
  for (const EnvelopeSignature& block : draft.signatures) text += "  signed by          root " + to_hex(block.kid) + "\n";
  return text + "  signatures         " + missing_signatures(draft, quorums).text + "\n";
}

}  // namespace oak
