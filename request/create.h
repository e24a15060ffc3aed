#pragma once
// Makes a request on the machine that asks: fingerprint, keys, proof, signature. Ends nothing and works in every
// state, above all in the failed ones.

#include <optional>
#include <string>
#include <vector>

#include "core/failure.h"
#include "core/licence_key.h"
#include "core/request.h"
#include "machine-id/collect.h"
#include "verifier/machine.h"

namespace oak {

struct CreateInput {
  std::string product;
  std::string version;
  std::uint64_t seats = 1;
  std::string site;
  std::string reason;
  const LicenceKey* licence_key = nullptr;  ///< nullptr: the machine key speaks for the stored activation
  Bytes site_secret;
  std::optional<Kind> kind = std::nullopt;             ///< nullopt: whatever the desk grants
  std::optional<ActivationId> follows = std::nullopt;  ///< this stored activation, and none other; nullopt: the newest
  std::optional<Bytes> earlier = std::nullopt;         ///< a request of this machine: made again to the byte where it asks for the same
};

struct Created {
  Bytes document;
  Request request;
  Digest document_hash{};
  bool strong = false;
  std::vector<std::string> warnings;
};

/// True where a request could be made without a licence key: an activation of the product is stored, with the keys.
bool can_create_without_licence_key(const Machine& machine, const std::string& product);

/// Makes and stores the machine's keys where they are missing, and the fingerprint key, before the request exists.
/// `facts` is what was collected. Failures: usage (a bad name, version, seats, text), fingerprint_key_missing (no
/// licence key and nothing stored), no_usable_hardware, and the store's.
Outcome<Created> create_request(const Machine& machine, const Facts& facts, Random& random, const CreateInput& input);

}  // namespace oak
