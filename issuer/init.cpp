#include <algorithm>
#include <filesystem>

#include "core/armour.h"
#include "core/text.h"
#include "issuer/desk.h"
#include "issuer/desk_files.h"
#include "issuer/ledger_sqlite.h"
#include "issuer/unfinished_init.h"

namespace oak {
namespace {

constexpr std::uint64_t issuer_years_s = 10ULL * 366 * 86400, before_s = 2 * 86400;

Outcome<void> check_input(const InitInput& input) {
  if (input.roots < 1 || input.roots > 16 || input.threshold < 1 || input.threshold > input.roots)
    return tl::unexpected(Failure{Code::usage, "--roots and --threshold don't fit one another",
                                  "1 to 16 roots, and a threshold between 1 and their number; for example --roots 3 --threshold 2"});
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
  for (const std::string_view name : {ledger_file, trust_file, desk_key_file, issuer_key_file})
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

Outcome<void> put_document(const DeskWorld& world, const std::string& folder, std::string_view name, DocumentType type, ByteView document,
                           UnfinishedInit& unfinished) {
  const std::string text = armour_encode(labels_of(type).armour, document);
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

/// Both root documents need the public keys of all roots, so the roots are visited twice: first each key is made and
/// encrypted, then k of them are unlocked, one after another, to sign.
Outcome<std::vector<PublicKey>> make_roots(const DeskWorld& world, const std::vector<std::string>& folders, UnfinishedInit& unfinished) {
  std::vector<PublicKey> roots;
  for (std::size_t i = 0; i < folders.size(); ++i) {
    OAK_TRY(make_folder(world, folders[i]));
    KeyPair root;
    lock_memory(root.seed.data(), Seed::size());
    root = make_key_pair(world.random);
    const KeyFileHead head{"root-" + std::to_string(i + 1), KeyPurpose::root, root.public_key};
    OAK_TRY(make_key(world, folders[i], root_key_file, head, root.seed.view(), unfinished));
    roots.push_back(root.public_key);
  }
  return roots;
}

struct Unsigned {
  DocumentType type;
  std::string_view file;
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

IssuerCertificate first_certificate(const PublicKey& issuer, std::uint64_t now_unix_s) {
  IssuerCertificate certificate;
  certificate.issued_at_unix_s = now_unix_s;
  certificate.issuer_key = issuer;
  certificate.serial = 1;
  certificate.kinds = {1, 2};
  certificate.not_before_unix_s = now_unix_s > before_s ? now_unix_s - before_s : 0;
  certificate.not_after_unix_s = now_unix_s + issuer_years_s;
  return certificate;
}

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

Outcome<void> make_everything(const DeskWorld& world, const InitInput& input, const std::vector<std::string>& folders,
                              UnfinishedInit& unfinished) {
  OAK_ASSIGN(std::vector<PublicKey> roots, make_roots(world, folders, unfinished));
  Secret<64> desk_secret;
  lock_memory(desk_secret.data(), Secret<64>::size());
  world.random.fill(desk_secret.data(), Secret<64>::size());
  Seed sealing_seed;
  std::copy_n(desk_secret.data(), Seed::size(), sealing_seed.data());
  const PublicKey sealing_key = sealing_public_key_of(sealing_seed);
  OAK_TRY(make_key(world, input.desk, desk_key_file, {"desk", KeyPurpose::desk, sealing_key}, desk_secret.view(), unfinished));
  KeyPair issuer;
  lock_memory(issuer.seed.data(), Seed::size());
  issuer = make_key_pair(world.random);
  OAK_TRY(
      make_key(world, input.desk, issuer_key_file, {"issuer-1", KeyPurpose::issuer, issuer.public_key}, issuer.seed.view(), unfinished));

  const std::uint64_t now = world.clock.now_unix_s();
  std::sort(roots.begin(), roots.end());
  const Trust trust{{}, now, roots, input.threshold, sealing_key, {}, 0, 1, {}};
  std::vector<Unsigned> documents = {
      {DocumentType::issuer_certificate, issuer_certificate_file, encode_issuer_certificate(first_certificate(issuer.public_key, now)), {}},
      {DocumentType::trust, trust_file, encode_trust(trust), {}}};
  OAK_TRY(sign_by_roots(world, folders, input.threshold, documents));
  for (Unsigned& document : documents) {
    const Bytes sealed = seal_threshold(document.type, document.payload, std::move(document.signatures));
    if (document.type == DocumentType::issuer_certificate) OAK_TRY(start_ledger(world, input, sealed, unfinished));
    OAK_TRY(put_document(world, input.desk, document.file, document.type, sealed, unfinished));
  }
  return {};
}

std::vector<std::string> words_about(const InitInput& input, bool anew) {
  std::vector<std::string> said = {"desk made in " + in_quotes(input.desk) + ": " + std::to_string(input.roots) + " root keys, " +
                                   std::to_string(input.threshold) + " must sign; one issuer key; an empty ledger"};
  if (anew) said.push_back("an earlier init was cut off here: what it left was taken away, and all keys are new");
  if (is_open_to_others(input.desk))
    said.push_back("warning: the folder " + in_quotes(input.desk) +
                   " was there before and others can enter it; what is secret in it is closed to them (chmod 700 closes all)");
  if (input.root_dirs.empty() && input.roots > 1)
    said.push_back("warning: the root keys lie together below " + in_quotes(input.desk + "/roots") +
                   ": move each to a medium of its own, and keep them apart");
  return said;
}

}  // namespace

Outcome<std::vector<std::string>> init_desk(const DeskWorld& world, const InitInput& input) {
  OAK_TRY(check_input(input));
  const std::vector<std::string> folders = root_folders(input.desk, input.root_dirs, input.roots);
  if (!world.disk.exists(input.desk + "/" + std::string(unfinished_file))) OAK_TRY(check_nothing_there(world, input.desk, folders));
  OAK_TRY(make_folder(world, input.desk));
  OAK_TRY(check_not_writable_by_others(input.desk));
  const bool had_lock = world.disk.exists(input.desk + "/" + std::string(lock_file));
  OAK_ASSIGN(const DeskLock lock, DeskLock::take(input.desk, 0));
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

}  // namespace oak
