// Seals key files again at Argon2id's lowest cost, for tests that unlock them hundreds of times: cheap_keys PASSPHRASE KEY-FILE...

#include <cstdio>

#include "core/armour.h"
#include "core/disk.h"
#include "issuer/key_file.h"

namespace {

constexpr oak::PasswordCost cheap{1, 8192};

oak::Status make_cheap(oak::Disk& disk, const std::string& path, oak::ByteView passphrase) {
  OAK_ASSIGN(const oak::FileBytes file, disk.read(path, oak::max_armoured_bytes));
  OAK_ASSIGN(const auto armoured, oak::document_from_file_bytes(file.bytes));
  OAK_ASSIGN(const oak::OpenedKeyFile opened, oak::open_key_file(armoured.document, passphrase));
  oak::SystemRandom random;
  OAK_ASSIGN(const oak::Bytes sealed, oak::seal_key_file(opened.head, opened.secret, passphrase, cheap, random));
  const std::string text = oak::armour_encode(oak::key_file_label, sealed);
  return disk.write(path, oak::as_bytes(text), 0600, oak::Existing::replace);
}

}  // namespace

int main(int argc, char** argv) {
  oak::PosixDisk disk;
  if (argc < 3 || !oak::crypto_start()) return 2;
  for (int i = 2; i < argc; ++i)
    if (const auto done = make_cheap(disk, argv[i], oak::as_bytes(argv[1])); !done) {
      std::fprintf(stderr, "cheap_keys: error: %s: code %d\n", argv[i], static_cast<int>(done.error().code));
      return 1;
    }
  return 0;
}
