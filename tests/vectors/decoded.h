#pragma once
// Decoded documents as the sidecars show them: every field under its name, bytes in hex.

#include "core/activation.h"
#include "core/bulletin.h"
#include "core/receipt.h"
#include "core/seat_lease.h"
#include "tests/vectors/vector_set.h"

namespace oak::vectors {

Json fields_of(const Request& request);
Json fields_of(const Activation& activation);
Json fields_of(const Trust& trust);
Json fields_of(const IssuerCertificate& certificate);
Json fields_of(const Receipt& receipt);
Json fields_of(const Bulletin& bulletin);
Json fields_of(const KeyBulletin& bulletin);
Json fields_of(const SeatLease& lease);

/// "document", "phone", "payload" of a document in its envelope.
Json names_of(ByteView document, DocumentType type);

}  // namespace oak::vectors
