#pragma once
// A receipt: this machine gave its activation back. Signed by the machine key; encoded and decoded here only.

#include <optional>
#include <string>

#include "core/activation_id.h"
#include "core/envelope.h"

namespace oak {

struct Receipt {
  std::string product;
  std::string licence;
  PublicKey machine_key{};
  std::uint64_t returned_at_unix_s = 0;  ///< by the site's clock: for people
  std::uint64_t generation = 0;
  ActivationId activation{};
  std::optional<ActivationId> successor;  ///< set where a smaller activation took its place
  Bytes ignorable;
};

Bytes encode_receipt(const Receipt& receipt);
Result<Receipt> decode_receipt(ByteView payload);
Bytes seal_receipt(Receipt receipt, const KeyPair& machine);

struct OpenedReceipt {
  Verified<Receipt> receipt;
  Digest document, payload;
};
/// Verifies with the machine key the receipt carries; the desk compares that key with the activation's.
Result<OpenedReceipt> open_receipt(ByteView document);

}  // namespace oak
