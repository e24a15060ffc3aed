#include "issuer/desk.h"

#include <algorithm>

#include "core/armour.h"
#include "core/bulletin.h"
#include "core/text.h"
#include "issuer/checkpointing.h"
#include "issuer/desk_files.h"
#include "issuer/keys.h"
#include "issuer/ledger_sqlite.h"

namespace oak {
Failure ledger_failure(const Error& error, const std::string& desk_folder) {
  return explain(
      error, "the ledger of the desk " + in_quotes(desk_folder),
      error.code == Code::ledger_damaged
          ? "run it once more, and see whether the disk fails (dmesg); where it stays so, stop issuing and restore the newest backup"
          : std::string_view{});
}

Outcome<Desk> Desk::open(const DeskWorld& world, const std::string& folder, DeskUse use) {
  OAK_TRY(check_desk_folder(folder));
  Desk desk;
  desk.folder_ = folder;
  desk.option_ = world.desk_option;
  if (use == DeskUse::write) {
    OAK_ASSIGN(desk.lock_, lock_desk(world.disk, folder, world.lock_wait_ms));
  }
  const LedgerOpening opening = use == DeskUse::write ? LedgerOpening::read_write : LedgerOpening::read;
  auto ledger = open_sqlite_ledger(folder + "/" + std::string(ledger_file), opening);
  if (!ledger) return tl::unexpected(ledger_failure(ledger.error(), folder));
  desk.ledger_ = std::move(*ledger);
  OAK_ASSIGN(desk.trust_, read_desk_trust(world.disk, folder));
  OAK_TRY(desk.heed_new_roots());
  OAK_TRY(desk.look_for_rollback(world, use));
  return desk;
}

Outcome<DeskTrust> read_desk_trust(Disk& disk, const std::string& folder) {
  const std::string signed_path = folder + "/" + std::string(trust_file), draft_path = folder + "/" + std::string(trust_draft_file);
  if (!disk.exists(signed_path) && disk.exists(draft_path)) {
    OAK_ASSIGN(const Bytes draft, read_document(disk, folder, trust_draft_file));
    const auto trust = split_draft(draft).and_then([](const Envelope& envelope) { return decode_trust(envelope.payload); });
    if (!trust) return tl::unexpected(explain(trust.error(), in_quotes(draft_path)));
    return DeskTrust{*trust, true};
  }
  OAK_ASSIGN(const Bytes document, read_document(disk, folder, trust_file));
  const auto trust = open_trust(document, {});
  if (!trust) return tl::unexpected(explain(trust.error(), in_quotes(signed_path)));
  return DeskTrust{**trust, false};
}

/// New roots are in the ledger before they are in the trust's file, and stay there where that file is put back from a backup.
Outcome<void> Desk::heed_new_roots() {
  if (trust_.waiting) return {};
  const auto documents = ledger_->key_documents(LeafKind::roots_changed);
  if (!documents) return tl::unexpected(ledger_failure(documents.error(), folder_));
  for (const Bytes& document : *documents)
    if (auto next = check_new_trust(document, trust_.trust); next && next->sealing_key == trust_.trust.sealing_key)
      trust_.trust = std::move(*next);
  return {};
}

Outcome<void> Desk::look_for_rollback(const DeskWorld& world, DeskUse use) {
  auto why = find_rollback(world.disk, folder_, *ledger_);
  // A reader may be somebody whom the checkpoints are closed to.
  if (!why && use == DeskUse::read) return {};
  if (!why) return tl::unexpected(explain(why.error(), "the desk's checkpoints", "take their folder from a backup of the desk"));
  if (*why && use == DeskUse::write) return tl::unexpected(rolled_back_failure(**why));
  rolled_back_ = std::move(*why);
  return {};
}

Outcome<void> Desk::unlock_desk_keys(const DeskWorld& world, UnlockedDeskKeys& into) const {
  OAK_ASSIGN(OpenedKeyFile opened, unlock_key(world, folder_, desk_key_file));
  lock_memory(into.sealing_seed.data(), Seed::size());
  lock_memory(into.ledger_key.data(), SymmetricKey::size());
  const bool whole = opened.secret.size() == Seed::size() + SymmetricKey::size();
  if (whole) {
    std::copy_n(opened.secret.begin(), Seed::size(), into.sealing_seed.data());
    std::copy_n(opened.secret.begin() + Seed::size(), SymmetricKey::size(), into.ledger_key.data());
  }
  wipe(opened.secret.data(), opened.secret.size());
  if (!whole || sealing_public_key_of(into.sealing_seed) != opened.head.public_key)
    return tl::unexpected(explain({Code::bad_key_file, {}}, "the key file " + in_quotes(folder_ + "/" + std::string(desk_key_file))));
  return {};
}

Outcome<void> Desk::unlock_issuer(const DeskWorld& world, KeyPair& into) const {
  OAK_ASSIGN(const IssuerKey key, chosen_issuer(world.disk, *this, world.issuer));
  return unlock_key_pair(world, folder_, issuer_key_path(key.name), into);
}

Outcome<Bytes> Desk::issuer_certificate(const DeskWorld& world) const {
  OAK_ASSIGN(IssuerKey key, chosen_issuer(world.disk, *this, world.issuer));
  return std::move(key.certificate);
}

namespace {

Outcome<void> check_root(const Trust& trust, const PublicKey& key, const std::string& folder,
                         const std::vector<std::pair<PublicKey, std::string>>& signed_by) {
  if (std::find(trust.roots.begin(), trust.roots.end(), key) == trust.roots.end())
    return tl::unexpected(Failure{Code::unknown_key, "the root key in " + in_quotes(folder) + " is none of this desk",
                                  "name the folders of this desk's roots with --root-dir"});
  for (const auto& [other, place] : signed_by)
    if (other == key)
      return tl::unexpected(Failure{Code::usage,
                                    place == folder
                                        ? "the root folder " + in_quotes(folder) + " is given twice"
                                        : "the root key in " + in_quotes(folder) + " is the one in " + in_quotes(place) + " again",
                                    "each root signs once: give --root-dir once for each root"});
  return {};
}

/// One key at a time is unlocked, signs, and is forgotten.
Outcome<std::vector<EnvelopeSignature>> sign_by_named_roots(const DeskWorld& world, const Desk& desk, const std::vector<std::string>& named,
                                                            const Trust& trust, ByteView payload) {
  std::vector<EnvelopeSignature> signatures;
  std::vector<std::pair<PublicKey, std::string>> signed_by;
  for (const std::string& folder : root_folders(desk.folder(), named, trust.roots.size())) {
    if (signatures.size() == trust.threshold) break;
    if (!world.disk.exists(folder + "/" + std::string(root_key_file))) continue;
    OAK_ASSIGN(const PublicKey shown, shown_key(world.disk, folder, root_key_file));
    OAK_TRY(check_root(trust, shown, folder, signed_by));
    KeyPair root;
    OAK_TRY(unlock_key_pair(world, folder, root_key_file, root));
    signatures.push_back(sign_threshold(DocumentType::trust, payload, root));
    signed_by.emplace_back(root.public_key, folder);
  }
  return signatures;
}

}  // namespace

Outcome<Bytes> trust_to_sign(const DeskWorld& world, const Desk& desk, const TrustInput& input) {
  Trust trust = desk.trust();
  if (!input.product.empty() && !is_name(input.product, 40))
    return tl::unexpected(Failure{Code::usage, "--product " + in_quotes(input.product) + " is not a product's name",
                                  "letters, digits, dot, dash and underscore, at most 40"});
  if (input.contact.size() > 240 || has_control_characters(input.contact))
    return tl::unexpected(Failure{Code::usage, "--contact has control characters or more than 240 bytes", "use one short line"});
  trust.product = input.product;
  trust.contact = input.contact;
  trust.lowest_bulletin = input.lowest_bulletin;
  trust.issued_at_unix_s = world.clock.now_unix_s();
  if (input.without_earlier) {
    trust.earlier.clear();
    // Machines hold bulletins that only the roots before can vouch for: they must not be missed.
    OAK_ASSIGN(const std::vector<KeyBulletin> bulletins, key_bulletins(world.disk, desk));
    if (!bulletins.empty()) trust.lowest_bulletin = std::max(trust.lowest_bulletin, bulletins.back().number + 1);
  }
  return encode_trust(trust);
}

Outcome<Bytes> make_trust(const DeskWorld& world, const Desk& desk, const TrustInput& input) {
  const Trust& trust = desk.trust();
  OAK_ASSIGN(const Bytes payload, trust_to_sign(world, desk, input));
  OAK_ASSIGN(std::vector<EnvelopeSignature> signatures, sign_by_named_roots(world, desk, input.root_dirs, trust, payload));
  if (signatures.size() < trust.threshold)
    return tl::unexpected(
        Failure{Code::not_enough_signatures,
                std::to_string(signatures.size()) + " root keys were found, " + std::to_string(trust.threshold) + " are needed",
                "name their folders: --root-dir DIR, once for each; or let each root sign in turn: --unsigned, then oak-issuer key sign"});
  Bytes document = seal_threshold(DocumentType::trust, payload, std::move(signatures));
  if (const auto opened = open_trust(document, {}); !opened) return tl::unexpected(explain(opened.error(), "the trust document"));
  return document;
}

std::string as_c_header(ByteView document) {
  std::string out =
      "/* A trust document: give it to oak_open as oak_config.trust and trust_len. */\n"
      "static const unsigned char oak_trust_document[] = {";
  for (std::size_t i = 0; i < document.size(); ++i) out += (i % 16 == 0 ? "\n    0x" : " 0x") + to_hex(document.subspan(i, 1)) + ",";
  return out + "\n};\n";
}

}  // namespace oak
