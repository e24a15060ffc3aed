// Root documents while roots sign them in turn: which roots have signed so far, and what no such document is.

#include "core/armour.h"
#include "tests/vectors/makers.h"
#include "tests/vectors/payload_map.h"
#include "tests/vectors/raw_envelope.h"

namespace oak::vectors {
namespace {

void add_good(VectorSet& set, const std::string& name, DocumentType type, ByteView payload, const std::vector<std::string>& signers,
              std::string_view why) {
  const Bytes document = seal_by_roots(type, payload, signers);
  Json expect = {{"document", std::string(labels_of(type).typ)}, {"payload", to_hex(sha256(payload))}, {"signers", Json::array()}};
  for (const EnvelopeSignature& block : split_draft(document)->signatures) expect["signers"].push_back(to_hex(block.kid));
  set.good("draft/" + name + ".oak", in_armour(type, document), open_as("draft"), expect, why);
}

}  // namespace

void add_drafts(VectorSet& set) {
  const Bytes certificate = encode_issuer_certificate(capped_certificate()), trust = encode_trust(rotated_trust());
  add_good(set, "certificate-unsigned", DocumentType::issuer_certificate, certificate, {}, "as the desk makes it: no root has signed");
  add_good(set, "trust-one-signature", DocumentType::trust, trust, {"root 1"}, "one root has signed");
  add_good(set, "key-bulletin-two-signatures", DocumentType::key_bulletin, encode_key_bulletin(key_bulletin()), {"root 2", "root 3"},
           "two roots have signed; what they signed is read by whoever uses it");
  const auto bad = [&](const char* name, DocumentType type, const Bytes& document, Code error, std::string_view why) {
    set.bad("draft/" + std::string(name) + ".oak", in_armour(type, document), open_as("draft"), error, why);
  };
  bad("is-activation", DocumentType::activation, host_activation(), Code::wrong_type, "an activation, which no root signs");
  std::vector<EnvelopeSignature> twice(2, sign_threshold(DocumentType::trust, trust, key_named("root 1")));
  bad("signed-twice", DocumentType::trust, seal_threshold(DocumentType::trust, trust, twice), Code::signers_not_sorted,
      "the same root's signature twice");
  set.bad("issuer-certificate/no-signature-yet.oak",
          in_armour(DocumentType::issuer_certificate, seal_threshold(DocumentType::issuer_certificate, certificate, {})),
          open_as("issuer-certificate", two_of_three), Code::bad_envelope, "a draft that no root has signed, opened as a certificate");
  set.bad(
      "activation/certified-by-too-few-earlier.oak",
      in_armour(DocumentType::activation, seal_activation(permanent_activation(), key_named("issuer 1"),
                                                          seal_by_roots(DocumentType::issuer_certificate,
                                                                        encode_issuer_certificate(uncapped_certificate()), {"root 1"}))),
      open_as("activation", rotated, "demo"), Code::unknown_key, "one of the replaced roots certified the issuer: two were needed");
  set.bad("activation/certified-by-old-and-new.oak",
          in_armour(DocumentType::activation,
                    seal_activation(permanent_activation(), key_named("issuer 1"),
                                    seal_by_roots(DocumentType::issuer_certificate, encode_issuer_certificate(uncapped_certificate()),
                                                  {"root 1", "root 4"}))),
          open_as("activation", rotated, "demo"), Code::unknown_key, "one of the replaced roots and one of the new: no two of either");
}

}  // namespace oak::vectors
