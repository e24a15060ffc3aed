#pragma once
// A seat server and computers in one process: real rules, real files, a made-up clock and no network.

#include <stdlib.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <deque>
#include <filesystem>
#include <random>

#include "core/armour.h"
#include "seats/client.h"
#include "seats/service.h"
#include "tests/unit/verifier_world.h"

namespace oak::seats::test {

using oak::test::FakeClock;

/// A folder of its own, in memory where there is such a file system: what is synced there costs nothing.
class OwnFolder {
 public:
  OwnFolder() {
    std::string name = ::access("/dev/shm", W_OK) == 0 ? "/dev/shm/oak-XXXXXX" : "/tmp/oak-XXXXXX";
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~OwnFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  OwnFolder(const OwnFolder&) = delete;
  OwnFolder& operator=(const OwnFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class FakeBoot final : public BootClock {
 public:
  std::uint64_t ms = 1'000'000;
  std::uint8_t boot = 1;
  std::uint64_t now_boot_ms() override { return ms; }
  std::optional<std::array<std::uint8_t, 16>> boot_id() override {
    std::array<std::uint8_t, 16> id{};
    id.fill(boot);
    return id;
  }
};

class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : dice_(seed) {}
  void fill(std::uint8_t* out, std::size_t size) override {
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(dice_());
  }

 private:
  std::mt19937_64 dice_;
};

/// A store whose next write may fail, as on a full disk.
class FailingStore final : public Store {
 public:
  explicit FailingStore(std::unique_ptr<Store> real) : real_(std::move(real)) {}
  bool fails_next = false;
  Result<StoredPool> load() override { return real_->load(); }
  Status write(const Batch& batch) override {
    if (std::exchange(fails_next, false)) return fail(Code::disk_full, "seats.sqlite");
    return real_->write(batch);
  }
  Status put_code(const StoredCode& code, std::uint64_t now_boot_ms) override { return real_->put_code(code, now_boot_ms); }
  Result<std::optional<StoredCode>> find_code(const Digest& secret_hash) override { return real_->find_code(secret_hash); }

 private:
  std::unique_ptr<Store> real_;
};

/// The server's host.
class Host {
 public:
  explicit Host(const std::string& folder, Rules the_rules = {3, 120'000, 10'000, 30, true})
      : rules(the_rules), path_(folder + "/seats.sqlite") {
    make_keys();
  }
  void start() {
    auto opened = Store::open_as_server(path_);
    REQUIRE(opened);
    store = std::make_unique<FailingStore>(std::move(*opened));
    auto started = Service::start({clock, boot, random, *store, *boot.boot_id(), [this](auto work) { work_.push_back(std::move(work)); }},
                                  rules, lending());
    REQUIRE(started);
    service = std::move(*started);
  }
  /// As after a kill -9: what is in memory is gone.
  void stop() {
    work_.clear();
    service.reset();
    store.reset();
  }
  http::Response ask(const PublicKey& key, const std::string& method, const std::string& path, const std::string& body) {
    http::Head head{method, path, key, "192.0.2.1"};
    if (auto refusal = service->refuse(head)) return *refusal;
    http::Response out;
    service->handle(head, body, [&](http::Response response) { out = std::move(response); });
    run();
    return out;
  }
  void run() {
    while (!work_.empty()) {
      const auto work = std::move(work_.front());
      work_.pop_front();
      work();
    }
  }
  ByteArray<6> code() {
    const auto secret = random_bytes<6>(random);
    REQUIRE(store->put_code({sha256(secret), *boot.boot_id(), boot.ms + 600'000, std::nullopt}, boot.ms));
    return secret;
  }
  const std::string& path() const { return path_; }
  KeyPair key_pair() const { return {Seed(seed_), server.public_key}; }

  Rules rules;
  FakeClock clock;
  FakeBoot boot;
  SeededRandom random{7};
  KeyPair server;
  std::unique_ptr<FailingStore> store;
  std::unique_ptr<Service> service;

 private:
  void make_keys() {
    seed_.fill(42);
    server.seed = Seed(seed_);
    server.public_key = public_key_of(server.seed);
  }
  Lending lending() const {
    Lending out;
    out.product = "planner";
    out.licence = "L1";
    out.activation_text = "an activation";
    out.key = key_pair();
    return out;
  }
  std::string path_;
  ByteArray<32> seed_{};
  std::deque<std::function<void()>> work_;
};

}  // namespace oak::seats::test
