#include <algorithm>
#include <filesystem>

#include "core/armour.h"
#include "core/text.h"
#include "issuer/certify.h"
#include "issuer/desk.h"
#include "issuer/desk_files.h"
#include "issuer/ledger_sqlite.h"
#include "issuer/unfinished_init.h"

namespace oak {
namespace {

bool roots_lie_elsewhere(const InitInput& input) { return input.roots_of || !input.root_keys.empty(); }

Outcome<void> check_roots_elsewhere(const InitInput& input) {
  if (!input.root_dirs.empty() || (input.roots_of && !input.root_keys.empty()))
    return tl::unexpected(Failure{Code::usage, "--root-dir, --root-key and --roots-of can't stand together",
                                  "--root-key and --roots-of name roots whose keys lie elsewhere"});
  std::vector<PublicKey> keys = input.root_keys;
  std::sort(keys.begin(), keys.end());
  if (std::adjacent_find(keys.begin(), keys.end()) != keys.end())
    return tl::unexpected(Failure{Code::usage, "a --root-key is given twice", "give each root's public key once"});
  return {};
}

Outcome<void> check_input(const InitInput& input) {
  if (input.roots < 1 || input.roots > 16 || input.threshold < 1 || input.threshold > input.roots)
    return tl::unexpected(Failure{Code::usage, "--roots and --threshold don't fit one another",
                                  "1 to 16 roots, and a threshold between 1 and their number; for example --roots 3 --threshold 2"});
  if (roots_lie_elsewhere(input)) OAK_TRY(check_roots_elsewhere(input));
  if (!input.root_dirs.empty() && input.root_dirs.size() != input.roots)
    return tl::unexpected(Failure{Code::usage,
                                  std::to_string(input.root_dirs.size()) + " --root-dir for " + std::to_string(input.roots) + " roots",
                                  "give --root-dir once for each root"});
  std::vector<std::string> folders = input.root_dirs;
  std::sort(folders.begin(), folders.end());
  if (const auto twice = std::adjacent_find(folders.begin(), folders.end()); twice != folders.end())
    return tl::unexpected(Failure{Code::usage, "the root folder " + in_quotes(*twice) + " is given twice",
                                  "each root key needs a folder of its own: give --root-dir once for each root"});
  folders.push_back(input.desk);
  for (const std::string& folder : folders)
    if (folder.empty() || has_control_characters(folder))
      return tl::unexpected(
          Failure{Code::usage, "the folder " + in_quotes(folder) + " has no usable name", "use one without control characters"});
  return {};
}

Outcome<void> check_nothing_there(const DeskWorld& world, const std::string& desk, const std::vector<std::string>& folders) {
  for (const std::string_view name : {ledger_file, trust_file, trust_draft_file, desk_key_file, issuer_key_file})
    if (world.disk.exists(desk + "/" + std::string(name)))
      return tl::unexpected(
          explain({Code::already_exists, {}}, "there is a desk in " + in_quotes(desk) + " already", "choose another folder with --desk"));
  for (const std::string& folder : folders)
    if (world.disk.exists(folder + "/" + std::string(root_key_file)))
      return tl::unexpected(explain({Code::already_exists, {}}, "there is a root key in " + in_quotes(folder) + " already",
                                    "choose another folder with --root-dir"));
  return {};
}

/// The note must name the folder also for an init that runs elsewhere.
std::string absolute(const std::string& folder) {
  std::error_code ignored;
  const auto path = std::filesystem::absolute(folder, ignored);
  return path.empty() ? folder : path.string();
}

Outcome<void> make_folder(const DeskWorld& world, const std::string& folder) {
  const auto made = world.disk.make_folder(folder, 0700);
  if (!made) return tl::unexpected(explain({made.error().code, {}}, "cannot make the folder " + in_quotes(folder)));
  return {};
}

Outcome<void> put_text(const DeskWorld& world, const std::string& folder, std::string_view name, std::string_view text,
                       UnfinishedInit& unfinished) {
  unfinished.will_make(name);
  const auto written = world.disk.write_beneath(folder, std::string(name), as_bytes(text), 0644, Existing::refuse);
  if (written) return {};
  if (written.error().code == Code::already_exists) unfinished.did_not_make();
  return tl::unexpected(explain({written.error().code, {}}, "cannot write " + in_quotes(folder + "/" + std::string(name))));
}

Outcome<void> make_key(const DeskWorld& world, const std::string& folder, std::string_view name, const KeyFileHead& head, ByteView secret,
                       UnfinishedInit& unfinished) {
  OAK_TRY(unfinished.will_make_key(absolute(folder), name, head.public_key));
  auto written = write_key(world, folder, name, head, secret);
  if (!written && written.error().code == Code::already_exists) unfinished.did_not_make();
  return written;
}

void new_key_pair(const DeskWorld& world, KeyPair& into) {
  lock_memory(into.seed.data(), Seed::size());
  into = make_key_pair(world.random);
}

/// Both root documents need the public keys of all roots, so the roots are visited twice: first each key is made and
/// encrypted, then k of them are unlocked, one after another, to sign.
Outcome<std::vector<PublicKey>> make_roots(const DeskWorld& world, const std::vector<std::string>& folders, UnfinishedInit& unfinished) {
  std::vector<PublicKey> roots;
  for (std::size_t i = 0; i < folders.size(); ++i) {
    OAK_TRY(make_folder(world, folders[i]));
    KeyPair root;
    new_key_pair(world, root);
    const KeyFileHead head{"root-" + std::to_string(i + 1), KeyPurpose::root, root.public_key};
    OAK_TRY(make_key(world, folders[i], root_key_file, head, root.seed.view(), unfinished));
    roots.push_back(root.public_key);
  }
  return roots;
}

struct Unsigned {
  DocumentType type;
  std::string_view file, draft_file;
  Bytes payload;
  std::vector<EnvelopeSignature> signatures;
};

Outcome<void> sign_by_roots(const DeskWorld& world, const std::vector<std::string>& folders, std::size_t threshold,
                            std::vector<Unsigned>& documents) {
  for (std::size_t i = 0; i < threshold; ++i) {
    KeyPair root;
    OAK_TRY(unlock_key_pair(world, folders[i], root_key_file, root));
    for (Unsigned& document : documents) document.signatures.push_back(sign_threshold(document.type, document.payload, root));
  }
  return {};
}

/// With the leaf of the first certificate, where there is one already.
Outcome<void> start_ledger(const DeskWorld& world, const InitInput& input, ByteView certificate, UnfinishedInit& unfinished) {
  // Made here and not by SQLite: it takes its permissions for the journal from this file, whatever the umask.
  unfinished.will_make(ledger_file);
  const auto made = world.disk.write_beneath(input.desk, std::string(ledger_file), {}, 0600, Existing::refuse);
  if (!made) {
    if (made.error().code == Code::already_exists) unfinished.did_not_make();
    return tl::unexpected(ledger_failure({made.error().code, {}}, input.desk));
  }
  unfinished.will_make(std::string(ledger_file) + "-journal");
  auto ledger = open_sqlite_ledger(input.desk + "/" + std::string(ledger_file), LedgerOpening::create);
  if (!ledger) return tl::unexpected(ledger_failure(ledger.error(), input.desk));
  if (certificate.empty()) return {};
  Leaf leaf{0,
            LeafKind::key_certified,
            world.clock.now_unix_s(),
            world.operator_name,
            {},
            KeyLeaf{Bytes(certificate.begin(), certificate.end())}};
  const auto appended = (*ledger)->append(leaf);
  if (!appended) return tl::unexpected(ledger_failure(appended.error(), input.desk));
  return {};
}

Outcome<PublicKey> make_desk_key(const DeskWorld& world, const std::string& desk, UnfinishedInit& unfinished) {
  Secret<64> desk_secret;
  lock_memory(desk_secret.data(), Secret<64>::size());
  world.random.fill(desk_secret.data(), Secret<64>::size());
  Seed sealing_seed;
  std::copy_n(desk_secret.data(), Seed::size(), sealing_seed.data());
  const PublicKey sealing_key = sealing_public_key_of(sealing_seed);
  OAK_TRY(make_key(world, desk, desk_key_file, {"desk", KeyPurpose::desk, sealing_key}, desk_secret.view(), unfinished));
  return sealing_key;
}

Outcome<PublicKey> make_issuer_key(const DeskWorld& world, const std::string& desk, UnfinishedInit& unfinished) {
  KeyPair issuer;
  new_key_pair(world, issuer);
  OAK_TRY(make_key(world, desk, issuer_key_file, {"issuer-1", KeyPurpose::issuer, issuer.public_key}, issuer.seed.view(), unfinished));
  return issuer.public_key;
}

Trust first_trust(const InitInput& input, std::vector<PublicKey> roots, const PublicKey& sealing_key, std::uint64_t now_unix_s) {
  Trust trust = input.roots_of.value_or(Trust{});
  trust.product.clear();
  trust.contact.clear();
  trust.ignorable.clear();
  trust.issued_at_unix_s = now_unix_s;
  trust.sealing_key = sealing_key;
  if (input.roots_of) return trust;
  std::sort(roots.begin(), roots.end());
  trust.roots = std::move(roots);
  trust.threshold = input.threshold;
  return trust;
}

/// Desks that share roots know nothing of one another's serials.
std::uint64_t first_serial(const DeskWorld& world, const InitInput& input) {
  if (!input.roots_of) return 1;
  std::uint64_t serial = 0;
  for (const std::uint8_t byte : random_bytes<4>(world.random)) serial = serial << 8 | byte;
  return std::max<std::uint64_t>(serial & 0x7fffffff, 1);
}

Outcome<void> finish_documents(const DeskWorld& world, const InitInput& input, std::vector<Unsigned> documents,
                               UnfinishedInit& unfinished) {
  if (roots_lie_elsewhere(input)) {
    OAK_TRY(start_ledger(world, input, {}, unfinished));
    OAK_TRY(make_folder(world, input.desk + "/drafts"));
    for (const Unsigned& document : documents)
      OAK_TRY(put_text(world, input.desk, document.draft_file, draft_file({document.type, document.payload, {}}), unfinished));
    return {};
  }
  for (Unsigned& document : documents) {
    const Bytes sealed = seal_threshold(document.type, document.payload, std::move(document.signatures));
    if (document.type == DocumentType::issuer_certificate) OAK_TRY(start_ledger(world, input, sealed, unfinished));
    OAK_TRY(put_text(world, input.desk, document.file, armour_encode(labels_of(document.type).armour, sealed), unfinished));
  }
  return {};
}

Outcome<void> make_everything(const DeskWorld& world, const InitInput& input, const std::vector<std::string>& folders,
                              UnfinishedInit& unfinished) {
  std::vector<PublicKey> roots = input.root_keys;
  if (!roots_lie_elsewhere(input)) {
    OAK_ASSIGN(roots, make_roots(world, folders, unfinished));
  }
  OAK_ASSIGN(const PublicKey sealing_key, make_desk_key(world, input.desk, unfinished));
  OAK_ASSIGN(const PublicKey issuer, make_issuer_key(world, input.desk, unfinished));
  const std::uint64_t now = world.clock.now_unix_s();
  const IssuerCertificate certificate = first_certificate(issuer, first_serial(world, input), now);
  std::vector<Unsigned> documents = {
      {DocumentType::issuer_certificate, issuer_certificate_file, issuer_draft_file, encode_issuer_certificate(certificate), {}},
      {DocumentType::trust, trust_file, trust_draft_file, encode_trust(first_trust(input, roots, sealing_key, now)), {}}};
  if (!roots_lie_elsewhere(input)) OAK_TRY(sign_by_roots(world, folders, input.threshold, documents));
  return finish_documents(world, input, std::move(documents), unfinished);
}

std::vector<std::string> words_about(const InitInput& input, bool anew) {
  const Trust trust = input.roots_of.value_or(Trust{});
  const std::uint64_t roots = input.roots_of ? trust.roots.size() : input.root_keys.empty() ? input.roots : input.root_keys.size();
  std::vector<std::string> said = {"desk made in " + in_quotes(input.desk) + ": " + std::to_string(roots) + " root keys, " +
                                   std::to_string(input.roots_of ? trust.threshold : input.threshold) +
                                   " must sign; one issuer key; an empty ledger"};
  if (roots_lie_elsewhere(input))
    said.push_back("the roots must sign two drafts before it can issue: " + in_quotes(input.desk + "/" + std::string(trust_draft_file)) +
                   " and " + in_quotes(input.desk + "/" + std::string(issuer_draft_file)));
  if (anew) said.push_back("an earlier init was cut off here: what it left was taken away, and all keys are new");
  if (is_open_to_others(input.desk))
    said.push_back("warning: the folder " + in_quotes(input.desk) +
                   " was there before and others can enter it; what is secret in it is closed to them (chmod 700 closes all)");
  if (input.root_dirs.empty() && input.roots > 1 && !roots_lie_elsewhere(input))
    said.push_back("warning: the root keys lie together below " + in_quotes(input.desk + "/roots") +
                   ": move each to a medium of its own, and keep them apart");
  return said;
}

}  // namespace

Outcome<std::vector<std::string>> init_desk(const DeskWorld& world, const InitInput& input) {
  OAK_TRY(check_input(input));
  std::vector<std::string> folders;
  if (!roots_lie_elsewhere(input)) folders = root_folders(input.desk, input.root_dirs, input.roots);
  if (!world.disk.exists(input.desk + "/" + std::string(unfinished_file))) OAK_TRY(check_nothing_there(world, input.desk, folders));
  OAK_TRY(make_folder(world, input.desk));
  OAK_TRY(check_not_writable_by_others(input.desk));
  const bool had_lock = world.disk.exists(input.desk + "/" + std::string(lock_file));
  OAK_ASSIGN(const FileLock lock, lock_desk(world.disk, input.desk, 0));
  UnfinishedInit unfinished(world.disk, input.desk);
  if (!had_lock) unfinished.will_make(lock_file);
  OAK_ASSIGN(const bool anew, clear_unfinished_init(world.disk, input.desk));
  OAK_TRY(check_nothing_there(world, input.desk, folders));
  OAK_TRY(unfinished.begin());
  OAK_TRY(make_folder(world, input.desk + "/keys"));
  OAK_TRY(close_to_others(input.desk + "/keys"));
  OAK_TRY(make_everything(world, input, folders, unfinished));
  OAK_TRY(unfinished.finish());
  return words_about(input, anew);
}

Outcome<PublicKey> make_root(const DeskWorld& world, const std::string& folder, const std::string& name) {
  OAK_TRY(make_folder(world, folder));
  KeyPair root;
  new_key_pair(world, root);
  OAK_TRY(write_key(world, folder, root_key_file, {name, KeyPurpose::root, root.public_key}, root.seed.view()));
  return root.public_key;
}

}  // namespace oak
