#include "core/sealed_request.h"

#include "core/request.h"
#include "tests/unit/core_corpus.h"
#include "tests/vectors/vendor.h"

namespace oak::test {
namespace {

/// A desk with a sealing key, and a request for it.
struct Courier {
  Seed seed{vectors::fixed<32>("sealing key")};
  PublicKey sealing_key = sealing_public_key_of(seed);
  Bytes request = seal_request(vectors::minimal_request(), vectors::key_named("machine"), nullptr);
  vectors::NamedRandom random{"sealing"};
  Bytes sealed = seal_for_desk(request, sealing_key, random).value();
};

}  // namespace

TEST_CASE("a sealed request opens to the very bytes that were sealed, and says for whom it is") {
  // Goal: the way there and back. Refusals are in the vectors.
  const Courier courier;
  CHECK(unseal_request(courier.sealed, courier.seed).value() == courier.request);
  CHECK(open_request(unseal_request(courier.sealed, courier.seed).value()));
  const SealedRequest seen = decode_sealed_request(courier.sealed).value();
  CHECK(seen.sealing_key == key_id(courier.sealing_key));
  CHECK(encode_sealed_request(seen) == courier.sealed);
  CHECK(is_sealed_request(courier.sealed));
  CHECK_FALSE(is_sealed_request(courier.request));
  CHECK_FALSE(is_sealed_request({}));
}

TEST_CASE("a file holds a sealed request as text or as its bytes") {
  // Goal: no carrier needs to be told which it is.
  const Courier courier;
  CHECK(document_from_file_bytes(courier.sealed).value().document == courier.sealed);
  const Armoured read = document_from_file_bytes(as_bytes(armour_encode(sealed_request_armour, courier.sealed))).value();
  CHECK(read.document == courier.sealed);
  CHECK(read.label == sealed_request_armour);
}

TEST_CASE("a courier learns nothing from a sealed request but its size and the desk") {
  // Goal: no stretch of the request is there to read, and two sealings have nothing in common. It does not prove the cipher.
  Courier courier;
  const Bytes again = seal_for_desk(courier.request, courier.sealing_key, courier.random).value();
  CHECK(again.size() == courier.sealed.size());
  const Bytes first = decode_sealed_request(courier.sealed).value().box, second = decode_sealed_request(again).value().box;
  for (std::size_t at = 0; at + 8 <= first.size(); ++at) {
    const auto begin = first.begin() + static_cast<std::ptrdiff_t>(at);
    REQUIRE(std::search(courier.request.begin(), courier.request.end(), begin, begin + 8) == courier.request.end());
    REQUIRE(std::search(second.begin(), second.end(), begin, begin + 8) == second.end());
  }
}

TEST_CASE("a sealed request that was cut or altered anywhere is refused") {
  // Goal: every length and every bit of it counts.
  Courier courier;
  for (std::size_t size = 0; size < courier.sealed.size(); ++size)
    REQUIRE_FALSE(unseal_request(ByteView(courier.sealed).first(size), courier.seed));
  for (std::size_t bit = 0; bit < 8 * courier.sealed.size(); ++bit) {
    courier.sealed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    REQUIRE_FALSE(unseal_request(courier.sealed, courier.seed));
    courier.sealed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
  }
}

TEST_CASE("what can't be sealed is refused") {
  // Goal: a sealing key of small order would hide nothing; more than a document's limit no desk would read.
  Courier courier;
  CHECK(seal_for_desk(courier.request, PublicKey{}, courier.random).error().code == Code::weak_key);
  CHECK(seal_for_desk(Bytes(max_document_bytes, 0), courier.sealing_key, courier.random).error().code == Code::too_large);
}

}  // namespace oak::test
