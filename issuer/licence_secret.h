#pragma once
// The secret of a licence's key as it lies in the ledger, under the ledger key (docs/format-desk.md, "Licence secrets").

#include "core/licence_key.h"
#include "issuer/ledger.h"

namespace oak {

SealedSecret seal_licence_secret(const LicenceKey& key, std::uint64_t number, const SymmetricKey& ledger_key, Random& random);
/// bad_signature where it is not this licence's, of that key number, under that key.
Result<LicenceKey> open_licence_secret(std::string_view licence, std::uint64_t number, const SealedSecret& sealed,
                                       const SymmetricKey& ledger_key);
/// The licence's present secret, decrypted.
Result<LicenceKey> read_licence_secret(Ledger& ledger, const Licence& licence, const SymmetricKey& ledger_key);

}  // namespace oak
