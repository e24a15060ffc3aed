// Every field of every document: left out, of another type, out of its limits. All are signed as they should be.

#include "core/fields.h"

#include <algorithm>
#include <functional>
#include <set>

#include "tests/vectors/bad_values.h"
#include "tests/vectors/makers.h"
#include "tests/vectors/payload_map.h"

namespace oak::vectors {
namespace {

/// A document type with a good payload and a way to sign any other.
struct Subject {
  const char* open;  ///< also the folder
  DocumentType type;
  PayloadMap payload;
  std::set<Field> optional;
  const char* trust;
  const char* product;
  std::function<Bytes(ByteView)> seal;
};

Bytes seal_as_issuer(DocumentType type, ByteView payload) {
  static const Bytes certificate = certificate_document(uncapped_certificate());
  return seal_sign1(type, payload, key_named("issuer 1"), certificate);
}

KeyBulletin full_key_bulletin() {
  KeyBulletin bulletin = key_bulletin();
  bulletin.new_trust = seal_by_roots(DocumentType::trust, encode_trust(new_trust()), {"root 1", "root 2", "root 4"});
  return bulletin;
}

std::function<Bytes(ByteView)> by_roots(DocumentType type) {
  return [type](ByteView payload) { return seal_by_roots(type, payload, {"root 1", "root 2"}); };
}

std::function<Bytes(ByteView)> by_key(DocumentType type, const char* name) {
  return [type, name](ByteView payload) { return seal_sign1(type, payload, key_named(name)); };
}

Request proved_request() {
  Request request = full_request();
  request.ignorable.clear();
  request.proof = fixed<32>("a proof that nobody checks here");
  return request;
}

Trust rotated_for_one_product() {
  Trust trust = trust_one_product();
  trust.earlier = rotated_trust().earlier;
  return trust;
}

std::vector<Subject> subjects() {
  Activation full = full_activation();
  full.ignorable.clear();
  Receipt given_back = receipt();
  given_back.successor = activation_id_of(fixed<32>("successor"));
  SeatLease borrowed = seat_lease();
  borrowed.not_after_unix_s = borrowed.issued_at_unix_s + day_unix_s;
  using Type = DocumentType;
  return {
      {"request",
       Type::request,
       PayloadMap(encode_request(proved_request())),
       {Field::unusable, Field::environment, Field::kind, Field::supersedes, Field::site, Field::reason, Field::proof},
       "",
       "",
       by_key(Type::request, "machine")},
      {"activation",
       Type::activation,
       PayloadMap(encode_activation(full)),
       {Field::customer, Field::site, Field::environment, Field::not_after, Field::supersedes, Field::reset_clock},
       two_of_three,
       "demo",
       [](ByteView payload) { return seal_as_issuer(Type::activation, payload); }},
      {"issuer-certificate",
       Type::issuer_certificate,
       PayloadMap(encode_issuer_certificate(capped_certificate())),
       {},
       two_of_three,
       "",
       by_roots(Type::issuer_certificate)},
      {"trust",
       Type::trust,
       PayloadMap(encode_trust(rotated_for_one_product())),
       {Field::product, Field::contact, Field::earlier},
       "",
       "demo",
       by_roots(Type::trust)},
      {"receipt", Type::receipt, PayloadMap(encode_receipt(given_back)), {Field::successor}, "", "", by_key(Type::receipt, "machine")},
      {"bulletin",
       Type::bulletin,
       PayloadMap(encode_bulletin(bulletin())),
       {},
       two_of_three,
       "demo",
       [](ByteView payload) { return seal_as_issuer(Type::bulletin, payload); }},
      {"key-bulletin",
       Type::key_bulletin,
       PayloadMap(encode_key_bulletin(full_key_bulletin())),
       {Field::new_trust},
       two_of_three,
       "",
       by_roots(Type::key_bulletin)},
      {"seat-lease",
       Type::seat_lease,
       PayloadMap(encode_seat_lease(borrowed)),
       {Field::not_after},
       two_of_three,
       "demo",
       [](ByteView payload) { return seal_sign1(Type::seat_lease, payload, key_named("seat server"), host_activation()); }},
  };
}

std::string dashed(std::string_view name) {
  std::string out(name);
  for (char& c : out)
    if (c == '_') c = '-';
  return out;
}

void add_bad(VectorSet& set, const Subject& subject, const std::string& name, const Bytes& payload, Code error, std::string_view why) {
  const Bytes document = subject.seal(payload);
  const Json how = open_as(subject.open, subject.trust, subject.product);
  const std::string file = std::string(subject.open) + "/" + name;
  // What is large by its nature is kept as bytes: half the size.
  if (document.size() > 20000)
    set.bad(file + ".cbor", document, how, error, why);
  else
    set.bad(file + ".oak", in_armour(subject.type, document), how, error, why);
}

struct Mistyped {
  Bytes value;
  const char* why;
};

/// Another type that fits in all but that: a text as long as the byte string, a map for an array.
Mistyped mistyped(const Bytes& value) {
  switch (value[0] >> 5) {
    case 2: {
      Bytes text = value;
      const std::size_t head = value[0] < 0x58 ? 1 : value[0] == 0x58 ? 2 : 3;
      text[0] = static_cast<std::uint8_t>(text[0] + 0x20);
      std::fill(text.begin() + static_cast<std::ptrdiff_t>(head), text.end(), std::uint8_t{'x'});
      return {text, " as a text of its length"};
    }
    case 3: return {item::uint(7), " as a number"};
    case 4: return {item::map({}), " as a map"};
    default: return {item::text("seven"), " as a text"};
  }
}

void add_missing_and_mistyped(VectorSet& set, const Subject& subject) {
  for (const auto& [number, value] : subject.payload.entries()) {
    const Field field = static_cast<Field>(number);
    const std::string name(field_name(field));
    if (!subject.optional.count(field))
      add_bad(set, subject, "missing-" + dashed(name), subject.payload.without(field).encode(), Code::missing_field, "no " + name);
    const Mistyped other = mistyped(value);
    add_bad(set, subject, "type-" + dashed(name), subject.payload.with(field, other.value).encode(), Code::bad_field, name + other.why);
  }
}

void add_extensions(VectorSet& set, const Subject& subject) {
  const Bytes extension = item::map({{item::uint(1), item::uint(1)}});
  const auto with = [&](std::uint64_t number, const Bytes& value) { return subject.payload.with(number, value).encode(); };
  add_bad(set, subject, "critical", with(30, extension), Code::unknown_critical, "an extension that must be understood");
  add_bad(set, subject, "field-55", with(55, item::uint(1)), Code::unknown_field, "a field with a number that means nothing yet");
  if (subject.type != DocumentType::request) return;
  add_bad(set, subject, "critical-empty", with(30, item::map({})), Code::bad_field, "an empty map of critical extensions");
  add_bad(set, subject, "critical-type", with(30, item::array({})), Code::bad_field, "critical extensions as an array");
  add_bad(set, subject, "ignorable-empty", with(31, item::map({})), Code::bad_field, "an empty map of ignorable extensions");
  add_bad(set, subject, "ignorable-type", with(31, item::text("note")), Code::bad_field, "ignorable extensions as a text");
  add_bad(set, subject, "field-16", with(16, item::uint(1)), Code::unknown_field, "a field of other documents: generation");
  add_bad(set, subject, "field-0", with(0, item::uint(1)), Code::unknown_field, "field 0");
  const Bytes payload = subject.payload.encode();
  const auto with_key = [&](const Bytes& key) {
    Bytes out = joined({payload, key, item::uint(1)});
    ++out[0];
    if (payload[0] == 0xb7) out.insert(out.begin() + 1, 24);  // 23 fields become 24: the count takes a byte of its own
    return out;
  };
  add_bad(set, subject, "field-negative", with_key(item::negative(-1)), Code::unknown_field, "a field number below 0");
  add_bad(set, subject, "field-text", with_key(item::text("seats")), Code::unknown_field, "a field with a name in place of a number");
  add_bad(set, subject, "field-true", with_key({0xf5}), Code::unknown_field, "true in place of a number: not to be taken for 1");
}

/// All of a field's bad values in the first document that has it; in the others one, so that each reader is asked.
void add_bad_values(VectorSet& set, const std::vector<Subject>& subjects) {
  std::set<Field> home_found;
  for (const Subject& subject : subjects) {
    std::set<Field> shown, here;
    for (const BadValue& bad : bad_values()) {
      if (subject.payload.value(bad.field).empty()) continue;
      here.insert(bad.field);
      const bool supersedes_elsewhere = bad.field == Field::supersedes && subject.type != DocumentType::request;
      if (supersedes_elsewhere || (home_found.count(bad.field) && shown.count(bad.field))) continue;
      shown.insert(bad.field);
      add_bad(set, subject, dashed(field_name(bad.field)) + "-" + bad.name, subject.payload.with(bad.field, bad.value).encode(),
              Code::bad_field, std::string(field_name(bad.field)) + ": " + bad.why);
    }
    home_found.insert(here.begin(), here.end());
  }
}

/// What two fields say of one another.
void add_pairs(VectorSet& set, const std::vector<Subject>& subjects) {
  const Subject& activation = subjects[1];
  const PayloadMap& full = activation.payload;
  add_bad(set, activation, "supersedes-short", full.with(Field::supersedes, item::bytes(15, 1)).encode(), Code::bad_field,
          "supersedes: an id of 15 bytes");
  add_bad(set, activation, "not-after-missing", full.without(Field::not_after).encode(), Code::bad_field, "a certificate without an end");
  add_bad(set, activation, "not-after-on-permanent", full.with(Field::kind, item::uint(1)).encode(), Code::bad_field,
          "a permanent activation with an end");
  add_bad(set, activation, "not-after-at-start", full.with(Field::not_after, full.value(Field::at)).encode(), Code::bad_field,
          "a certificate that ends when it starts");
  const Subject& issuer = subjects[2];
  add_bad(set, issuer, "not-before-after-end",
          issuer.payload.with(Field::not_before, item::uint(capped_certificate().not_after_unix_s + 1)).encode(), Code::bad_field,
          "a window that ends before it begins");
}

}  // namespace

void add_fields(VectorSet& set) {
  const std::vector<Subject> all = subjects();
  for (const Subject& subject : all) {
    add_missing_and_mistyped(set, subject);
    add_extensions(set, subject);
  }
  add_bad_values(set, all);
  add_pairs(set, all);
}

}  // namespace oak::vectors
