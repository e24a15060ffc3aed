#include "tests/unit/core_corpus.h"

#include <map>
#include <set>

#include "core/activation.h"
#include "core/bulletin.h"
#include "core/receipt.h"
#include "core/seat_lease.h"
#include "tests/vectors/resealed.h"

namespace oak::test {
namespace {

/// Whether core takes these bytes for what the vector is; every document is small, so this is quick.
std::optional<Code> refusal(const LoadedVector& vector, const Bytes& content) {
  return vectors::read_vector(vector.sidecar, content, vector_file).error;
}

/// The trust is read from disk by every answer; here once is enough.
const Bytes& cached_file(const std::string& name) {
  static std::map<std::string, Bytes> files;
  auto found = files.find(name);
  if (found == files.end()) found = files.emplace(name, vector_file(name)).first;
  return found->second;
}

template <typename T>
std::optional<Bytes> written_again(Result<T> read, Bytes (*encode)(const T&)) {
  return read ? std::optional(encode(*read)) : std::nullopt;
}

/// The payload that core writes after it has read this one; nothing where it refuses to read it.
std::optional<Bytes> rewritten(DocumentType type, const Bytes& payload) {
  switch (type) {
    case DocumentType::request: return written_again(decode_request(payload), encode_request);
    case DocumentType::activation: return written_again(decode_activation(payload), encode_activation);
    case DocumentType::receipt: return written_again(decode_receipt(payload), encode_receipt);
    case DocumentType::bulletin: return written_again(decode_bulletin(payload), encode_bulletin);
    case DocumentType::key_bulletin: return written_again(decode_key_bulletin(payload), encode_key_bulletin);
    case DocumentType::trust: return written_again(decode_trust(payload), encode_trust);
    case DocumentType::issuer_certificate: return written_again(decode_issuer_certificate(payload), encode_issuer_certificate);
    case DocumentType::seat_lease: return written_again(decode_seat_lease(payload), encode_seat_lease);
  }
  return std::nullopt;
}

Trust trust_of(const LoadedVector& vector) {
  const auto file = document_from_file_bytes(cached_file(vector.sidecar.value("trust", "trust/two-of-three.oak")));
  return *open_trust(file->document, {}).value();
}

/// As read_vector, without the values that it shows: sixty times as many answers in the same time.
bool is_accepted(const std::string& open, ByteView document, const Trust& trust) {
  if (open == "request") return open_request(document).has_value();
  if (open == "activation") return open_activation(document, trust, {}).has_value();
  if (open == "receipt") return open_receipt(document).has_value();
  if (open == "bulletin") return open_bulletin(document, trust, {}).has_value();
  if (open == "key-bulletin") return open_key_bulletin(document, trust).has_value();
  if (open == "issuer-certificate") return open_issuer_certificate(document, trust).has_value();
  if (open == "seat-lease") return open_seat_lease(document, trust, {}).has_value();
  return open_trust(document, {}).has_value();
}

}  // namespace

TEST_CASE("a document cut at any length is refused") {
  // Goal: no beginning of a good document is a good document.
  for (const LoadedVector& one : load_good_documents()) {
    const Bytes document = one.document();
    const Trust trust = trust_of(one);
    REQUIRE(is_accepted(one.open(), document, trust));
    for (std::size_t size = 0; size < document.size(); ++size) {
      INFO(one.name << " cut to " << size);
      const auto answer = split(ByteView(document).first(size), *claimed_type(document));
      REQUIRE_FALSE(answer);
      const Code expected = size == 0 ? Code::empty_input : Code::truncated;
      // One byte of the two that make tag 98 is a tag cut short.
      REQUIRE((answer.error().code == expected || (size == 1 && answer.error().code == Code::bad_envelope)));
    }
  }
}

TEST_CASE("a text form cut at any length is refused") {
  // Goal: a file that was copied halfway says so. The line end behind END may go.
  for (const LoadedVector& one : load_good_documents()) {
    if (one.content.size() > 3000 || one.content[0] == 0xd2 || one.name.starts_with("text-form/spaces")) continue;
    Bytes whole = one.content;
    while (whole.back() == '\n' || whole.back() == '\r') whole.pop_back();
    for (std::size_t size = 0; size < whole.size(); ++size) {
      INFO(one.name << " cut to " << size);
      REQUIRE_FALSE(document_from_file_bytes(ByteView(whole).first(size)));
    }
  }
}

TEST_CASE("a document with any bit flipped is refused") {
  // Goal: every bit counts: structure, headers, payload, chain and signatures. A chain that another document of the type
  // bears too is flipped once.
  std::set<std::pair<std::string, Bytes>> chains;
  for (const LoadedVector& one : load_good_documents()) {
    if (one.name.starts_with("text-form/") && one.name != "text-form/bytes.cbor") continue;  // the same receipt in other clothes
    Bytes document = one.document();
    const Trust trust = trust_of(one);
    const Bytes chain = split(document, *claimed_type(document))->chain;
    const auto chain_at = std::search(document.begin(), document.end(), chain.begin(), chain.end());
    const auto chain_begin = static_cast<std::size_t>(chain_at - document.begin()) * 8;
    const bool skip_chain = !chain.empty() && !chains.insert({one.open(), chain}).second;
    for (std::size_t bit = 0; bit < document.size() * 8; ++bit) {
      if (skip_chain && bit == chain_begin) bit += chain.size() * 8;
      const auto mask = static_cast<std::uint8_t>(1U << bit % 8);
      document[bit / 8] ^= mask;
      if (is_accepted(one.open(), document, trust)) FAIL(one.name << ": bit " << bit << " does not matter");
      document[bit / 8] ^= mask;
    }
  }
}

TEST_CASE("a text form with any bit flipped is refused, but in its comments") {
  // Goal: the armour has one spelling. Comment lines are unsigned and say nothing; white space at line ends is free.
  std::set<std::string> shown;
  for (const LoadedVector& one : load_good_documents()) {
    if (one.name.starts_with("text-form/") || !shown.insert(one.open()).second) continue;  // one of each type
    std::string text(as_text(one.content));
    const Trust trust = trust_of(one);
    const std::size_t begin = text.find("-----BEGIN");
    for (std::size_t bit = begin * 8; bit < text.size() * 8; ++bit) {
      const char before = text[bit / 8];
      text[bit / 8] = static_cast<char>(before ^ (1 << bit % 8));
      const auto armoured = document_from_file_bytes(as_bytes(text));
      const bool accepted = armoured && is_accepted(one.open(), armoured->document, trust);
      if (accepted) FAIL(one.name << ": bit " << bit % 8 << " of '" << before << "' at " << bit / 8 << " does not matter");
      text[bit / 8] = before;
    }
  }
}

TEST_CASE("what core reads it writes again, byte for byte") {
  // Goal: one spelling: no document has a twin that means the same.
  for (const LoadedVector& one : load_good_documents()) {
    INFO(one.name);
    const Bytes document = one.document();
    const DocumentType type = *claimed_type(document);
    const Envelope envelope = split(document, type).value();
    REQUIRE(rewritten(type, envelope.payload) == envelope.payload);
    REQUIRE(vectors::resealed(envelope, labels_of(type).root_signed) == document);
  }
}

TEST_CASE("a payload with any bit flipped is refused, or is another payload with one spelling") {
  // Goal: the decoders alone, without the signature's protection, accept no second spelling of anything.
  std::size_t accepted = 0;
  for (const LoadedVector& one : load_good_documents()) {
    const Bytes document = one.document();
    const DocumentType type = *claimed_type(document);
    Bytes payload = split(document, type)->payload;
    for (std::size_t bit = 0; bit < payload.size() * 8; ++bit) {
      payload[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      const auto reread = rewritten(type, payload);
      if (reread && *reread != payload) FAIL(one.name << ": bit " << bit << " gives a second spelling");
      accepted += reread.has_value();
      payload[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    }
  }
  CHECK(accepted > 1000);  // keys and digests are free: without a signature most flips there must pass
}

TEST_CASE("noise is refused without harm") {
  // Goal: no input, however large or odd, is anything but an error.
  Bytes noise(1 << 20);
  std::uint32_t state = 1;
  for (std::uint8_t& byte : noise) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<std::uint8_t>(state >> 24);
  }
  const auto refused_as_all = [](const Bytes& content) {
    const auto armoured = document_from_file_bytes(content);
    if (armoured) CHECK_FALSE(claimed_type(armoured->document));
  };
  refused_as_all(noise);
  for (const char first : {'\xd2', '\xd8', '\0', '#', '-'}) {
    noise[0] = static_cast<std::uint8_t>(first);
    refused_as_all(noise);
  }
  refused_as_all(Bytes(1 << 20, 0));
  Bytes deep(1 << 20, 0x81);
  deep[0] = 0xd2;
  CHECK(split(deep, DocumentType::request).error().code == Code::too_deep);
  Bytes wide(1 << 20, 0);
  std::copy_n(Bytes{0xd2, 0x9a, 0xff, 0xff, 0xff, 0xff}.begin(), 6, wide.begin());
  CHECK(split(wide, DocumentType::request).error().code == Code::truncated);
  LoadedVector receipt{"", {{"open", "receipt"}}, {}};
  CHECK(refusal(receipt, {}) == Code::empty_input);
}

}  // namespace oak::test
