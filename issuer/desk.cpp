#include "issuer/desk.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/armour.h"
#include "core/text.h"
#include "issuer/desk_files.h"
#include "issuer/ledger_sqlite.h"

namespace oak {
namespace {

/// Takes the lock that keeps a second writer out; it ends with the process, however that ends.
Outcome<int> take_lock(const std::string& folder) {
  const std::string path = folder + "/lock";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) {
    const Code code = errno == EACCES || errno == EROFS ? Code::permission_denied : Code::io_error;
    return tl::unexpected(explain({code, {}}, "cannot open the desk " + in_quotes(folder)));
  }
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
  ::close(fd);
  return tl::unexpected(explain({Code::locked, {}}, "cannot open the desk " + in_quotes(folder)));
}

}  // namespace

Failure ledger_failure(const Error& error, const std::string& desk_folder) {
  return explain(error, "the ledger of the desk " + in_quotes(desk_folder),
                 error.code == Code::ledger_damaged ? "stop issuing and restore the newest backup" : std::string_view{});
}

Outcome<Desk> Desk::open(const DeskWorld& world, const std::string& folder) {
  if (!world.disk.exists(folder + "/" + std::string(ledger_file)))
    return tl::unexpected(Failure{Code::not_found, "there is no desk in " + in_quotes(folder),
                                  "make one: oak-issuer init --desk DIR; or name yours with --desk or OAK_DESK"});
  Desk desk;
  desk.folder_ = folder;
  OAK_ASSIGN(desk.lock_, take_lock(folder));
  auto ledger = open_sqlite_ledger(folder + "/" + std::string(ledger_file), LedgerOpening::read_write);
  if (!ledger) return tl::unexpected(ledger_failure(ledger.error(), folder));
  desk.ledger_ = std::move(*ledger);
  OAK_ASSIGN(const Bytes document, read_document(world.disk, folder, trust_file));
  const auto trust = open_trust(document, {});
  if (!trust) return tl::unexpected(explain(trust.error(), in_quotes(folder + "/" + std::string(trust_file))));
  desk.trust_ = **trust;
  return desk;
}

Desk::Desk(Desk&& other) noexcept
    : folder_(std::move(other.folder_)), ledger_(std::move(other.ledger_)), trust_(std::move(other.trust_)), lock_(other.lock_) {
  other.lock_ = -1;
}

Desk::~Desk() {
  ledger_.reset();
  if (lock_ >= 0) ::close(lock_);
}

Outcome<UnlockedDeskKeys> Desk::unlock_desk_keys(const DeskWorld& world) const {
  OAK_ASSIGN(OpenedKeyFile opened, unlock_key(world, folder_, desk_key_file));
  UnlockedDeskKeys keys;
  std::copy_n(opened.secret.begin(), Seed::size(), keys.sealing_seed.data());
  std::copy_n(opened.secret.begin() + Seed::size(), SymmetricKey::size(), keys.ledger_key.data());
  wipe(opened.secret.data(), opened.secret.size());
  return keys;
}

Outcome<KeyPair> Desk::unlock_issuer(const DeskWorld& world) const { return unlock_key_pair(world, folder_, issuer_key_file); }

Outcome<Bytes> Desk::issuer_certificate(const DeskWorld& world) const {
  return read_document(world.disk, folder_, issuer_certificate_file);
}

Outcome<Bytes> make_trust(const DeskWorld& world, const Desk& desk, const TrustInput& input) {
  Trust trust = desk.trust();
  if (!input.product.empty() && !is_name(input.product, 40))
    return tl::unexpected(Failure{Code::usage, "--product " + in_quotes(input.product) + " is not a product's name",
                                  "letters, digits, dot, dash and underscore, at most 40"});
  if (input.contact.size() > 240 || has_control_characters(input.contact))
    return tl::unexpected(Failure{Code::usage, "--contact has control characters or more than 240 bytes", "use one short line"});
  trust.product = input.product;
  trust.contact = input.contact;
  trust.issued_at_unix_s = world.clock.now_unix_s();
  const Bytes payload = encode_trust(trust);
  std::vector<EnvelopeSignature> signatures;
  for (const std::string& folder : root_folders(desk.folder(), input.root_dirs, trust.roots.size())) {
    if (signatures.size() == trust.threshold) break;
    if (!world.disk.exists(folder + "/" + std::string(root_key_file))) continue;
    OAK_ASSIGN(const KeyPair root, unlock_key_pair(world, folder, root_key_file));
    if (std::find(trust.roots.begin(), trust.roots.end(), root.public_key) == trust.roots.end())
      return tl::unexpected(Failure{Code::unknown_key, "the root key in " + in_quotes(folder) + " is none of this desk",
                                    "name the folders of this desk's roots with --root-dir"});
    signatures.push_back(sign_threshold(DocumentType::trust, payload, root));
  }
  if (signatures.size() < trust.threshold)
    return tl::unexpected(
        Failure{Code::not_enough_signatures,
                std::to_string(signatures.size()) + " root keys were found, " + std::to_string(trust.threshold) + " are needed",
                "name their folders: --root-dir DIR, once for each"});
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
