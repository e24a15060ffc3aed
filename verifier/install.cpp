#include "verifier/install.h"

#include "core/armour.h"
#include "core/text.h"
#include "machine-id/snapshot.h"
#include "verifier/advice.h"
#include "verifier/answer.h"
#include "verifier/chain.h"
#include "verifier/install_bulletin.h"

namespace oak {
namespace {

tl::unexpected<Failure> refuse(const InstallInput& input, const Error& error, std::string_view hint = {}) {
  return tl::unexpected(explain(error, "cannot install " + in_quotes(input.name), hint));
}

/// The activation with what the store knows about it, before anything is changed.
struct Arrival {
  OpenedActivation opened;
  Marks marks;
  bool stored_already = false;
  std::vector<UnverifiedActivation> larger;  ///< older ones of its licence, of more seats
};

Code code_of(Verdict verdict) {
  if (verdict == Verdict::returned) return Code::returned;
  return verdict == Verdict::superseded ? Code::superseded : Code::revoked;
}

/// Unverified: only for what is said of them.
void find_larger(const StoredDocuments& stored, Arrival& arrival) {
  const Activation& arrived = *arrival.opened.activation;
  for (const StoredDocument& other : stored.activations) {
    auto read = other.document ? read_activation_unverified(*other.document) : fail(Code::not_found);
    if (!read || read->activation.licence != arrived.licence || read->activation.generation >= arrived.generation) continue;
    if (read->activation.seats > arrived.seats && !arrival.marks.is_returned(read->id)) arrival.larger.push_back(std::move(*read));
  }
}

/// Stages 1 to 6 of a check, for a document that is not in the store yet.
Outcome<Arrival> open_arrival(const Machine& machine, const Store& store, const TrustSource& source, const InstallInput& input,
                              ByteView document) {
  const auto claimed = read_activation_unverified(document);
  if (!claimed) return refuse(input, claimed.error());
  const std::string& product = claimed->activation.product;
  OAK_ASSIGN(const FoundTrust found, find_trust(machine.disk, source, product));
  OAK_ASSIGN(const Trust trust, require_trust(found, product));
  const auto stored = store.documents(product);
  if (!stored) return tl::unexpected(state_failure(stored.error()));
  const HeldBulletins held = open_stored_bulletins(stored->bulletins, trust, product);
  auto opened = open_activation(document, held.trusts, product);
  if (!opened) return refuse(input, opened.error());
  OAK_ASSIGN(Marks marks, marks_to_change(store, *stored, product));
  if (const auto verdict = judge_standing(*opened, marks, held.revocations))
    return refuse(input, {code_of(*verdict), "activation " + activation_id_text(opened->id)},
                  *verdict == Verdict::superseded
                      ? "import the newest activation of licence " + opened->activation->licence
                      : "ask for a new activation: oak-request create --product " + product + " --version VERSION");
  Arrival arrival{std::move(*opened), std::move(marks), false, {}};
  find_larger(*stored, arrival);
  for (const StoredDocument& other : stored->activations)
    arrival.stored_already |= other.document && other.document->size() == document.size() &&
                              std::equal(document.begin(), document.end(), other.document->begin());
  return arrival;
}

struct FoundKey {
  SymmetricKey key;
  bool derived = false;  ///< from the licence key, and not stored yet
};

/// The licence key brings back the fingerprint key that a reinstalled machine has lost.
Outcome<FoundKey> find_fingerprint_key(const Store& store, const InstallInput& input, const Activation& activation) {
  auto stored = store.fingerprint_key(activation.product, activation.fingerprint_key);
  if (stored) return FoundKey{std::move(stored->key), false};
  const Error& error = stored.error();
  if (error.code != Code::fingerprint_key_missing && error.code != Code::damaged_state) return tl::unexpected(state_failure(error));
  if (input.licence_key == nullptr)
    return refuse(input, {error.code, error.context},
                  "give the key of licence " + activation.licence +
                      ": --licence-key-file FILE (and --site-secret-file, where the request was made with one)");
  if (input.licence_key->licence_id != activation.licence)
    return refuse(input, {Code::wrong_licence_key, "it is for " + activation.licence + ", the key for " + input.licence_key->licence_id});
  FoundKey derived{fingerprint_key_of(*input.licence_key, activation.product, input.site_secret), true};
  if (fingerprint_key_id(derived.key) != activation.fingerprint_key)
    return refuse(input, {Code::wrong_licence_key, "the fingerprint was made with another key"},
                  input.site_secret.empty() ? "was the request made with a site secret? then add --site-secret-file FILE"
                                            : "check that --site-secret-file names the file that the request was made with");
  return derived;
}

Outcome<Judgement> accept_hardware(const Machine& machine, const InstallInput& input, const Activation& activation,
                                   const SymmetricKey& key) {
  const Sighting seen = observe_with_snapshot(machine.disk, machine.host, collect_components(machine.host), activation.product, key);
  Judgement hardware = judge(activation.fingerprint, seen.observations, activation.policy);
  if (hardware.accept) return hardware;
  std::string context = "score " + std::to_string(hardware.score) + " of " + std::to_string(hardware.enrolled) + ", " +
                        std::to_string(hardware.needed) + " needed";
  for (const std::string& line : lost_components(activation.fingerprint, hardware)) context += "; " + line;
  return refuse(input, {Code::wrong_machine, context},
                "on the machine that it was made for, install it as root; for this one, ask for an activation: "
                "oak-request create --product " +
                    activation.product + " --version VERSION");
}

/// Certificates only. A signed reset takes the place of what the clock says.
void mark_time(const Machine& machine, const Activation& activation, Marks& marks, Installed& out) {
  if (activation.reset_clock && marks.reset_time(activation.licence, activation.generation, activation.issued_at_unix_s)) {
    out.lines.push_back("the time mark was set back to " + utc_text(activation.issued_at_unix_s) + ", as the vendor signed");
    return;
  }
  if (activation.kind != Kind::certificate) return;
  const std::uint64_t now = machine.clock.now_unix_s();
  if (const auto verdict = judge_window(activation, marks.time_unix_s, now))
    out.warnings.push_back(window_detail(*verdict, activation, marks.time_unix_s, now));
  marks.advance_time(now);
}

void warn_of_machine_key(const Store& store, const Activation& activation, Installed& out) {
  const auto own = store.key_pair(activation.product, MachineKey::machine);
  if (own && own->public_key == activation.machine_key) return;
  if (!own && own.error().code != Code::not_found) return;
  out.warnings.push_back(
      std::string(own ? "this machine's key is not the one that asked for it" : "the machine key that asked for it is not here") +
      ": the next request needs the licence key, and counts as a rehost");
}

void describe(Installed& out, const Arrival& arrival, const Judgement& hardware) {
  const Activation& activation = *arrival.opened.activation;
  out.products = {activation.product};
  out.activation = activation;
  out.id = arrival.opened.id;
  out.lines.insert(out.lines.begin(), std::string(arrival.stored_already ? "stored already" : "stored") + ": activation " +
                                          activation_id_text(out.id) + " of licence " + activation.licence + " for " + activation.product +
                                          ", " + describe_grant(activation));
  if (!hardware.strong) out.warnings.push_back("the fingerprint is weak: too little of this machine's hardware could be used");
  for (std::string& warning : hardware_warnings(activation, hardware)) out.warnings.push_back(std::move(warning));
}

Outcome<Installed> install_activation(const Machine& machine, Store& store, const TrustSource& source, const InstallInput& input,
                                      ByteView document) {
  OAK_ASSIGN(Arrival arrival, open_arrival(machine, store, source, input, document));
  const Activation& activation = *arrival.opened.activation;
  OAK_ASSIGN(const FoundKey key, find_fingerprint_key(store, input, activation));
  OAK_ASSIGN(const Judgement hardware, accept_hardware(machine, input, activation, key.key));
  Installed out;
  mark_time(machine, activation, arrival.marks, out);
  warn_of_machine_key(store, activation, out);
  describe(out, arrival, hardware);
  // The key and the marks first: an activation beside none of them would be a damaged state.
  const auto written = [&]() -> Status {
    if (key.derived) OAK_TRY(store.put_fingerprint_key(activation.product, activation.licence, key.key));
    OAK_TRY(store.put_marks(arrival.marks));
    return store.put_activation(activation.product, arrival.opened.id, document);
  }();
  if (!written) return tl::unexpected(state_write_failure(written.error()));
  out.next = "oak-verifier check --product " + activation.product + " --version VERSION";
  const std::string state = machine.state_dir == default_state_dir ? std::string() : " --state-dir " + shell_word(machine.state_dir);
  out.next += state;
  for (const UnverifiedActivation& old : arrival.larger)
    out.receipts_due.push_back("the vendor counts the " + std::to_string(old.activation.seats) + " seats of activation " +
                               activation_id_text(old.id) + " until its receipt is in: oak-request return --superseded --product " +
                               activation.product + " --out FILE" + state);
  return out;
}

}  // namespace

Outcome<Installed> install(const Machine& machine, const TrustSource& source, const InstallInput& input) {
  const auto armoured = document_from_file_bytes(input.file);
  if (!armoured) return refuse(input, armoured.error());
  const auto type = claimed_type(armoured->document);
  if (!type) return refuse(input, type.error());
  Store store(machine.disk, machine.state_dir, machine.own_uid);
  switch (*type) {
    case DocumentType::activation: return install_activation(machine, store, source, input, armoured->document);
    case DocumentType::bulletin: return install_bulletin(machine, store, source, input.name, armoured->document);
    case DocumentType::key_bulletin: return install_key_bulletin(machine, store, source, input.name, armoured->document);
    default: break;
  }
  return refuse(input, {Code::wrong_type, "expected: activation or bulletin, found: " + std::string(labels_of(*type).word)});
}

std::string installed_json(const Installed& installed) {
  JsonWriter json;
  json.begin_object();
  json.key("installed").text(labels_of(installed.type).word);
  json.key("product").text_or_null(installed.products.size() == 1 ? installed.products.front() : std::string());
  json.key("activation");
  installed.activation ? write_activation(json, *installed.activation, installed.id) : static_cast<void>(json.null());
  json.key("lines").begin_array();
  for (const std::string& line : installed.lines) json.text(line);
  json.end_array();
  json.key("warnings").begin_array();
  for (const std::string& warning : installed.warnings) json.text(warning);
  json.end_array();
  json.key("next").text(installed.next);
  json.end_object();
  return json.str() + "\n";
}

}  // namespace oak
