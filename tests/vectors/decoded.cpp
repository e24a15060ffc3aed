#include "tests/vectors/decoded.h"

namespace oak::vectors {
namespace {

Json list_of(const Fingerprint& fingerprint) {
  Json out = Json::array();
  for (const Member& member : fingerprint.members) {
    Json entry = {static_cast<unsigned>(member.component), to_hex(member.digest)};
    if (!member.label.empty()) entry.push_back(member.label);
    out.push_back(entry);
  }
  return out;
}

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json list_of(const std::vector<ActivationId>& ids) {
  Json out = Json::array();
  for (const ActivationId& id : ids) out.push_back(to_hex(id));
  return out;
}

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

/// Fields that a document may leave out.
struct Optional {
  Json& out;
  void text(const char* name, const std::string& value) const {
    if (!value.empty()) out[name] = value;
  }
  void bytes(const char* name, const Bytes& value) const {
    if (!value.empty()) out[name] = to_hex(value);
  }
  void environment(const Environment& value) const {
    if (!value.empty()) out["environment"] = {text_or_null(value.virtual_machine), text_or_null(value.container)};
  }
};

}  // namespace

Json fields_of(const Request& request) {
  Json out = {{"product", request.product},
              {"licence", request.licence},
              {"seats", request.seats},
              {"version", request.version},
              {"machine_key", to_hex(request.machine_key)},
              {"seat_server_key", to_hex(request.seat_server_key)},
              {"nonce", to_hex(request.nonce)},
              {"at", request.created_at_unix_s},
              {"fingerprint", list_of(request.fingerprint)},
              {"fingerprint_key", to_hex(request.fingerprint_key)}};
  const Optional optional{out};
  for (const Unusable& entry : request.unusable)
    out["unusable"].push_back({static_cast<unsigned>(entry.component), static_cast<unsigned>(entry.state)});
  optional.environment(request.environment);
  if (request.kind) out["kind"] = static_cast<unsigned>(*request.kind);
  if (request.supersedes)
    out["supersedes"] = {to_hex(request.supersedes->activation), request.supersedes->generation, request.supersedes->index};
  optional.text("site", request.site);
  optional.text("reason", request.reason);
  out["accepts"] = request.accepts;
  if (request.proof) out["proof"] = to_hex(*request.proof);
  optional.bytes("ignorable", request.ignorable);
  return out;
}

Json fields_of(const Activation& activation) {
  Json out = {{"product", activation.product},
              {"licence", activation.licence},
              {"seats", activation.seats},
              {"versions", activation.versions.text()},
              {"machine_key", to_hex(activation.machine_key)},
              {"seat_server_key", to_hex(activation.seat_server_key)},
              {"at", activation.issued_at_unix_s},
              {"fingerprint", list_of(activation.fingerprint)},
              {"fingerprint_key", to_hex(activation.fingerprint_key)}};
  const Optional optional{out};
  optional.environment(activation.environment);
  out["kind"] = static_cast<unsigned>(activation.kind);
  if (activation.not_after_unix_s) out["not_after"] = *activation.not_after_unix_s;
  out["generation"] = activation.generation;
  if (activation.supersedes) out["supersedes"] = to_hex(*activation.supersedes);
  optional.text("site", activation.site);
  out["features"] = activation.features;
  out["policy"] = {activation.policy.threshold_percent, activation.policy.weights};
  out["grace_days"] = activation.grace_days;
  out["index"] = activation.index;
  out["request"] = to_hex(activation.request);
  out["binding"] = static_cast<unsigned>(activation.binding);
  optional.text("customer", activation.customer);
  optional.bytes("ignorable", activation.ignorable);
  if (activation.reset_clock) out["reset_clock"] = 1;
  return out;
}

Json fields_of(const Trust& trust) {
  Json out = Json::object();
  const Optional optional{out};
  optional.text("product", trust.product);
  out["at"] = trust.issued_at_unix_s;
  optional.bytes("ignorable", trust.ignorable);
  for (const PublicKey& root : trust.roots) out["roots"].push_back(to_hex(root));
  out["threshold"] = trust.threshold;
  out["sealing_key"] = to_hex(trust.sealing_key);
  optional.text("contact", trust.contact);
  out["lowest_bulletin"] = trust.lowest_bulletin;
  out["number"] = trust.number;
  for (const EarlierRoots& earlier : trust.earlier) {
    Json roots = Json::array();
    for (const PublicKey& root : earlier.roots) roots.push_back(to_hex(root));
    out["earlier"].push_back({roots, earlier.threshold});
  }
  return out;
}

Json fields_of(const IssuerCertificate& certificate) {
  Json out = {{"versions", certificate.versions ? Json(certificate.versions->text()) : Json()},
              {"at", certificate.issued_at_unix_s},
              {"not_after", certificate.not_after_unix_s}};
  Optional{out}.bytes("ignorable", certificate.ignorable);
  out["issuer_key"] = to_hex(certificate.issuer_key);
  out["serial"] = certificate.serial;
  out["products"] = certificate.products;
  out["kinds"] = certificate.kinds;
  out["max_days"] = or_null(certificate.max_days);
  out["max_seats"] = or_null(certificate.max_seats);
  out["not_before"] = certificate.not_before_unix_s;
  return out;
}

Json fields_of(const Receipt& receipt) {
  Json out = {{"product", receipt.product},       {"licence", receipt.licence},       {"machine_key", to_hex(receipt.machine_key)},
              {"at", receipt.returned_at_unix_s}, {"generation", receipt.generation}, {"activation", to_hex(receipt.activation)}};
  Optional{out}.bytes("ignorable", receipt.ignorable);
  if (receipt.successor) out["successor"] = to_hex(*receipt.successor);
  return out;
}

Json fields_of(const Bulletin& bulletin) {
  Json out = {{"product", bulletin.product}, {"at", bulletin.issued_at_unix_s}};
  Optional{out}.bytes("ignorable", bulletin.ignorable);
  out["number"] = bulletin.number;
  out["revoked"] = list_of(bulletin.revoked);
  return out;
}

Json fields_of(const KeyBulletin& bulletin) {
  Json out = {{"at", bulletin.issued_at_unix_s}};
  const Optional optional{out};
  optional.bytes("ignorable", bulletin.ignorable);
  out["number"] = bulletin.number;
  out["revoked_issuers"] = Json::array();
  for (const RevokedIssuer& issuer : bulletin.revoked_issuers) out["revoked_issuers"].push_back({issuer.serial, list_of(issuer.survivors)});
  optional.bytes("new_trust", bulletin.new_trust);
  return out;
}

Json fields_of(const SeatLease& lease) {
  Json out = {{"product", lease.product}, {"licence", lease.licence}, {"at", lease.issued_at_unix_s}};
  if (lease.not_after_unix_s) out["not_after"] = *lease.not_after_unix_s;
  out["activation"] = to_hex(lease.activation);
  Optional{out}.bytes("ignorable", lease.ignorable);
  out["computer_key"] = to_hex(lease.computer_key);
  out["lease"] = to_hex(lease.lease);
  out["ttl_s"] = lease.ttl_s;
  out["counter"] = lease.counter;
  return out;
}

Json names_of(ByteView document, DocumentType type) {
  const Digest hash = sha256(document);
  Json out = {{"document", to_hex(hash)}, {"phone", phone_groups(hash)}};
  if (const auto envelope = split(document, type)) out["payload"] = to_hex(payload_hash(*envelope));
  return out;
}

}  // namespace oak::vectors
