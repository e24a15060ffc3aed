#pragma once
// The kinds of signed documents, and the labels that keep one from being used as another.

#include <cstdint>
#include <string_view>

namespace oak {

enum class DocumentType : std::uint8_t {
  request = 1,
  activation = 2,
  receipt = 3,
  bulletin = 4,      ///< an issuer's, about its own activations
  key_bulletin = 5,  ///< the roots', about keys
  trust = 6,
  issuer_certificate = 7,
  seat_lease = 8,
};

struct DocumentLabels {
  DocumentType type;
  std::string_view aad;     ///< external_aad: "oak/v1/activation"
  std::string_view typ;     ///< protected header 16: "oak/activation.v1"
  std::string_view armour;  ///< "OAK ACTIVATION"
  std::string_view word;    ///< for messages: "activation"
  bool root_signed;         ///< COSE_Sign with k of n, else COSE_Sign1
};

const DocumentLabels& labels_of(DocumentType type);
/// nullptr where no document type has this header value.
const DocumentLabels* labels_by_typ(std::string_view typ);
const DocumentLabels* labels_by_armour(std::string_view label);

}  // namespace oak
