#include "core/request.h"

#include "core/cbor.h"
#include "core/fields.h"
#include "core/licence_key.h"
#include "core/version.h"

namespace oak {
namespace {

Bytes encode_supersedes(const Supersedes& supersedes) {
  cbor::Writer writer;
  writer.array(3);
  writer.bytes(supersedes.activation);
  writer.uint(supersedes.generation);
  writer.uint(supersedes.index);
  return writer.take();
}

Result<Supersedes> decode_supersedes(ByteView item) {
  cbor::Reader reader(item);
  const auto count = reader.array();
  if (!count || *count != 3) return bad_field(Field::supersedes, "has the wrong form");
  Supersedes supersedes;
  const auto activation = reader.bytes();
  const auto generation = reader.uint();
  const auto index = reader.uint();
  if (!activation || !generation || !index) return bad_field(Field::supersedes, "has the wrong form");
  const auto id = to_array<16>(*activation);
  if (!id || *generation < 1 || *generation > max_count || *index > max_count) return bad_field(Field::supersedes, "is out of range");
  return Supersedes{*id, *generation, *index};
}

Digest proof_of(Request request, const SymmetricKey& proof_key) {
  request.proof.reset();
  Bytes message;
  const ByteView label = as_bytes("oak/v1/proof");
  message.assign(label.begin(), label.end());
  const Bytes payload = encode_request(request);
  message.insert(message.end(), payload.begin(), payload.end());
  return hmac_sha256(proof_key.view(), message);
}

Status read_identity(FieldReader& fields, Request& request) {
  OAK_ASSIGN(request.product, fields.name(Field::product, max_product_bytes));
  OAK_ASSIGN(request.licence, fields.licence_id(Field::licence));
  OAK_ASSIGN(request.seats, fields.uint(Field::seats, 1, max_seats));
  OAK_ASSIGN(request.version, fields.text(Field::version, max_version_bytes));
  if (!parse_version(request.version)) return bad_field(Field::version, "is not a version");
  OAK_ASSIGN(request.machine_key, fields.key(Field::machine_key));
  OAK_ASSIGN(request.seat_server_key, fields.key(Field::seat_server_key));
  OAK_ASSIGN(request.nonce, fields.bytes<16>(Field::nonce));
  OAK_ASSIGN(request.created_at_unix_s, fields.uint(Field::at, 0, max_unix_s));
  return {};
}

Status read_hardware(FieldReader& fields, Request& request) {
  OAK_ASSIGN(const ByteView fingerprint, fields.item(Field::fingerprint));
  OAK_ASSIGN(request.fingerprint, decode_fingerprint(fingerprint));
  OAK_ASSIGN(request.fingerprint_key, fields.bytes<8>(Field::fingerprint_key));
  if (fields.has(Field::unusable)) {
    OAK_ASSIGN(const ByteView unusable, fields.item(Field::unusable));
    OAK_ASSIGN(request.unusable, decode_unusable(unusable));
  }
  if (fields.has(Field::environment)) {
    OAK_ASSIGN(const ByteView environment, fields.item(Field::environment));
    OAK_ASSIGN(request.environment, decode_environment(environment));
  }
  return {};
}

Status read_wishes(FieldReader& fields, Request& request) {
  OAK_ASSIGN(const auto kind, fields.uint_if(Field::kind, 1, 2));
  if (kind) request.kind = static_cast<Kind>(*kind);
  if (fields.has(Field::supersedes)) {
    OAK_ASSIGN(const ByteView supersedes, fields.item(Field::supersedes));
    OAK_ASSIGN(request.supersedes, decode_supersedes(supersedes));
  }
  OAK_ASSIGN(request.site, fields.text_if(Field::site, max_site_bytes));
  OAK_ASSIGN(request.reason, fields.text_if(Field::reason, max_reason_bytes));
  OAK_ASSIGN(request.accepts, fields.uints(Field::accepts, 1, 16, 255));
  if (fields.has(Field::proof)) {
    OAK_ASSIGN(request.proof, fields.bytes<32>(Field::proof));
  }
  return {};
}

}  // namespace

Bytes encode_request(const Request& request) {
  FieldWriter fields;
  fields.text(Field::product, request.product);
  fields.text(Field::licence, request.licence);
  fields.uint(Field::seats, request.seats);
  fields.text(Field::version, request.version);
  fields.bytes(Field::machine_key, request.machine_key);
  fields.bytes(Field::seat_server_key, request.seat_server_key);
  fields.bytes(Field::nonce, request.nonce);
  fields.uint(Field::at, request.created_at_unix_s);
  fields.item(Field::fingerprint, encode_fingerprint(request.fingerprint));
  fields.bytes(Field::fingerprint_key, request.fingerprint_key);
  if (!request.unusable.empty()) fields.item(Field::unusable, encode_unusable(request.unusable));
  if (!request.environment.empty()) fields.item(Field::environment, encode_environment(request.environment));
  if (request.kind) fields.uint(Field::kind, static_cast<std::uint64_t>(*request.kind));
  if (request.supersedes) fields.item(Field::supersedes, encode_supersedes(*request.supersedes));
  fields.text_unless_empty(Field::site, request.site);
  fields.text_unless_empty(Field::reason, request.reason);
  fields.uints(Field::accepts, request.accepts);
  if (request.proof) fields.bytes(Field::proof, *request.proof);
  if (!request.ignorable.empty()) fields.item(Field::ignorable, request.ignorable);
  return fields.take();
}

Result<Request> decode_request(ByteView payload) {
  OAK_ASSIGN(FieldReader fields, FieldReader::open(payload));
  Request request;
  OAK_TRY(read_identity(fields, request));
  OAK_TRY(read_hardware(fields, request));
  OAK_TRY(read_wishes(fields, request));
  OAK_ASSIGN(request.ignorable, fields.finish());
  return request;
}

Bytes seal_request(Request request, const KeyPair& machine, const SymmetricKey* proof_key) {
  request.machine_key = machine.public_key;
  request.proof.reset();
  if (proof_key) request.proof = proof_of(request, *proof_key);
  return seal_sign1(DocumentType::request, encode_request(request), machine);
}

Result<OpenedRequest> open_request(ByteView document) {
  OAK_ASSIGN(const Envelope envelope, split(document, DocumentType::request));
  OAK_ASSIGN(Request request, decode_request(envelope.payload));
  OAK_TRY(verify_sign1(envelope, request.machine_key));
  return OpenedRequest{Opening::verified(std::move(request)), sha256(document), payload_hash(envelope)};
}

bool is_proved(const Request& request, const SymmetricKey& proof_key) {
  return request.proof && equal_constant_time(*request.proof, proof_of(request, proof_key));
}

}  // namespace oak
