#pragma once
// Asks the vendor's server for the certificate that follows one which ends soon (docs/format-serve.md, "What the site does"). A
// permanent activation is never replaced, and nothing is asked before its time; without a server everything stays as it is.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/failure.h"
#include "core/licence_key.h"
#include "machine-id/collect.h"
#include "verifier/answer.h"
#include "verifier/machine.h"
#include "verifier/trust_source.h"

namespace oak {

struct ServedRefusal {
  std::string code, message, remedy;  ///< as they came: whoever shows them escapes them
};
/// What a server said.
struct ServedAnswer {
  unsigned status = 0;
  std::string body;
};
/// The vendor's server; handed in, so that the rules are tried without a network.
class CertificateServer {
 public:
  virtual ~CertificateServer() = default;
  /// unreachable, wrong_server, or bad_answer where what came is no HTTP or too large. The request may have been answered all the same.
  virtual Result<ServedAnswer> ask(ByteView request) = 0;
};

struct RefreshInput {
  std::string product;
  std::string version;                      ///< empty: the lowest that the certificate before covers
  const LicenceKey* licence_key = nullptr;  ///< of a first certificate; else the machine key speaks
  std::uint64_t seats = 1;                  ///< of a first certificate
  std::string site;                         ///< of a first certificate; else as before
  Bytes site_secret;
};

/// How one licence came out of it.
struct Refreshed {
  enum class What {
    not_due,    ///< nothing was sent
    permanent,  ///< nothing was sent: there is nothing to renew
    covered,    ///< nothing was sent: a permanent activation of another licence stands for all that it would
    stored,     ///< the new one is in the store
    no_answer,  ///< nobody could answer now; `failure` says why
    too_early,  ///< the desk says so: one of the two clocks is wrong, and no harm done
    refused,
    failed,  ///< the answer can't be used, or the request can't be made; `failure`
  };
  What what = What::not_due;
  std::string licence;
  std::optional<Activation> activation;  ///< the new one where it is stored, else the one before, if any
  ActivationId id{};
  std::vector<ServedRefusal> refusals;
  std::optional<Failure> failure;
  std::vector<std::string> warnings;
};

struct RefreshWorld {
  Machine machine;
  Random& random;
  std::function<Facts()> look;  ///< at the hardware; only where something is asked
};

/// One result for each licence of the product that has an activation here, and for the licence key's where it has none; none where
/// there is nothing. Failures: usage, trust or state that can't be used.
Outcome<std::vector<Refreshed>> refresh(const RefreshWorld& world, const TrustSource& source, const RefreshInput& input,
                                        CertificateServer& server);

}  // namespace oak
