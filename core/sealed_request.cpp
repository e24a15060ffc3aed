#include "core/sealed_request.h"

#include "core/armour.h"
#include "core/cbor.h"
#include "core/envelope.h"

namespace oak {
namespace {

constexpr std::string_view label = "oak/v1/sealed-request";
constexpr std::uint8_t array_of_three = 0x83;

tl::unexpected<Error> malformed() { return fail(Code::bad_envelope, "it has not the parts of a sealed request"); }

}  // namespace

bool is_sealed_request(ByteView document) { return !document.empty() && document[0] == array_of_three; }

Bytes encode_sealed_request(const SealedRequest& sealed) {
  cbor::Writer writer;
  writer.array(3);
  writer.text(label);
  writer.bytes(sealed.sealing_key);
  writer.bytes(sealed.box);
  return writer.take();
}

Result<SealedRequest> decode_sealed_request(ByteView document) {
  if (document.empty()) return fail(Code::empty_input);
  if (document.size() > max_document_bytes) return fail(Code::too_large);
  OAK_TRY(cbor::check(document));
  cbor::Reader reader(document);
  if (reader.array() != std::size_t{3}) return malformed();
  const auto found = reader.text();
  if (!found) return malformed();
  if (*found != label) return fail(Code::wrong_type, std::string(*found));
  const auto sealing_key = reader.bytes(), box = reader.bytes();
  if (!sealing_key || !box) return malformed();
  const auto id = to_array<8>(*sealing_key);
  if (!id) return malformed();
  return SealedRequest{*id, Bytes(box->begin(), box->end())};
}

Result<DocumentNames> names_of(ByteView document) {
  if (is_sealed_request(document)) {
    OAK_TRY(decode_sealed_request(document));
    return DocumentNames{sealed_request_armour, "sealed request"};
  }
  OAK_ASSIGN(const DocumentType type, claimed_type(document));
  return DocumentNames{labels_of(type).armour, labels_of(type).word};
}

Result<Bytes> seal_for_desk(ByteView request_document, const PublicKey& sealing_key, Random& random) {
  OAK_ASSIGN(Bytes box, seal_for(sealing_key, request_document, random));
  Bytes out = encode_sealed_request({key_id(sealing_key), std::move(box)});
  if (out.size() > max_document_bytes) return fail(Code::too_large);
  return out;
}

Result<Bytes> unseal_request(ByteView document, const Seed& sealing_seed) {
  OAK_ASSIGN(const SealedRequest sealed, decode_sealed_request(document));
  if (sealed.sealing_key != key_id(sealing_public_key_of(sealing_seed))) return fail(Code::unknown_key, "it was sealed for another desk");
  return open_sealed(sealing_seed, sealed.box);
}

}  // namespace oak
