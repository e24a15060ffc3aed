#include "seats/authority.h"

#include "core/text.h"
#include "verifier/store.h"

namespace oak::seats {

namespace {

/// A copy is believed as the state's own file is: root's or the caller's, and nobody else may read it.
Result<KeyPair> read_key(const Machine& machine, const Store& store, const std::string& product, const std::string& copy) {
  if (copy.empty()) return store.key_pair(product, MachineKey::seat_server);
  OAK_ASSIGN(FileBytes read, machine.disk.read(copy, max_key_file_bytes));
  const SecretBytes file(std::move(read.bytes));
  if ((read.owner != 0 && read.owner != machine.own_uid) || (read.mode & 0077) != 0) return fail(Code::unsafe_file, copy);
  auto seed = decode_key_pair_file("oak/v1/seat-server-key", file.view());
  if (!seed) return fail(Code::damaged_state, copy);
  const PublicKey public_key = public_key_of(*seed);
  return KeyPair{std::move(*seed), public_key};
}

}  // namespace

Outcome<Authority> find_authority(const Machine& machine, const TrustSource& trust, const std::string& product,
                                  const std::string& server_key) {
  OAK_ASSIGN(Check check, Check::load(machine, trust, product));
  Authority out;
  OAK_ASSIGN(out.answer, check.answer({}));
  const Store store(machine.disk, machine.state_dir, machine.own_uid);
  auto key = read_key(machine, store, product, server_key);
  if (!key && key.error().code == Code::not_found) {
    if (out.answer.verdict != Verdict::active) return out;  // its verdict says what is missing
    return tl::unexpected(Failure{Code::not_found, "this machine lacks the seat server's key of " + in_quotes(product),
                                  "it was made with the request: ask for a new activation with oak-request create"});
  }
  if (!key) return tl::unexpected(state_failure(key.error()));
  out.key = std::move(*key);
  const auto documents = store.documents(product);
  if (!documents) return tl::unexpected(state_failure(documents.error()));
  for (const StoredDocument& stored : documents->activations) {
    if (!stored.document) continue;
    const auto read = read_activation_unverified(*stored.document);
    if (read && out.answer.activation && read->id == out.answer.id) out.document = *stored.document;
  }
  if (out.is_active() && out.answer.activation->seat_server_key != out.key.public_key)
    return tl::unexpected(Failure{Code::wrong_machine,
                                  "the activation of " + in_quotes(product) + " carries another seat server's key than this machine has",
                                  "ask for a new activation: oak-request create --product " + product});
  return out;
}

}  // namespace oak::seats
