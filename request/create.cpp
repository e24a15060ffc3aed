#include "request/create.h"

#include <algorithm>

#include "core/activation.h"
#include "core/document_type.h"
#include "core/fields.h"
#include "core/text.h"
#include "verifier/chain.h"
#include "verifier/store.h"

namespace oak {
namespace {

tl::unexpected<Failure> usage(std::string message, std::string hint) {
  return tl::unexpected(Failure{Code::usage, std::move(message), std::move(hint)});
}

Outcome<void> check_input(const CreateInput& input) {
  if (!is_name(input.product, max_product_bytes))
    return usage("--product " + in_quotes(input.product) + " is not a product's name",
                 "letters, digits, dot, dash and underscore, at most 40, as your vendor writes it");
  if (!parse_version(input.version))
    return usage("--version " + in_quotes(input.version) + " is not a version", "for example --version 3.5.1");
  if (input.seats < 1 || input.seats > max_seats) return usage("--seats is out of range", "ask for 1 to 1,000,000 seats");
  if (input.site.size() > max_site_bytes || has_control_characters(input.site))
    return usage("--site has control characters or more than 120 bytes", "use one short line of text");
  if (input.reason.size() > max_reason_bytes || has_control_characters(input.reason))
    return usage("--reason has control characters or more than 240 bytes", "use one short line of text");
  return {};
}

/// The newest stored activation of the licence, unverified: it only says what the request supersedes, and the desk
/// compares that with its own ledger. Damage elsewhere in the state must not keep a request from being made. Fails only where the
/// state can't be read and the machine would have to speak for itself: "there is none" would be a wrong answer then.
Result<std::optional<UnverifiedActivation>> newest_stored(const Store& store, const CreateInput& input) {
  const auto documents = store.documents(input.product);
  if (!documents && !input.licence_key) return tl::unexpected(documents.error());
  if (!documents) return std::optional<UnverifiedActivation>{};
  const auto marks = store.marks(input.product);
  const bool have_marks = marks && marks->has_value();
  std::optional<UnverifiedActivation> newest;
  for (const StoredDocument& stored : documents->activations) {
    if (!stored.document) continue;
    auto read = read_activation_unverified(*stored.document);
    if (!read || read->activation.product != input.product) continue;
    if (input.licence_key && input.licence_key->licence_id != read->activation.licence) continue;
    if (input.follows && *input.follows != read->id) continue;
    if (have_marks && (*marks)->is_returned(read->id)) continue;
    if (!newest || newest->activation.generation < read->activation.generation) newest = std::move(*read);
  }
  return newest;
}

/// The key that the digests are made with. The stored one is kept as long as it serves, so that the desk can compare
/// the new fingerprint with the old baseline, even after the licence got another key.
Outcome<SymmetricKey> choose_fingerprint_key(Store& store, const CreateInput& input, const std::optional<UnverifiedActivation>& old) {
  if (old && input.site_secret.empty()) {
    auto stored = store.fingerprint_key(input.product, old->activation.fingerprint_key);
    if (stored) return std::move(stored->key);
    if (!input.licence_key && stored.error().code != Code::fingerprint_key_missing && stored.error().code != Code::damaged_state)
      return tl::unexpected(state_failure(stored.error()));
  }
  if (!input.licence_key)
    return tl::unexpected(
        Failure{Code::fingerprint_key_missing,
                "the licence key is needed: this machine has no activation of " + in_quotes(input.product) + " with its fingerprint key",
                "add --licence-key-file FILE, or run it on a terminal and type the key"});
  SymmetricKey key = fingerprint_key_of(*input.licence_key, input.product, input.site_secret);
  const auto written = store.put_fingerprint_key(input.product, input.licence_key->licence_id, key);
  if (!written) return tl::unexpected(state_failure(written.error()));
  return key;
}

/// A key file that is damaged is put aside, not overwritten: the request must be possible all the same.
Outcome<KeyPair> take_key_pair(Store& store, const CreateInput& input, MachineKey which, Random& random,
                               std::vector<std::string>& warnings) {
  auto key = store.key_pair_or_make(input.product, which, random);
  if (!key && key.error().code == Code::damaged_state) {
    warnings.push_back("the key file " + in_quotes(key.error().context) +
                       " is damaged and was put aside; a new key was made, and the vendor's operator must approve it");
    if (auto aside = store.set_key_aside(input.product, which); !aside) return tl::unexpected(state_failure(aside.error()));
    key = store.key_pair_or_make(input.product, which, random);
  }
  if (!key) return tl::unexpected(state_failure(key.error()));
  return std::move(*key);
}

std::vector<std::uint64_t> readable_types() {
  return {static_cast<std::uint64_t>(DocumentType::activation), static_cast<std::uint64_t>(DocumentType::bulletin),
          static_cast<std::uint64_t>(DocumentType::key_bulletin)};
}

void describe_machine(const Facts& facts, const SymmetricKey& fingerprint_key, Request& request) {
  const std::vector<Observation> seen = observe(facts, fingerprint_key);
  request.fingerprint = enrol(seen);
  request.fingerprint_key = fingerprint_key_id(fingerprint_key);
  request.unusable = unusable_of(seen);
  request.environment = facts.environment;
}

/// The bytes of an earlier request, where it asked for just this: only what is new each time may differ.
std::optional<Bytes> repeated(Request request, const Bytes& earlier, const KeyPair& machine_key, const SymmetricKey* proof_key) {
  const auto opened = open_request(earlier);
  if (!opened) return std::nullopt;
  request.nonce = opened->request->nonce;
  request.created_at_unix_s = opened->request->created_at_unix_s;
  Bytes again = seal_request(std::move(request), machine_key, proof_key);
  if (again != earlier) return std::nullopt;
  return again;
}

}  // namespace

bool can_create_without_licence_key(const Machine& machine, const std::string& product) {
  if (!is_name(product, max_product_bytes)) return false;
  const Store store(machine.disk, machine.state_dir, machine.own_uid);
  const auto old = newest_stored(store, {.product = product, .version = {}, .site = {}, .reason = {}, .site_secret = {}});
  return old && *old && store.fingerprint_key(product, (*old)->activation.fingerprint_key) && store.key_pair(product, MachineKey::machine);
}

Outcome<Created> create_request(const Machine& machine, const Facts& facts, Random& random, const CreateInput& input) {
  OAK_TRY(check_input(input));
  Store store(machine.disk, machine.state_dir, machine.own_uid);
  const auto stored = newest_stored(store, input);
  if (!stored) return tl::unexpected(state_failure(stored.error()));
  const std::optional<UnverifiedActivation>& old = *stored;
  Created out;
  Request& request = out.request;
  OAK_ASSIGN(const SymmetricKey fingerprint_key, choose_fingerprint_key(store, input, old));
  describe_machine(facts, fingerprint_key, request);
  if (request.fingerprint.members.empty())
    return tl::unexpected(Failure{Code::no_usable_hardware, "nothing on this machine identifies it",
                                  "run it as root on the machine itself, and see: oak-machine-id show"});
  OAK_ASSIGN(const KeyPair machine_key, take_key_pair(store, input, MachineKey::machine, random, out.warnings));
  OAK_ASSIGN(const KeyPair server_key, take_key_pair(store, input, MachineKey::seat_server, random, out.warnings));
  request.product = input.product;
  request.licence = input.licence_key ? input.licence_key->licence_id : old->activation.licence;
  request.seats = input.seats;
  request.version = input.version;
  request.seat_server_key = server_key.public_key;
  request.nonce = random_bytes<16>(random);
  request.created_at_unix_s = std::min(machine.clock.now_unix_s(), max_unix_s);
  if (old) request.supersedes = {old->id, old->activation.generation, old->activation.index};
  request.site = input.site.empty() && old ? old->activation.site : input.site;
  request.reason = input.reason;
  request.kind = input.kind;
  request.accepts = readable_types();
  std::optional<SymmetricKey> proof_key;
  if (input.licence_key) proof_key = proof_key_of(*input.licence_key);
  const SymmetricKey* const proving = proof_key ? &*proof_key : nullptr;
  auto again = input.earlier ? repeated(request, *input.earlier, machine_key, proving) : std::nullopt;
  out.document = again ? std::move(*again) : seal_request(request, machine_key, proving);
  request.machine_key = machine_key.public_key;
  out.document_hash = sha256(out.document);
  out.strong = is_strong(request.fingerprint);
  return out;
}

}  // namespace oak
