#include "issuer/desk_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "core/armour.h"
#include "core/text.h"
#include "verifier/advice.h"

namespace oak {
namespace {

std::optional<std::uint32_t> mode_of(const std::string& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return status.st_mode & 07777U;
}

std::string octal(std::uint32_t mode) {
  std::string out = "0000";
  for (std::size_t i = 0; i < out.size(); ++i) out[out.size() - 1 - i] = static_cast<char>('0' + (mode >> 3 * i & 7));
  return out;
}

}  // namespace

Outcome<void> check_not_writable_by_others(const std::string& path) {
  const auto mode = mode_of(path);
  if (!mode || (*mode & 022U) == 0) return {};
  return tl::unexpected(Failure{Code::unsafe_file, in_quotes(path) + " can be written by others (mode " + octal(*mode) + ")",
                                "a desk is its owner's alone: chmod go-w " + shell_word(path) + ", and look at what is in it"});
}

bool is_open_to_others(const std::string& folder) { return (mode_of(folder).value_or(0) & 077U) != 0; }

Outcome<void> close_to_others(const std::string& folder) {
  if (!is_open_to_others(folder) || ::chmod(folder.c_str(), 0700) == 0) return {};
  return tl::unexpected(explain({errno == EPERM ? Code::permission_denied : Code::io_error, {}},
                                "cannot close the folder " + in_quotes(folder) + " to others"));
}

Outcome<void> check_desk_folder(const std::string& desk) {
  struct stat status = {};
  if (::stat((desk + "/" + std::string(unfinished_file)).c_str(), &status) == 0)
    return tl::unexpected(Failure{Code::not_found,
                                  "the desk in " + in_quotes(desk) + " was not finished: its init is at work, or was cut off",
                                  "run oak-issuer init again: it takes away what is left and begins anew"});
  const std::string ledger = desk + "/" + std::string(ledger_file);
  if (::stat(ledger.c_str(), &status) != 0) {
    if (errno == EACCES) return tl::unexpected(explain({Code::permission_denied, {}}, "cannot open the desk " + in_quotes(desk)));
    return tl::unexpected(Failure{Code::not_found, "there is no desk in " + in_quotes(desk),
                                  "make one: oak-issuer init --desk DIR; or name yours with --desk or OAK_DESK"});
  }
  for (const std::string& path : {desk, desk + "/keys", ledger}) OAK_TRY(check_not_writable_by_others(path));
  return {};
}

std::vector<std::string> root_folders(const std::string& desk, const std::vector<std::string>& named, std::size_t count) {
  if (!named.empty()) return named;
  std::vector<std::string> out;
  for (std::size_t i = 1; i <= count; ++i) out.push_back(desk + "/roots/" + std::to_string(i));
  return out;
}

Outcome<FileLock> lock_desk(Disk& disk, const std::string& folder, std::uint64_t wait_ms) {
  auto lock = disk.lock_beneath(folder, std::string(lock_file), {LockKind::alone, wait_ms, 0600});
  if (!lock) return tl::unexpected(explain({lock.error().code, {}}, "cannot write at the desk " + in_quotes(folder)));
  return std::move(*lock);
}

Outcome<Bytes> read_document(Disk& disk, const std::string& folder, std::string_view name) {
  const std::string path = folder + "/" + std::string(name);
  const auto file = disk.read_beneath(folder, std::string(name), max_armoured_bytes);
  if (!file) return tl::unexpected(explain({file.error().code, {}}, "cannot read " + in_quotes(path)));
  auto armoured = document_from_file_bytes(file->bytes);
  if (!armoured) return tl::unexpected(explain(armoured.error(), in_quotes(path)));
  return std::move(armoured->document);
}

Outcome<OpenedKeyFile> unlock_key(const DeskWorld& world, const std::string& folder, std::string_view name) {
  const std::string path = folder + "/" + std::string(name);
  OAK_ASSIGN(const Bytes document, read_document(world.disk, folder, name));
  return world.passphrases.unlock(document, "the key file " + in_quotes(path));
}

Outcome<void> unlock_key_pair(const DeskWorld& world, const std::string& folder, std::string_view name, KeyPair& into) {
  OAK_ASSIGN(OpenedKeyFile opened, unlock_key(world, folder, name));
  lock_memory(into.seed.data(), Seed::size());
  std::copy_n(opened.secret.begin(), std::min(opened.secret.size(), Seed::size()), into.seed.data());
  wipe(opened.secret.data(), opened.secret.size());
  into.public_key = public_key_of(into.seed);
  if (into.public_key != opened.head.public_key)
    return tl::unexpected(explain({Code::bad_key_file, {}}, "the key file " + in_quotes(folder + "/" + std::string(name))));
  return {};
}

Outcome<void> write_key(const DeskWorld& world, const std::string& folder, std::string_view name, const KeyFileHead& head,
                        ByteView secret) {
  OAK_ASSIGN(std::string passphrase, world.passphrases.choose(head.name));
  auto document = seal_key_file(head, secret, as_bytes(passphrase), world.cost, world.random);
  wipe(passphrase.data(), passphrase.size());
  if (!document) return tl::unexpected(explain(document.error(), "key " + in_quotes(head.name)));
  const std::string text = armour_encode(key_file_label, *document, {"OAK key " + head.name + ", encrypted under its passphrase"});
  const auto written = world.disk.write_beneath(folder, std::string(name), as_bytes(text), 0600, Existing::refuse);
  if (!written) return tl::unexpected(explain({written.error().code, {}}, "cannot write " + in_quotes(folder + "/" + std::string(name))));
  return {};
}

}  // namespace oak
