// Goal: the C boundary keeps its word about arguments, sizes, lengths and names, and gives on this very machine the
// verdicts that the C++ side gives. Files lie in a temporary folder; the hardware is what the test runs on.

#include <catch2/catch.hpp>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>

#include "tests/unit/temporary_folder.h"
#include "tests/unit/verifier_world.h"
#include "verifier/oak_verifier.h"

using namespace oak;
using namespace oak::test;

namespace {

/// This machine, activated for 3 seats of 3.*.
struct Site {
  TemporaryFolder folder;
  World world;
  PosixDisk disk;
  LinuxHost host;
  oak_config config{};

  Site() {
    Activation activation = world.grant();
    activation.fingerprint = enrol(observe(collect(host), world.fingerprint_key));
    const Bytes document = world.seal(activation);
    const Machine machine{disk, host, world.clock, ::geteuid(), folder.path()};
    const auto installed = install(machine, world.source, {"act.oak", document, &world.licence_key, {}});
    if (!installed) FAIL(installed.error().message);
    config.size = sizeof config;
    config.product = "demo";
    config.version = "3.5";
    config.trust = world.vendor.trust_document.data();
    config.trust_len = world.vendor.trust_document.size();
    config.state_dir = folder.path().c_str();
  }
  int verdict() {
    oak_verifier* verifier = nullptr;
    REQUIRE(oak_open(&config, &verifier) == OAK_STATUS_OK);
    int verdict = 99;
    CHECK(oak_check(verifier, &verdict) == OAK_STATUS_OK);
    oak_close(verifier);
    return verdict;
  }
};

}  // namespace

TEST_CASE("the C API: active, and each reason to rebind that it can be asked about") {
  Site site;
  CHECK(site.verdict() == OAK_ACTIVE);
  site.config.seats_in_use = 4;
  CHECK(site.verdict() == OAK_REBIND);
  site.config.seats_in_use = 3;
  site.config.version = "4.0";
  CHECK(site.verdict() == OAK_REBIND);
}

TEST_CASE("the C API: verdicts without trust or activation are answers, not failures") {
  Site site;
  site.config.trust = nullptr;
  site.config.trust_len = 0;
  CHECK(site.verdict() == OAK_UNTRUSTED);
  const TemporaryFolder empty;
  site.config.state_dir = empty.path().c_str();
  CHECK(site.verdict() == OAK_NOT_ACTIVATED);
}

TEST_CASE("the C API: an answer is as long as it says, and no byte longer") {
  Site site;
  oak_verifier* verifier = nullptr;
  REQUIRE(oak_open(&site.config, &verifier) == OAK_STATUS_OK);
  std::size_t length = 0;
  CHECK(oak_answer_json(verifier, nullptr, &length) == OAK_STATUS_NOT_CHECKED);
  int verdict = 0;
  REQUIRE(oak_check(verifier, &verdict) == OAK_STATUS_OK);
  CHECK(oak_answer_json(verifier, nullptr, &length) == OAK_STATUS_TOO_SMALL);
  REQUIRE(length > 100);
  std::string buffer(length + 8, '#');
  std::size_t room = length - 1;
  CHECK(oak_answer_json(verifier, buffer.data(), &room) == OAK_STATUS_TOO_SMALL);
  CHECK(room == length);
  CHECK(buffer.find_first_not_of('#') == std::string::npos);
  CHECK(oak_answer_json(verifier, buffer.data(), &room) == OAK_STATUS_OK);
  CHECK(std::strlen(buffer.c_str()) == length - 1);
  CHECK(buffer.substr(length) == "########");
  CHECK(buffer.find("{\"verdict\": \"active\"") == 0);
  CHECK(buffer[length - 2] == '}');
  CHECK(oak_answer_json(verifier, nullptr, &(room = 5)) == OAK_STATUS_BAD_ARGUMENT);
  CHECK(oak_answer_json(verifier, buffer.data(), nullptr) == OAK_STATUS_BAD_ARGUMENT);
  oak_close(verifier);
}

TEST_CASE("the C API: the answer as text is the tool's, also after a check that failed") {
  Site site;
  site.config.version = "4.0";
  oak_verifier* verifier = nullptr;
  REQUIRE(oak_open(&site.config, &verifier) == OAK_STATUS_OK);
  const auto text = [&] {
    std::string out(4096, '#');
    std::size_t length = out.size();
    REQUIRE(oak_answer_text(verifier, out.data(), &length) == OAK_STATUS_OK);
    out.resize(length - 1);
    return out;
  };
  std::size_t length = 0;
  CHECK(oak_answer_text(verifier, nullptr, &length) == OAK_STATUS_NOT_CHECKED);
  int verdict = 0;
  REQUIRE(oak_check(verifier, &verdict) == OAK_STATUS_OK);
  CHECK(oak_answer_text(verifier, nullptr, &length) == OAK_STATUS_TOO_SMALL);
  CHECK(text().size() == length - 1);
  CHECK(text().find("rebind\nversion: 4.0 is not in 3.*\noak-request create ") == 0);
  CHECK(text().back() == '\n');
  for (const auto& entry : std::filesystem::directory_iterator(site.folder / "demo"))
    if (entry.path().extension() == ".key") std::filesystem::remove(entry.path());
  CHECK(oak_check(verifier, &verdict) == OAK_STATUS_KEY_MISSING);
  CHECK(text().find("no answer: ") == 0);
  CHECK(text().find("--licence-key-file") != std::string::npos);
  oak_close(verifier);
}

TEST_CASE("the C API: wrong arguments are refused, and outputs are set") {
  Site site;
  oak_verifier* verifier = reinterpret_cast<oak_verifier*>(&site);
  CHECK(oak_open(nullptr, &verifier) == OAK_STATUS_BAD_ARGUMENT);
  CHECK(verifier == nullptr);
  CHECK(oak_open(&site.config, nullptr) == OAK_STATUS_BAD_ARGUMENT);
  int verdict = 99;
  CHECK(oak_check(nullptr, &verdict) == OAK_STATUS_BAD_ARGUMENT);
  CHECK(verdict == OAK_NOT_VERIFIED);
  CHECK(oak_check(nullptr, nullptr) == OAK_STATUS_BAD_ARGUMENT);
  oak_close(nullptr);
  const auto opens_with = [&](auto change) {
    oak_config config = site.config;
    change(config);
    const int status = oak_open(&config, &verifier);
    oak_close(verifier);
    return status;
  };
  CHECK(opens_with([](oak_config& c) { c.product = nullptr; }) == OAK_STATUS_BAD_ARGUMENT);
  CHECK(opens_with([](oak_config& c) { c.product = "../demo"; }) == OAK_STATUS_BAD_ARGUMENT);
  CHECK(opens_with([](oak_config& c) { c.version = nullptr; }) == OAK_STATUS_BAD_ARGUMENT);
  CHECK(opens_with([](oak_config& c) { c.version = "three"; }) == OAK_STATUS_BAD_ARGUMENT);
  CHECK(opens_with([](oak_config& c) { c.trust = nullptr; }) == OAK_STATUS_BAD_ARGUMENT);
  CHECK(opens_with([](oak_config& c) { c.trust_len = 0; }) == OAK_STATUS_BAD_ARGUMENT);
  CHECK(opens_with([](oak_config& c) { c.state_dir = ""; }) == OAK_STATUS_BAD_ARGUMENT);
}

TEST_CASE("the C API: a shorter config is unknown, a longer one is taken where the rest is zero") {
  Site site;
  struct {
    oak_config config;
    std::uint64_t later;
  } longer{site.config, 0};
  oak_verifier* verifier = nullptr;
  longer.config.size = sizeof longer;
  CHECK(oak_open(&longer.config, &verifier) == OAK_STATUS_OK);
  oak_close(verifier);
  longer.later = 1;
  CHECK(oak_open(&longer.config, &verifier) == OAK_STATUS_BAD_ARGUMENT);
  site.config.size = sizeof(oak_config) - 1;
  CHECK(oak_open(&site.config, &verifier) == OAK_STATUS_BAD_ARGUMENT);
  site.config.size = 0;
  CHECK(oak_open(&site.config, &verifier) == OAK_STATUS_BAD_ARGUMENT);
}

TEST_CASE("the C API: a failed check has no verdict, and its answer says why") {
  Site site;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(site.folder.path()))
    if (entry.path().extension() == ".key") std::filesystem::remove(entry.path());
  oak_verifier* verifier = nullptr;
  REQUIRE(oak_open(&site.config, &verifier) == OAK_STATUS_OK);
  int verdict = 99;
  CHECK(oak_check(verifier, &verdict) == OAK_STATUS_KEY_MISSING);
  CHECK(verdict == OAK_NOT_VERIFIED);
  char answer[2048];
  std::size_t length = sizeof answer;
  REQUIRE(oak_answer_json(verifier, answer, &length) == OAK_STATUS_OK);
  CHECK(std::string(answer).find("{\"error\": {\"code\": \"fingerprint-key-missing\"") == 0);
  oak_close(verifier);
}

TEST_CASE("the C API: names and numbers agree with the inside") {
  for (int i = 0; i < verdict_count; ++i) CHECK(oak_verdict_name(i) == verdict_name(static_cast<Verdict>(i)));
  CHECK(std::string(oak_verdict_name(OAK_NOT_VERIFIED)) == "not-verified");
  CHECK(std::string(oak_verdict_name(OAK_ACTIVE)) == "active");
  CHECK(std::string(oak_verdict_name(OAK_NOT_ACTIVATED)) == "not-activated");
  CHECK(std::string(oak_verdict_name(-1)) == "not-verified");
  CHECK(std::string(oak_verdict_name(12)) == "not-verified");
  CHECK(std::string(oak_status_name(OAK_STATUS_OK)) == "ok");
  CHECK(std::string(oak_status_name(OAK_STATUS_INTERNAL)) == "internal");
  CHECK(std::string(oak_status_name(-1)) == "unknown");
  CHECK(std::string(oak_status_name(11)) == "unknown");
  static_assert(OAK_ACTIVE == 1 && OAK_REBIND == static_cast<int>(Verdict::rebind) &&
                OAK_MALFORMED == static_cast<int>(Verdict::malformed));
}

TEST_CASE("the C API: the state folder is the caller's word, not the environment's") {
  Site site;
  ::setenv("OAK_STATE_DIR", "/nowhere", 1);
  CHECK(site.verdict() == OAK_ACTIVE);
  ::unsetenv("OAK_STATE_DIR");
}

TEST_CASE("the C API: handles serve several threads at once") {
  Site site;
  REQUIRE(site.verdict() == OAK_ACTIVE);
  std::array<int, 4> verdicts{};
  std::vector<std::thread> threads;
  for (int& verdict : verdicts)
    threads.emplace_back([&site, &verdict] {
      for (int i = 0; i < 20; ++i) {
        oak_verifier* verifier = nullptr;
        if (oak_open(&site.config, &verifier) == OAK_STATUS_OK) oak_check(verifier, &verdict);
        oak_close(verifier);
      }
    });
  for (std::thread& thread : threads) thread.join();
  for (const int verdict : verdicts) CHECK(verdict == OAK_ACTIVE);
}
