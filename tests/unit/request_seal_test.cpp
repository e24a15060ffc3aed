// Goal: a sealed request travels by every carrier that a request takes, and nothing on the way tells what is in it.
#include <catch2/catch.hpp>

#include "core/document_page.h"
#include "core/request.h"
#include "core/sealed_request.h"
#include "request/carriers.h"
#include "request/qr_parts.h"
#include "request/sheet.h"
#include "tests/unit/request_qr_world.h"

namespace oak::test {
namespace {

struct Sealed {
  SystemRandom random;
  Seed seed = random_seed(random);
  PublicKey key = sealing_public_key_of(seed);
  Bytes request = document_of(400);
  Bytes document = seal_for_desk(request, key, random).value();

  static Seed random_seed(Random& random) { return Seed(random_bytes<32>(random)); }
};

}  // namespace

TEST_CASE("a sealed request as QR parts has the letter S, and comes back whole", "[request][seal]") {
  const Sealed sealed;
  const auto parts = cut_into_parts(sealed.document, 400);
  REQUIRE(parts);
  REQUIRE(parts->size() > 1);
  for (const std::string& part : *parts) CHECK(part.starts_with("OA1S"));
  auto shuffled = *parts;
  std::reverse(shuffled.begin(), shuffled.end());
  const auto joined = join_parts(shuffled);
  REQUIRE(joined);
  REQUIRE(joined->sets.size() == 1);
  CHECK(joined->sets.front().document == sealed.document);
  CHECK(unseal_request(joined->sets.front().document, sealed.seed).value() == sealed.request);
  shuffled.pop_back();
  CHECK(describe_missing(join_parts(shuffled)->sets.front()).starts_with("sealed request "));
}

TEST_CASE("under another letter a sealed request is another document, and so is another under S", "[request][seal]") {
  const Sealed sealed;
  const auto swap = [](std::vector<std::string> parts, char letter) {
    for (std::string& part : parts) part[3] = letter;
    return join_parts(parts);
  };
  const auto as_request = swap(cut_into_parts(sealed.document, 400).value(), 'R');
  REQUIRE_FALSE(as_request);
  CHECK(as_request.error().code == Code::bad_envelope);
  CHECK_FALSE(swap(cut_into_parts(sealed.request, 400).value(), 'S'));
}

TEST_CASE("what is no sealed request is not cut, shown or printed as one", "[request][seal]") {
  const Sealed sealed;
  for (const Bytes& broken : {Bytes{0x83}, Bytes{0x83, 0x01, 0x02, 0x03}, Bytes(sealed.document.begin(), sealed.document.end() - 1)}) {
    CHECK_FALSE(names_of(broken));
    CHECK_FALSE(cut_into_parts(broken, 400));
    CHECK_FALSE(document_page("x.oak", broken));
    CHECK_FALSE(make_sheet(broken, {}));
    CHECK_FALSE(carrier_files(broken, {"x.oak", {}, {}}, {}, {}));
  }
}

TEST_CASE("the file has a label of its own, and the sheet no groups that nobody could compare", "[request][seal]") {
  const Sealed sealed;
  CHECK(names_of(sealed.document)->armour == "OAK SEALED REQUEST");
  CHECK(names_of(sealed.request)->word == "request");
  const auto files = carrier_files(sealed.document, {"x.oak", {}, "x.html"}, {}, "the desk");
  REQUIRE(files);
  CHECK(as_text(files->front().bytes).find("-----BEGIN OAK SEALED REQUEST-----") != std::string_view::npos);
  const std::string_view sheet = as_text(files->back().bytes);
  CHECK(sheet.find(to_hex(key_id(sealed.key))) != std::string_view::npos);
  CHECK(sheet.find("the desk") != std::string_view::npos);
  CHECK(sheet.find("Over the phone") == std::string_view::npos);
}

TEST_CASE("shown, it is a sealed request, for which key, how long, and nothing more", "[request][seal]") {
  const Sealed sealed;
  const auto page = document_page("x.oak", sealed.document);
  REQUIRE(page);
  CHECK(page->text == "Sealed request: only the desk that has the key can open it\n  sealed for key   " + to_hex(key_id(sealed.key)) +
                          "\n  length           " + std::to_string(sealed.document.size()) + " bytes\n  document         " +
                          to_hex(sha256(sealed.document)) + "\n");
}

}  // namespace oak::test
