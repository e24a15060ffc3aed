#include <algorithm>

#include "core/armour.h"
#include "core/text.h"
#include "issuer/desk.h"
#include "issuer/desk_files.h"
#include "issuer/ledger_sqlite.h"

namespace oak {
namespace {

constexpr std::uint64_t issuer_years_s = 10ULL * 366 * 86400, before_s = 2 * 86400;

Outcome<void> check_input(const DeskWorld& world, const InitInput& input) {
  if (input.roots < 1 || input.roots > 16 || input.threshold < 1 || input.threshold > input.roots)
    return tl::unexpected(Failure{Code::usage, "--roots and --threshold don't fit one another",
                                  "1 to 16 roots, and a threshold between 1 and their number; for example --roots 3 --threshold 2"});
  if (!input.root_dirs.empty() && input.root_dirs.size() != input.roots)
    return tl::unexpected(Failure{Code::usage,
                                  std::to_string(input.root_dirs.size()) + " --root-dir for " + std::to_string(input.roots) + " roots",
                                  "give --root-dir once for each root"});
  for (const std::string_view name : {ledger_file, trust_file, desk_key_file, issuer_key_file})
    if (world.disk.exists(input.desk + "/" + std::string(name)))
      return tl::unexpected(explain({Code::already_exists, {}}, "there is a desk in " + in_quotes(input.desk) + " already",
                                    "choose another folder with --desk"));
  for (const std::string& folder : root_folders(input.desk, input.root_dirs, input.roots))
    if (world.disk.exists(folder + "/" + std::string(root_key_file)))
      return tl::unexpected(explain({Code::already_exists, {}}, "there is a root key in " + in_quotes(folder) + " already",
                                    "choose another folder with --root-dir"));
  return {};
}

/// Files made so far, taken away again unless everything was made.
class Unfinished {
 public:
  explicit Unfinished(Disk& disk) : disk_(disk) {}
  ~Unfinished() {
    for (auto at = made_.rbegin(); at != made_.rend(); ++at) static_cast<void>(disk_.remove_beneath(at->first, at->second));
  }
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;
  void add(const std::string& folder, std::string_view name) { made_.emplace_back(folder, name); }
  void finished() { made_.clear(); }

 private:
  Disk& disk_;
  std::vector<std::pair<std::string, std::string>> made_;
};

Outcome<void> make_folder(const DeskWorld& world, const std::string& folder) {
  const auto made = world.disk.make_folder(folder, 0700);
  if (!made) return tl::unexpected(explain({made.error().code, {}}, "cannot make the folder " + in_quotes(folder)));
  return {};
}

Outcome<void> put_document(const DeskWorld& world, const std::string& folder, std::string_view name, DocumentType type, ByteView document) {
  const std::string text = armour_encode(labels_of(type).armour, document);
  const auto written = world.disk.write_beneath(folder, std::string(name), as_bytes(text), 0644, Existing::refuse);
  if (!written) return tl::unexpected(explain({written.error().code, {}}, "cannot write " + in_quotes(folder + "/" + std::string(name))));
  return {};
}

/// Both root documents need the public keys of all roots, so the roots are visited twice: first each key is made and
/// encrypted, then k of them are unlocked, one after another, to sign.
Outcome<std::vector<PublicKey>> make_roots(const DeskWorld& world, const std::vector<std::string>& folders, Unfinished& unfinished) {
  std::vector<PublicKey> roots;
  for (std::size_t i = 0; i < folders.size(); ++i) {
    OAK_TRY(make_folder(world, folders[i]));
    const KeyPair root = make_key_pair(world.random);
    const KeyFileHead head{"root-" + std::to_string(i + 1), KeyPurpose::root, root.public_key};
    OAK_TRY(write_key(world, folders[i], root_key_file, head, root.seed.view()));
    unfinished.add(folders[i], root_key_file);
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
    OAK_ASSIGN(const KeyPair root, unlock_key_pair(world, folders[i], root_key_file));
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

Outcome<void> start_ledger(const DeskWorld& world, const InitInput& input, ByteView certificate, Unfinished& unfinished) {
  auto ledger = open_sqlite_ledger(input.desk + "/" + std::string(ledger_file), LedgerOpening::create);
  if (!ledger) return tl::unexpected(ledger_failure(ledger.error(), input.desk));
  unfinished.add(input.desk, ledger_file);
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

}  // namespace

Outcome<std::vector<std::string>> init_desk(const DeskWorld& world, const InitInput& input) {
  OAK_TRY(check_input(world, input));
  const std::vector<std::string> folders = root_folders(input.desk, input.root_dirs, input.roots);
  Unfinished unfinished(world.disk);
  OAK_TRY(make_folder(world, input.desk));
  OAK_TRY(make_folder(world, input.desk + "/keys"));
  OAK_ASSIGN(std::vector<PublicKey> roots, make_roots(world, folders, unfinished));

  const Secret<64> desk_secret(random_bytes<64>(world.random));
  Seed sealing_seed;
  std::copy_n(desk_secret.data(), Seed::size(), sealing_seed.data());
  const PublicKey sealing_key = sealing_public_key_of(sealing_seed);
  OAK_TRY(write_key(world, input.desk, desk_key_file, {"desk", KeyPurpose::desk, sealing_key}, desk_secret.view()));
  unfinished.add(input.desk, desk_key_file);
  const KeyPair issuer = make_key_pair(world.random);
  OAK_TRY(write_key(world, input.desk, issuer_key_file, {"issuer-1", KeyPurpose::issuer, issuer.public_key}, issuer.seed.view()));
  unfinished.add(input.desk, issuer_key_file);

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
    OAK_TRY(put_document(world, input.desk, document.file, document.type, sealed));
    unfinished.add(input.desk, document.file);
  }
  unfinished.finished();
  std::vector<std::string> said = {"desk made in " + in_quotes(input.desk) + ": " + std::to_string(input.roots) + " root keys, " +
                                   std::to_string(input.threshold) + " must sign; one issuer key; an empty ledger"};
  if (input.root_dirs.empty() && input.roots > 1)
    said.push_back("warning: the root keys lie together below " + in_quotes(input.desk + "/roots") +
                   ": move each to a medium of its own, and keep them apart");
  return said;
}

}  // namespace oak
