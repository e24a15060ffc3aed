#pragma once
// Ledger leaves: what happened at the desk, one entry each (docs/format-desk.md, "Ledger leaves"). Encoded and decoded here
// only. Everything the desk knows of seats, generations and terms can be recomputed from them.

#include <string>
#include <variant>
#include <vector>

#include "core/activation_id.h"
#include "issuer/licence.h"

namespace oak {

/// Wire numbers; append-only.
enum class LeafKind : std::uint8_t {
  licence_added = 1,
  licence_changed = 2,
  product_changed = 3,
  key_certified = 4,
  issued = 5,
  superseded = 6,
  returned = 7,
  revoked = 8,
  bulletin_signed = 9,
  roots_changed = 10,
};
std::string_view leaf_kind_name(LeafKind kind);

struct LicenceLeaf {
  Licence licence;
};
struct ProductLeaf {
  ProductTerms terms;
};
struct KeyLeaf {
  Bytes certificate;  ///< an issuer certificate document
};
struct IssuedLeaf {
  std::string licence;
  Digest request{};                    ///< payload hash
  Bytes activation;                    ///< the whole document
  std::vector<std::string> approvals;  ///< refusal codes that the operator approved, ascending
  bool uses_quota = false;
  std::uint64_t counted_seats = 0;  ///< what it stands for in the sum: more than its own while a receipt is owed
};
/// Superseded or revoked.
struct EndedLeaf {
  ActivationId activation{};
  Bytes by;  ///< activation id of the successor, or empty
};
struct ReturnedLeaf {
  ActivationId activation{};
  Bytes receipt;                       ///< the whole document
  std::vector<std::string> approvals;  ///< as of an issued leaf
  bool uses_quota = false;
};
/// A bulletin of an issuer or of the roots, or a new trust, as handed out.
struct PublishedLeaf {
  Bytes document;
};

struct Leaf {
  std::uint64_t index = 0;
  LeafKind kind = LeafKind::licence_added;
  std::uint64_t at_unix_s = 0;
  std::string operator_name;
  std::string reason;  ///< may be empty
  std::variant<LicenceLeaf, ProductLeaf, KeyLeaf, IssuedLeaf, EndedLeaf, ReturnedLeaf, PublishedLeaf> body;
};

Bytes encode_leaf(const Leaf& leaf);
/// ledger_damaged for anything that encode_leaf would not write.
Result<Leaf> decode_leaf(ByteView bytes);

}  // namespace oak
