#include "issuer/unsealing.h"

#include "core/sealed_request.h"
#include "core/text.h"

namespace oak {

Outcome<Bytes> unsealed(ByteView document, const IssuingKeys& keys, const std::string& what) {
  if (!is_sealed_request(document)) return Bytes(document.begin(), document.end());
  if (!keys.sealing_seed)
    return tl::unexpected(Failure{Code::permission_denied, in_quotes(what) + " is sealed, and the desk's key is not unlocked",
                                  "give the passphrase of the key desk: --passphrase-file FILE"});
  auto request = unseal_request(document, *keys.sealing_seed);
  if (request) return std::move(*request);
  if (request.error().code == Code::unknown_key)
    return tl::unexpected(Failure{Code::unknown_key, in_quotes(what) + " was sealed for another desk",
                                  "ask the site to seal it with this desk's trust (oak-issuer trust --out FILE), or not to seal it"});
  return tl::unexpected(explain(request.error(), in_quotes(what)));
}

}  // namespace oak
