#include "core/receipt.h"

#include "core/fields.h"
#include "core/licence_key.h"

namespace oak {

Bytes encode_receipt(const Receipt& receipt) {
  FieldWriter fields;
  fields.text(Field::product, receipt.product);
  fields.text(Field::licence, receipt.licence);
  fields.bytes(Field::machine_key, receipt.machine_key);
  fields.uint(Field::at, receipt.returned_at_unix_s);
  fields.uint(Field::generation, receipt.generation);
  fields.bytes(Field::activation, receipt.activation);
  if (!receipt.ignorable.empty()) fields.item(Field::ignorable, receipt.ignorable);
  if (receipt.successor) fields.bytes(Field::successor, *receipt.successor);
  return fields.take();
}

Result<Receipt> decode_receipt(ByteView payload) {
  OAK_ASSIGN(FieldReader fields, FieldReader::open(payload));
  Receipt receipt;
  OAK_ASSIGN(receipt.product, fields.name(Field::product, max_product_bytes));
  OAK_ASSIGN(receipt.licence, fields.licence_id(Field::licence));
  OAK_ASSIGN(receipt.machine_key, fields.key(Field::machine_key));
  OAK_ASSIGN(receipt.returned_at_unix_s, fields.uint(Field::at, 0, max_unix_s));
  OAK_ASSIGN(receipt.generation, fields.uint(Field::generation, 1, max_count));
  OAK_ASSIGN(receipt.activation, fields.bytes<16>(Field::activation));
  if (fields.has(Field::successor)) {
    OAK_ASSIGN(receipt.successor, fields.bytes<16>(Field::successor));
  }
  OAK_ASSIGN(receipt.ignorable, fields.finish());
  return receipt;
}

Bytes seal_receipt(Receipt receipt, const KeyPair& machine) {
  receipt.machine_key = machine.public_key;
  return seal_sign1(DocumentType::receipt, encode_receipt(receipt), machine);
}

Result<OpenedReceipt> open_receipt(ByteView document) {
  OAK_ASSIGN(const Envelope envelope, split(document, DocumentType::receipt));
  OAK_ASSIGN(Receipt receipt, decode_receipt(envelope.payload));
  OAK_TRY(verify_sign1(envelope, receipt.machine_key));
  return OpenedReceipt{Opening::verified(std::move(receipt)), sha256(document), payload_hash(envelope)};
}

}  // namespace oak
