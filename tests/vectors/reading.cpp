#include "tests/vectors/reading.h"

#include <map>
#include <sstream>

#include "core/armour.h"
#include "core/base32.h"
#include "core/cbor.h"
#include "core/licence_key.h"
#include "core/sealed_request.h"
#include "core/tolerance.h"
#include "tests/vectors/decoded.h"
#include "tests/vectors/payload_map.h"

namespace oak::vectors {
namespace {

Answer refused(const Error& error) { return {error.code, {}}; }
Answer accepted(Json values) { return {std::nullopt, std::move(values)}; }

struct Question {
  const Json& sidecar;
  Bytes file;
  const OtherFile& other_file;

  std::string text(const char* name) const { return sidecar.value(name, std::string()); }
  Result<Bytes> document() const {
    OAK_ASSIGN(Armoured armoured, document_from_file_bytes(file));
    return std::move(armoured.document);
  }
  Trust trust() const {
    const Bytes bytes = other_file(text("trust"));
    return *open_trust(document_from_file_bytes(bytes).value().document, {}).value();
  }
  std::string line() const {
    const std::string_view all = as_text(file);
    return std::string(all.substr(0, all.find('\n')));
  }
};

template <typename T>
Json document_values(const Bytes& document, DocumentType type, const T& fields) {
  Json out = names_of(document, type);
  out["fields"] = fields_of(fields);
  return out;
}

Answer read_request(const Question& question, const Bytes& document) {
  const auto opened = open_request(document);
  if (!opened) return refused(opened.error());
  Json values = document_values(document, DocumentType::request, *opened->request);
  values["strength"] = is_strong(opened->request->fingerprint) ? "normal" : "weak";
  if (question.sidecar.contains("licence_key")) {
    const LicenceKey key = parse_licence_key(question.text("licence_key")).value();
    if (!is_proved(*opened->request, proof_key_of(key))) return refused({Code::wrong_proof, {}});
  }
  return accepted(std::move(values));
}

Answer read_sealed_request(const Question& question, const Bytes& document) {
  const Seed sealing_seed(*to_array<32>(item::hex(question.text("sealing_seed"))));
  const auto request = unseal_request(document, sealing_seed);
  if (!request) return refused(request.error());
  const auto opened = open_request(*request);
  if (!opened) return refused(opened.error());
  Json values = {{"sealing_key", to_hex(decode_sealed_request(document)->sealing_key)}, {"sealed", to_hex(sha256(document))}};
  values.update(document_values(*request, DocumentType::request, *opened->request));
  return accepted(std::move(values));
}

Answer read_activation(const Question& question, const Bytes& document) {
  const auto opened = open_activation(document, question.trust(), question.text("product"));
  if (!opened) return refused(opened.error());
  Json values = document_values(document, DocumentType::activation, *opened->activation);
  values["id"] = to_hex(opened->id);
  values["id_text"] = activation_id_text(opened->id);
  values["issuer"] = opened->issuer->serial;
  return accepted(std::move(values));
}

Answer read_seat_lease(const Question& question, const Bytes& document) {
  const auto opened = open_seat_lease(document, question.trust(), question.text("product"));
  if (!opened) return refused(opened.error());
  return accepted(document_values(document, DocumentType::seat_lease, *opened->lease));
}

Answer read_bulletin(const Question& question, const Bytes& document) {
  const auto opened = open_bulletin(document, question.trust(), question.text("product"));
  if (!opened) return refused(opened.error());
  Json values = document_values(document, DocumentType::bulletin, *opened->bulletin);
  values["issuer"] = opened->issuer->serial;
  return accepted(std::move(values));
}

template <typename Opened>
Answer plain(const Bytes& document, DocumentType type, const Opened& opened) {
  if (!opened) return refused(opened.error());
  return accepted(document_values(document, type, **opened));
}

Answer read_draft(const Bytes& document) {
  const auto draft = split_draft(document);
  if (!draft) return refused(draft.error());
  Json signers = Json::array();
  for (const EnvelopeSignature& block : draft->signatures) signers.push_back(to_hex(block.kid));
  return accepted({{"document", std::string(labels_of(draft->type).typ)}, {"payload", to_hex(payload_hash(*draft))}, {"signers", signers}});
}

Answer read_document(const Question& question) {
  const auto document = question.document();
  if (!document) return refused(document.error());
  const std::string open = question.text("open");
  if (open == "draft") return read_draft(*document);
  if (open == "request") return read_request(question, *document);
  if (open == "sealed-request") return read_sealed_request(question, *document);
  if (open == "activation") return read_activation(question, *document);
  if (open == "seat-lease") return read_seat_lease(question, *document);
  if (open == "bulletin") return read_bulletin(question, *document);
  if (open == "key-bulletin") return plain(*document, DocumentType::key_bulletin, open_key_bulletin(*document, question.trust()));
  if (open == "issuer-certificate")
    return plain(*document, DocumentType::issuer_certificate, open_issuer_certificate(*document, question.trust()));
  if (open == "trust") return plain(*document, DocumentType::trust, open_trust(*document, question.text("product")));
  const auto receipt = open_receipt(*document);
  if (!receipt) return refused(receipt.error());
  return accepted(document_values(*document, DocumentType::receipt, *receipt->receipt));
}

Answer read_cbor(const Question& question) {
  const Status status = cbor::check(question.file);
  if (!status) return refused(status.error());
  return accepted(Json::object());
}

Answer read_licence_key(const Question& question) {
  const auto key = parse_licence_key(question.line());
  if (!key) return refused(key.error());
  return accepted(licence_key_values(question.line()));
}

Answer read_version(const Question& question) {
  const auto version = parse_version(question.line());
  if (!version) return refused(version.error());
  return accepted({{"numbers", version->numbers}, {"tag", version->pre}});
}

Answer read_range(const Question& question) {
  const auto range = VersionRange::parse(question.line());
  if (!range) return refused(range.error());
  // The sidecar's own questions, answered anew: versions that are in it or not, ranges that it covers or not.
  Json values = {{"contains", Json::object()}, {"covers", Json::object()}};
  const Json asked = question.sidecar.value("expect", values);
  for (const auto& entry : asked["contains"].items()) values["contains"][entry.key()] = range->contains(parse_version(entry.key()).value());
  for (const auto& entry : asked["covers"].items()) values["covers"][entry.key()] = range->covers(VersionRange::parse(entry.key()).value());
  return accepted(std::move(values));
}

Answer read_digest(const Question& question) {
  const SymmetricKey key(*to_array<32>(item::hex(question.text("fingerprint_key"))));
  const auto component = component_by_name(question.text("component"));
  return accepted(
      {{"digest", to_hex(member_digest(key, *component, as_text(question.file)))}, {"key_id", to_hex(fingerprint_key_id(key))}});
}

/// Lines: "policy PERCENT six weights", then "enrolled COMPONENT HEX" and "now COMPONENT STATE [HEX]".
Answer read_tolerance(const Question& question) {
  static const std::map<std::string, State> states = {
      {"usable", State::usable}, {"unreadable", State::unreadable}, {"placeholder", State::placeholder}, {"absent", State::absent}};
  Fingerprint baseline;
  std::vector<Observation> now;
  Policy policy;
  std::istringstream lines{std::string(as_text(question.file))};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string what, component, state, digest;
    words >> what;
    if (what == "policy") {
      unsigned number = 0;
      words >> number;
      policy.threshold_percent = static_cast<std::uint8_t>(number);
      for (std::uint8_t& weight : policy.weights) {
        words >> number;
        weight = static_cast<std::uint8_t>(number);
      }
    } else if (what == "enrolled") {
      words >> component >> digest;
      baseline.members.push_back({*component_by_name(component), *to_array<16>(item::hex(digest)), {}});
    } else {
      words >> component >> state >> digest;
      now.push_back({*component_by_name(component), states.at(state), to_array<16>(item::hex(digest)), {}});
    }
  }
  const Judgement judgement = judge(baseline, now, policy);
  Json held = Json::array();
  for (std::size_t i = 0; i < factor_count; ++i)
    if (judgement.factors[i].holds) held.push_back(factor_name(static_cast<Factor>(i)));
  return accepted({{"accept", judgement.accept},
                   {"strength", judgement.strong ? "normal" : "weak"},
                   {"score", judgement.score},
                   {"needed", judgement.needed},
                   {"enrolled", judgement.enrolled},
                   {"held", held}});
}

}  // namespace

Json licence_key_values(std::string_view typed_key) {
  const LicenceKey key = parse_licence_key(typed_key).value();
  Json out = {{"licence", key.licence_id},
              {"secret", as_text(key.secret.view())},
              {"printed", format_licence_key(key)},
              {"proof_key", to_hex(proof_key_of(key).view())}};
  for (const char* product : {"demo", "lite"}) {
    out["fingerprint_keys"][product] = to_hex(fingerprint_key_of(key, product, {}).view());
    out["with_site_secret"][product] = to_hex(fingerprint_key_of(key, product, as_bytes("kept at the gate")).view());
  }
  return out;
}

Answer read_vector(const Json& sidecar, ByteView file, const OtherFile& other_file) {
  Question question{sidecar, Bytes(file.begin(), file.end()), other_file};
  // A file too large to keep: zeros are put behind what is there.
  question.file.resize(std::max(question.file.size(), sidecar.value("zeros_up_to", std::size_t{0})));
  const std::string open = question.text("open");
  if (open == "cbor") return read_cbor(question);
  if (open == "licence-key") return read_licence_key(question);
  if (open == "version") return read_version(question);
  if (open == "version-range") return read_range(question);
  if (open == "digest") return read_digest(question);
  if (open == "tolerance") return read_tolerance(question);
  return read_document(question);
}

}  // namespace oak::vectors
