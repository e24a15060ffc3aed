#include "issuer/desk_files.h"

#include <algorithm>

#include "core/armour.h"
#include "core/text.h"

namespace oak {

std::vector<std::string> root_folders(const std::string& desk, const std::vector<std::string>& named, std::size_t count) {
  if (!named.empty()) return named;
  std::vector<std::string> out;
  for (std::size_t i = 1; i <= count; ++i) out.push_back(desk + "/roots/" + std::to_string(i));
  return out;
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

Outcome<KeyPair> unlock_key_pair(const DeskWorld& world, const std::string& folder, std::string_view name) {
  OAK_ASSIGN(OpenedKeyFile opened, unlock_key(world, folder, name));
  KeyPair pair;
  std::copy_n(opened.secret.begin(), std::min(opened.secret.size(), Seed::size()), pair.seed.data());
  wipe(opened.secret.data(), opened.secret.size());
  lock_memory(pair.seed.data(), Seed::size());
  pair.public_key = public_key_of(pair.seed);
  if (pair.public_key != opened.head.public_key)
    return tl::unexpected(explain({Code::bad_key_file, {}}, "the key file " + in_quotes(folder + "/" + std::string(name))));
  return pair;
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
