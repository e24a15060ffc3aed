#include "core/document_type.h"

#include <iterator>

namespace oak {
namespace {

// g++ 12 puts a std::array that is declared without its arguments where it can be written.
constexpr DocumentLabels table[] = {
    DocumentLabels{DocumentType::request, "oak/v1/request", "oak/request.v1", "OAK REQUEST", "request", false},
    DocumentLabels{DocumentType::activation, "oak/v1/activation", "oak/activation.v1", "OAK ACTIVATION", "activation", false},
    DocumentLabels{DocumentType::receipt, "oak/v1/receipt", "oak/receipt.v1", "OAK RECEIPT", "receipt", false},
    DocumentLabels{DocumentType::bulletin, "oak/v1/bulletin", "oak/bulletin.v1", "OAK BULLETIN", "bulletin", false},
    DocumentLabels{DocumentType::key_bulletin, "oak/v1/key-bulletin", "oak/key-bulletin.v1", "OAK KEY BULLETIN", "key bulletin", true},
    DocumentLabels{DocumentType::trust, "oak/v1/trust", "oak/trust.v1", "OAK TRUST", "trust", true},
    DocumentLabels{DocumentType::issuer_certificate, "oak/v1/issuer", "oak/issuer.v1", "OAK ISSUER CERTIFICATE", "issuer certificate",
                   true},
    DocumentLabels{DocumentType::seat_lease, "oak/v1/seat-lease", "oak/seat-lease.v1", "OAK SEAT LEASE", "seat lease", false},
};

}  // namespace

const DocumentLabels& labels_of(DocumentType type) { return table[static_cast<std::size_t>(type) - 1]; }

const DocumentLabels* labels_by_typ(std::string_view typ) {
  for (const DocumentLabels& labels : table)
    if (labels.typ == typ) return &labels;
  return nullptr;
}

const DocumentLabels* labels_by_armour(std::string_view label) {
  for (const DocumentLabels& labels : table)
    if (labels.armour == label) return &labels;
  return nullptr;
}

}  // namespace oak
