// Goal: trust comes from the build, an argument or root's own file, in this order, and the answer says which; a file
// that somebody else could have written counts as none.

#include <catch2/catch.hpp>

#include "tests/unit/verifier_world.h"

using namespace oak;
using namespace oak::test;

namespace {

const std::string site_file = "/etc/oak/trust/demo.oak";

}  // namespace

TEST_CASE("each origin is named, and an argument goes before the site's file") {
  World world;
  REQUIRE(world.install_one(world.grant()));
  world.disk.files[site_file] = FakeFile{world.vendor.trust_document, 0, 0644};
  CHECK(world.check()->trust == TrustOrigin::argument);
  world.source.argument_bytes.reset();
  CHECK(world.check()->trust == TrustOrigin::site);
  CHECK(world.verdict() == Verdict::active);
  world.disk.files["/tmp/trust.oak"] = FakeFile{world.vendor.trust_document, 1000, 0666};
  world.source.argument_file = "/tmp/trust.oak";
  CHECK(world.check()->trust == TrustOrigin::argument);
  world.source.argument_file.reset();
  world.source.built_in = world.vendor.trust_document;
  CHECK(world.check()->trust == TrustOrigin::built_in);
  CHECK(world.verdict() == Verdict::active);
}

TEST_CASE("a build with its own trust takes no argument") {
  World world;
  world.source.built_in = world.vendor.trust_document;
  const auto answer = world.check();
  REQUIRE(!answer);
  CHECK(answer.error().code == Code::usage);
}

TEST_CASE("a site's file that somebody else could have written makes everything untrusted, and says why") {
  World world;
  REQUIRE(world.install_one(world.grant()));
  world.source.argument_bytes.reset();
  struct Row {
    std::uint32_t owner, mode;
  };
  for (const Row& row : {Row{1000, 0644}, Row{0, 0664}, Row{0, 0646}}) {
    world.disk.files[site_file] = FakeFile{world.vendor.trust_document, row.owner, row.mode};
    const auto answer = world.check();
    REQUIRE(answer);
    CHECK(answer->verdict == Verdict::untrusted);
    CHECK(answer->details.front().find("somebody else than root") != std::string::npos);
    const auto installed = world.try_install(world.seal(world.grant(2)));
    REQUIRE(!installed);
    CHECK(installed.error().code == Code::unsafe_file);
    CHECK(installed.error().hint.find("chown root") != std::string::npos);
  }
}

TEST_CASE("trust for another product is none for this one") {
  World world;
  REQUIRE(world.install_one(world.grant()));
  Trust other = world.vendor.trust;
  other.product = "other";
  world.source.argument_bytes = world.vendor.sign_by_roots(DocumentType::trust, encode_trust(other));
  CHECK(world.verdict() == Verdict::untrusted);
  other.product = product;
  world.source.argument_bytes = world.vendor.sign_by_roots(DocumentType::trust, encode_trust(other));
  CHECK(world.verdict() == Verdict::active);
}

TEST_CASE("a trust file that was named and can't be read is an error, not a verdict") {
  World world;
  REQUIRE(world.install_one(world.grant()));
  world.source.argument_bytes.reset();
  world.source.argument_file = "/nowhere.oak";
  auto answer = world.check();
  REQUIRE(!answer);
  CHECK(answer.error().code == Code::not_found);
  world.source.argument_file.reset();
  world.disk.unreadable.insert(site_file);
  answer = world.check();
  REQUIRE(!answer);
  CHECK(answer.error().code == Code::permission_denied);
}

TEST_CASE("trust is not looked for in the state folder") {
  World world;
  REQUIRE(world.install_one(world.grant()));
  world.source.argument_bytes.reset();
  world.disk.files[folder + "/trust.oak"] = FakeFile{world.vendor.trust_document, 0, 0644};
  world.disk.files[folder + "/demo.oak"] = FakeFile{world.vendor.trust_document, 0, 0644};
  CHECK(world.verdict() == Verdict::untrusted);
}
