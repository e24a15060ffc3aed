#pragma once
// A desk on disk, made by init_desk as staff would make it, in a folder that is gone at the end of the test; and requests
// that reach it as documents.

#include <cstdlib>
#include <filesystem>

#include "issuer/desk_files.h"
#include "issuer/issue.h"
#include "issuer/licence_desk.h"
#include "tests/unit/issuer_world.h"
#include "tests/unit/temporary_folder.h"

namespace oak::desk_test {

class StoppedClock final : public Clock {
 public:
  std::uint64_t now = start_of_tests;
  std::uint64_t now_unix_s() override { return now; }
};

using test::TemporaryFolder;

/// The vendor's office; another seed makes other keys. One passphrase for every key, nobody at the terminal.
class Office {
 public:
  explicit Office(std::uint64_t seed = 5) : random(seed) {}

  TemporaryFolder folder;
  std::string desk_folder = folder.path() + "/desk";
  PosixDisk disk;
  StoppedClock clock;
  SeededRandom random;
  ScriptedTerminal nobody{{}, false};
  Passphrases passphrases{disk, nobody, write("passphrase", "correct horse\n")};
  DeskWorld world{disk, clock, random, nobody, passphrases, cheap, "olga", 0, {}, " --desk D"};

  std::string write(const std::string& name, std::string_view content) {
    const std::string path = folder.path() + "/" + name;
    static_cast<void>(PosixDisk().write(path, as_bytes(content), 0600, Existing::replace));
    return path;
  }
  /// Every file of the office with its bytes' hash, by path.
  std::map<std::string, std::string> files() const {
    std::map<std::string, std::string> out;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path()))
      if (entry.is_regular_file()) out[entry.path().string()] = to_hex(sha256(PosixDisk().read(entry.path().string(), 1 << 24)->bytes));
    return out;
  }
};

/// An office with a desk, its keys unlocked, and licence L1 of product demo.
class OpenDesk : public Office {
 public:
  explicit OpenDesk(std::uint64_t seats = 3, std::uint64_t seed = 5) : Office(seed) {
    if (!init_desk(world, {desk_folder, 3, 2, {}})) throw std::runtime_error("no desk");
    desk = std::make_unique<Desk>(std::move(*Desk::open(world, desk_folder)));
    UnlockedDeskKeys unlocked;
    if (!desk->unlock_desk_keys(world, unlocked)) throw std::runtime_error("no desk keys");
    ledger_key = std::move(unlocked.ledger_key);
    keys.ledger_key = ledger_key.clone();
    if (!desk->unlock_issuer(world, keys.issuer.emplace())) throw std::runtime_error("no issuer key");
    keys.certificate = *desk->issuer_certificate(world);
    sell("L1", seats);
  }
  LicenceKey sell(const std::string& id, std::uint64_t seats) {
    NewLicence input;
    input.id = id, input.customer = "Northwind", input.product = "demo", input.versions = "3.*", input.seats = seats;
    return *parse_licence_key(add_licence(*desk, world, ledger_key, input)->key_text);
  }
  Bytes document(const Site& site, const Wish& wish = {}) {
    std::optional<SymmetricKey> proof;
    if (wish.with_proof) proof = proof_key_of(*parse_licence_key(show_licence_key(*desk, ledger_key, wish.licence)->key_text));
    return seal_request(request_from(site, wish, random), site.key, proof ? &*proof : nullptr);
  }
  Outcome<oak::Issued> answer(ByteView request, IssueTerms terms = {}) { return issue(*desk, world, keys, terms, request); }
  /// The codes of the refusal; empty where it was granted.
  std::vector<std::string> refusals(ByteView request, IssueTerms terms = {}) { return codes_of(answer(request, terms)->refusals); }
  std::uint64_t live_seats_of(const std::string& licence) { return desk->ledger().totals(licence, clock.now)->live_seats; }

  std::unique_ptr<Desk> desk;
  SymmetricKey ledger_key;
  IssuingKeys keys;
};

}  // namespace oak::desk_test
