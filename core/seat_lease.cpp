#include "core/seat_lease.h"

#include "core/fields.h"
#include "core/licence_key.h"

namespace oak {
namespace {
constexpr std::uint64_t max_ttl_s = 86400;
}

Bytes encode_seat_lease(const SeatLease& lease) {
  FieldWriter fields;
  fields.text(Field::product, lease.product);
  fields.text(Field::licence, lease.licence);
  fields.uint(Field::at, lease.issued_at_unix_s);
  if (lease.not_after_unix_s) fields.uint(Field::not_after, *lease.not_after_unix_s);
  fields.bytes(Field::activation, lease.activation);
  if (!lease.ignorable.empty()) fields.item(Field::ignorable, lease.ignorable);
  fields.bytes(Field::computer_key, lease.computer_key);
  fields.bytes(Field::lease, lease.lease);
  fields.uint(Field::ttl_s, lease.ttl_s);
  fields.uint(Field::counter, lease.counter);
  return fields.take();
}

Result<SeatLease> decode_seat_lease(ByteView payload) {
  OAK_ASSIGN(FieldReader fields, FieldReader::open(payload));
  SeatLease lease;
  OAK_ASSIGN(lease.product, fields.name(Field::product, max_product_bytes));
  OAK_ASSIGN(lease.licence, fields.licence_id(Field::licence));
  OAK_ASSIGN(lease.issued_at_unix_s, fields.uint(Field::at, 0, max_unix_s));
  OAK_ASSIGN(lease.not_after_unix_s, fields.uint_if(Field::not_after, 0, max_unix_s));
  OAK_ASSIGN(lease.activation, fields.bytes<16>(Field::activation));
  OAK_ASSIGN(lease.computer_key, fields.key(Field::computer_key));
  OAK_ASSIGN(lease.lease, fields.bytes<16>(Field::lease));
  OAK_ASSIGN(lease.ttl_s, fields.uint(Field::ttl_s, 1, max_ttl_s));
  OAK_ASSIGN(lease.counter, fields.uint(Field::counter, 0, UINT64_MAX));
  OAK_ASSIGN(lease.ignorable, fields.finish());
  return lease;
}

Bytes seal_seat_lease(const SeatLease& lease, const KeyPair& server, ByteView activation_document) {
  return seal_sign1(DocumentType::seat_lease, encode_seat_lease(lease), server, activation_document);
}

Result<OpenedSeatLease> open_seat_lease(ByteView document, const Trust& trust, std::string_view product) {
  OAK_ASSIGN(const Envelope envelope, split(document, DocumentType::seat_lease));
  if (envelope.chain.empty()) return fail(Code::bad_envelope, "the server's activation is missing");
  OAK_ASSIGN(OpenedActivation activation, open_activation(envelope.chain, trust, product));
  OAK_TRY(verify_sign1(envelope, activation.activation->seat_server_key));
  OAK_ASSIGN(SeatLease lease, decode_seat_lease(envelope.payload));
  if (lease.product != activation.activation->product || lease.licence != activation.activation->licence ||
      lease.activation != activation.id)
    return bad_field(Field::activation, "is not the server's");
  return OpenedSeatLease{Opening::verified(std::move(lease)), std::move(activation)};
}

Result<Verified<SeatLease>> open_seat_lease_pinned(ByteView document, const PublicKey& server_key) {
  OAK_ASSIGN(const Envelope envelope, split(document, DocumentType::seat_lease));
  OAK_TRY(verify_sign1(envelope, server_key));
  OAK_ASSIGN(SeatLease lease, decode_seat_lease(envelope.payload));
  return Opening::verified(std::move(lease));
}

}  // namespace oak
