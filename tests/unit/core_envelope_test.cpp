#include "core/envelope.h"

#include "core/activation.h"
#include "tests/unit/core_corpus.h"
#include "tests/vectors/raw_envelope.h"
#include "tests/vectors/vendor.h"
#include "tests/unit/folders.h"

namespace oak::test {
namespace {

using vectors::key_named;

const DocumentType one_key[] = {DocumentType::request, DocumentType::activation, DocumentType::receipt, DocumentType::bulletin,
                                DocumentType::seat_lease};
const DocumentType by_roots[] = {DocumentType::key_bulletin, DocumentType::trust, DocumentType::issuer_certificate};

std::vector<PublicKey> keys(const std::vector<std::string>& names) {
  std::vector<PublicKey> out;
  for (const std::string& name : names) out.push_back(key_named(name).public_key);
  return out;
}

}  // namespace

TEST_CASE("a COSE_Sign1 is split again into what was sealed") {
  // Goal: both directions of every type with one signature, with and without a chain.
  const KeyPair signer = key_named("signer");
  for (const DocumentType type : one_key) {
    const bool chained = type != DocumentType::request && type != DocumentType::receipt;
    const Bytes payload = bytes_of("any bytes at all"), chain = chained ? bytes_of("who vouches") : Bytes{};
    const auto envelope = split(seal_sign1(type, payload, signer, chain), type);
    REQUIRE(envelope);
    CHECK(envelope->type == type);
    CHECK(envelope->payload == payload);
    CHECK(envelope->chain == chain);
    CHECK(verify_sign1(*envelope, signer.public_key));
    CHECK(verify_sign1(*envelope, key_named("other").public_key).error().code == Code::unknown_key);
  }
}

TEST_CASE("a signature holds for one type only") {
  // Goal: external_aad and typ both separate types: a payload moved into another type's envelope does not verify.
  const KeyPair signer = key_named("signer");
  const Bytes payload = bytes_of("payload");
  for (const DocumentType from : one_key) {
    for (const DocumentType to : one_key) {
      Envelope envelope = split(seal_sign1(from, payload, signer), from).value();
      envelope.type = to;  // the header still says `from`; only the aad is the other's
      CHECK(verify_sign1(envelope, signer.public_key).has_value() == (from == to));
      Envelope relabelled = split(seal_sign1(to, payload, signer), to).value();
      relabelled.signatures[0].signature = split(seal_sign1(from, payload, signer), from)->signatures[0].signature;
      CHECK(verify_sign1(relabelled, signer.public_key).has_value() == (from == to));
    }
  }
}

TEST_CASE("k of n: every subset of three roots against every threshold") {
  // Goal: exactly those with enough signatures verify, whatever the order in which the roots signed.
  const std::vector<std::string> names = {"root 1", "root 2", "root 3"};
  const Bytes payload = bytes_of("payload");
  for (const DocumentType type : by_roots) {
    for (unsigned subset = 1; subset < 8; ++subset) {
      std::vector<EnvelopeSignature> blocks;
      for (unsigned i = 3; i-- > 0;)
        if (subset >> i & 1) blocks.push_back(sign_threshold(type, payload, key_named(names[i])));
      const std::size_t count = blocks.size();
      const auto envelope = split(seal_threshold(type, payload, std::move(blocks)), type);
      REQUIRE(envelope);
      for (std::size_t threshold = 1; threshold <= 3; ++threshold) {
        const Status status = verify_threshold(*envelope, keys(names), threshold);
        CHECK(status.has_value() == (count >= threshold));
        if (!status) CHECK(status.error().code == Code::not_enough_signatures);
      }
      const Status strange = verify_threshold(*envelope, keys({"root 1", "root 2"}), 1);
      CHECK(strange.has_value() == ((subset & 4) == 0));
    }
  }
}

TEST_CASE("one root that signs twice counts once, and can't be sealed into a document that opens") {
  // Goal: k signatures are k roots.
  const Bytes payload = bytes_of("payload");
  const auto block = [&] { return sign_threshold(DocumentType::trust, payload, key_named("root 1")); };
  const Bytes document = seal_threshold(DocumentType::trust, payload, {block(), block()});
  CHECK(split(document, DocumentType::trust).error().code == Code::signers_not_sorted);
}

TEST_CASE("the claimed type is told without verifying, and only of what has an envelope's form") {
  // Goal: a message can say what a file is before anything is trusted.
  for (const LoadedVector& one : load_good_documents()) {
    const auto type = claimed_type(one.document());
    REQUIRE(type);
    INFO(one.name);
    CHECK(labels_of(*type).aad == "oak/v1/" + (one.open() == "issuer-certificate" ? "issuer" : one.open()));
  }
  CHECK(claimed_type({}).error().code == Code::empty_input);
  CHECK(claimed_type(bytes_of("hello")).error().code == Code::bad_envelope);
}

TEST_CASE("an activation is read unverified only where it would be read verified") {
  // Goal: what a request supersedes is taken from a document of the right form, forged or not.
  Bytes document = vectors::host_activation();
  const auto read = read_activation_unverified(document);
  REQUIRE(read);
  CHECK(read->id == open_activation(document, vectors::trust_two_of_three(), "demo")->id);
  document.back() ^= 1;
  CHECK(read_activation_unverified(document));
  CHECK_FALSE(open_activation(document, vectors::trust_two_of_three(), "demo"));
  document.pop_back();
  CHECK(read_activation_unverified(document).error().code == Code::truncated);
}

TEST_CASE("the COSE working group's EdDSA examples: signatures verify, envelopes are not ours") {
  // Goal: Sig_structure is built as others build it, and a foreign envelope is refused for its form: a key id outside the
  // protected header, labels that we don't list.
  for (const char* name : {"cose/eddsa-examples/eddsa-sig-01.json", "cose/eddsa-examples/eddsa-01.json"}) {
    const Json example = public_json(name);
    if (example.is_null()) return;
    INFO(name);
    const Bytes document = from_hex(example["output"]["cbor"].get<std::string>());
    CHECK(claimed_type(document).error().code == Code::bad_envelope);
    const bool single = example["input"].contains("sign0");
    const Json& signer = single ? example["input"]["sign0"] : example["input"]["sign"]["signers"][0];
    const Json& intermediates = single ? example["intermediates"] : example["intermediates"]["signers"][0];
    const PublicKey key = *to_array<32>(from_hex(signer["key"]["x_hex"].get<std::string>()));
    const Bytes message = from_hex(intermediates["ToBeSign_hex"].get<std::string>());
    CHECK(verify(key, message, ByteView(document).last(64)));
    const Bytes payload = bytes_of("This is the content.");
    const Bytes ours = single ? vectors::sign1_message(from_hex("a201270300"), "", payload)
                              : vectors::block_message(from_hex("a10300"), from_hex("a10127"), "", payload);
    CHECK(ours == message);
  }
}

TEST_CASE("the COSE working group's other examples are refused, good or bad") {
  // Goal: ES256 and Ed448 are not ours; wrong tags and damaged headers are nobody's.
  namespace fs = std::filesystem;
  std::size_t count = 0;
  for (const char* folder : {"cose/sign1-tests", "cose/ecdsa-examples", "cose/eddsa-examples"}) {
    const fs::path path = fs::path(test::shared_data_folder) / "vectors" / folder;
    if (!fs::exists(path)) {
      WARN("SKIPPED: there is no " << path.string());
      continue;
    }
    for (const auto& entry : fs::directory_iterator(path)) {
      const Bytes content = file_bytes(entry.path());
      const Json example = Json::parse(content.begin(), content.end());
      INFO(entry.path().string());
      const auto type = claimed_type(from_hex(example["output"]["cbor"].get<std::string>()));
      REQUIRE_FALSE(type);
      ++count;
    }
  }
  if (count > 0) CHECK(count >= 15);
}

}  // namespace oak::test
