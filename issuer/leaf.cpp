#include "issuer/leaf.h"

#include <algorithm>
#include <functional>

#include "core/activation.h"
#include "core/cbor.h"
#include "core/fields.h"
#include "core/licence_key.h"
#include "core/text.h"

namespace oak {
namespace {

enum Key : std::uint64_t {
  key_index = 1,
  key_kind = 2,
  key_at = 3,
  key_operator = 4,
  key_reason = 5,
  key_licence = 10,
  key_customer = 11,
  key_product = 12,
  key_seats = 13,
  key_versions = 14,
  key_features = 15,
  key_rehosts = 16,
  key_certificates = 17,
  key_forbidden = 18,
  key_key_number = 19,
  key_policy = 20,
  key_grace = 21,
  key_certificate = 22,
  key_request = 23,
  key_activation = 24,
  key_approvals = 25,
  key_quota = 26,
  key_counted = 27,
  key_ended = 28,
  key_by = 29,
  key_receipt = 30,
  key_published = 31,
};

constexpr std::uint64_t forbids_vm = 1, forbids_container = 2;

void put_texts(cbor::Writer& writer, const std::vector<std::string>& texts) {
  writer.array(texts.size());
  for (const std::string& text : texts) writer.text(text);
}

void put(cbor::Writer& writer, const LicenceLeaf& leaf) {
  const Licence& licence = leaf.licence;
  writer.uint(key_licence);
  writer.text(licence.id);
  writer.uint(key_customer);
  writer.text(licence.customer);
  writer.uint(key_product);
  writer.text(licence.product);
  writer.uint(key_seats);
  writer.uint(licence.seats);
  writer.uint(key_versions);
  writer.text(licence.versions.text());
  writer.uint(key_features);
  put_texts(writer, licence.features);
  writer.uint(key_rehosts);
  licence.rehosts ? writer.uint(*licence.rehosts) : writer.null();
  writer.uint(key_certificates);
  writer.uint(licence.certificates);
  writer.uint(key_forbidden);
  writer.uint((licence.forbids_virtual_machines ? forbids_vm : 0) | (licence.forbids_containers ? forbids_container : 0));
  writer.uint(key_key_number);
  writer.uint(licence.key_number);
}

void put(cbor::Writer& writer, const ProductLeaf& leaf) {
  writer.uint(key_product);
  writer.text(leaf.terms.product);
  writer.uint(key_policy);
  writer.raw(encode_policy(leaf.terms.policy));
  writer.uint(key_grace);
  writer.uint(leaf.terms.grace_days);
}

void put(cbor::Writer& writer, const KeyLeaf& leaf) {
  writer.uint(key_certificate);
  writer.bytes(leaf.certificate);
}

void put(cbor::Writer& writer, const IssuedLeaf& leaf) {
  writer.uint(key_licence);
  writer.text(leaf.licence);
  writer.uint(key_request);
  writer.bytes(leaf.request);
  writer.uint(key_activation);
  writer.bytes(leaf.activation);
  writer.uint(key_approvals);
  put_texts(writer, leaf.approvals);
  writer.uint(key_quota);
  writer.boolean(leaf.uses_quota);
  writer.uint(key_counted);
  writer.uint(leaf.counted_seats);
}

void put(cbor::Writer& writer, const EndedLeaf& leaf) {
  writer.uint(key_ended);
  writer.bytes(leaf.activation);
  writer.uint(key_by);
  writer.bytes(leaf.by);
}

void put(cbor::Writer& writer, const ReturnedLeaf& leaf) {
  writer.uint(key_approvals);
  put_texts(writer, leaf.approvals);
  writer.uint(key_quota);
  writer.boolean(leaf.uses_quota);
  writer.uint(key_ended);
  writer.bytes(leaf.activation);
  writer.uint(key_receipt);
  writer.bytes(leaf.receipt);
}

void put(cbor::Writer& writer, const PublishedLeaf& leaf) {
  writer.uint(key_published);
  writer.bytes(leaf.document);
}

std::size_t field_count(LeafKind kind) {
  switch (kind) {
    case LeafKind::licence_added:
    case LeafKind::licence_changed: return 10;
    case LeafKind::product_changed: return 3;
    case LeafKind::key_certified:
    case LeafKind::bulletin_signed:
    case LeafKind::roots_changed: return 1;
    case LeafKind::issued: return 6;
    case LeafKind::returned: return 4;
    default: return 2;
  }
}

/// Reads fields in the one order that encode_leaf writes; the first fault sticks, and later reads give defaults.
class Taker {
 public:
  explicit Taker(ByteView bytes) : reader_(bytes) {}
  void key(std::uint64_t expected) { ok_ = ok_ && reader_.uint() == expected; }
  std::uint64_t uint(std::uint64_t expected) { return key(expected), take(reader_, &cbor::Reader::uint); }
  std::string text(std::uint64_t expected) { return key(expected), std::string(take(reader_, &cbor::Reader::text)); }
  Bytes bytes(std::uint64_t expected) {
    key(expected);
    const ByteView view = take(reader_, &cbor::Reader::bytes);
    return {view.begin(), view.end()};
  }
  template <std::size_t N>
  ByteArray<N> array(std::uint64_t expected) {
    const auto value = to_array<N>(bytes(expected));
    ok_ = ok_ && value;
    return value.value_or(ByteArray<N>{});
  }
  std::vector<std::string> texts(std::uint64_t expected) {
    key(expected);
    std::vector<std::string> out;
    for (std::size_t left = take(reader_, &cbor::Reader::array); ok_ && left > 0; --left)
      out.emplace_back(take(reader_, &cbor::Reader::text));
    return out;
  }
  std::optional<std::uint64_t> uint_or_null(std::uint64_t expected) {
    key(expected);
    if (!ok_ || take(reader_, &cbor::Reader::null)) return std::nullopt;
    return take(reader_, &cbor::Reader::uint);
  }
  bool boolean(std::uint64_t expected) { return key(expected), take(reader_, &cbor::Reader::boolean); }
  ByteView item(std::uint64_t expected) { return key(expected), take(reader_, &cbor::Reader::item); }
  std::size_t map() { return take(reader_, &cbor::Reader::map); }
  bool finished() const { return ok_ && reader_.done(); }
  bool ok() const { return ok_; }
  void require(bool condition) { ok_ = ok_ && condition; }

 private:
  template <typename T>
  T take(cbor::Reader& reader, Result<T> (cbor::Reader::*read)()) {
    if (!ok_) return T{};
    auto value = (reader.*read)();
    ok_ = value.has_value();
    return ok_ ? *value : T{};
  }
  cbor::Reader reader_;
  bool ok_ = true;
};

LicenceLeaf take_licence(Taker& take) {
  Licence licence;
  licence.id = take.text(key_licence);
  licence.customer = take.text(key_customer);
  licence.product = take.text(key_product);
  licence.seats = take.uint(key_seats);
  auto versions = VersionRange::parse(take.text(key_versions));
  take.require(versions.has_value());
  if (versions) licence.versions = std::move(*versions);
  licence.features = take.texts(key_features);
  licence.rehosts = take.uint_or_null(key_rehosts);
  licence.certificates = take.uint(key_certificates);
  const std::uint64_t forbidden = take.uint(key_forbidden);
  take.require(forbidden <= (forbids_vm | forbids_container));
  licence.forbids_virtual_machines = (forbidden & forbids_vm) != 0;
  licence.forbids_containers = (forbidden & forbids_container) != 0;
  licence.key_number = take.uint(key_key_number);
  return {std::move(licence)};
}

ProductLeaf take_product(Taker& take) {
  ProductTerms terms;
  terms.product = take.text(key_product);
  const auto policy = decode_policy(take.item(key_policy));
  take.require(policy.has_value());
  if (policy) terms.policy = *policy;
  terms.grace_days = take.uint(key_grace);
  return {std::move(terms)};
}

IssuedLeaf take_issued(Taker& take) {
  IssuedLeaf leaf;
  leaf.licence = take.text(key_licence);
  leaf.request = take.array<32>(key_request);
  leaf.activation = take.bytes(key_activation);
  leaf.approvals = take.texts(key_approvals);
  leaf.uses_quota = take.boolean(key_quota);
  leaf.counted_seats = take.uint(key_counted);
  return leaf;
}

ReturnedLeaf take_returned(Taker& take) {
  ReturnedLeaf leaf;
  leaf.approvals = take.texts(key_approvals);
  leaf.uses_quota = take.boolean(key_quota);
  leaf.activation = take.array<16>(key_ended);
  leaf.receipt = take.bytes(key_receipt);
  return leaf;
}

template <typename T>
bool ascends(const std::vector<T>& values) {
  return std::adjacent_find(values.begin(), values.end(), std::greater_equal<T>()) == values.end();
}

bool is_seat_count(std::uint64_t seats) { return seats >= 1 && seats <= max_seats; }

/// Values that the desk would never have written.
bool has_sound_values(const Leaf& leaf) {
  if (const auto* body = std::get_if<LicenceLeaf>(&leaf.body)) {
    const Licence& licence = body->licence;
    return is_licence_id(licence.id) && is_name(licence.product, max_product_bytes) && is_seat_count(licence.seats) &&
           ascends(licence.features) && licence.key_number >= 1;
  }
  if (const auto* body = std::get_if<ProductLeaf>(&leaf.body))
    return is_name(body->terms.product, max_product_bytes) && body->terms.grace_days <= max_grace_days;
  if (const auto* body = std::get_if<IssuedLeaf>(&leaf.body)) return is_seat_count(body->counted_seats) && ascends(body->approvals);
  if (const auto* body = std::get_if<ReturnedLeaf>(&leaf.body)) return ascends(body->approvals) && !body->receipt.empty();
  if (const auto* body = std::get_if<PublishedLeaf>(&leaf.body)) return !body->document.empty();
  return true;
}

void take_body(Taker& take, Leaf& leaf) {
  switch (leaf.kind) {
    case LeafKind::licence_added:
    case LeafKind::licence_changed: leaf.body = take_licence(take); return;
    case LeafKind::product_changed: leaf.body = take_product(take); return;
    case LeafKind::key_certified: leaf.body = KeyLeaf{take.bytes(key_certificate)}; return;
    case LeafKind::issued: leaf.body = take_issued(take); return;
    case LeafKind::returned: leaf.body = take_returned(take); return;
    case LeafKind::bulletin_signed:
    case LeafKind::roots_changed: leaf.body = PublishedLeaf{take.bytes(key_published)}; return;
    default: break;
  }
  EndedLeaf ended;
  ended.activation = take.array<16>(key_ended);
  ended.by = take.bytes(key_by);
  leaf.body = std::move(ended);
}

}  // namespace

std::string_view leaf_kind_name(LeafKind kind) {
  switch (kind) {
    case LeafKind::licence_added: return "licence added";
    case LeafKind::licence_changed: return "licence changed";
    case LeafKind::product_changed: return "product changed";
    case LeafKind::key_certified: return "key certified";
    case LeafKind::issued: return "issued";
    case LeafKind::superseded: return "superseded";
    case LeafKind::returned: return "returned";
    case LeafKind::revoked: return "revoked";
    case LeafKind::bulletin_signed: return "bulletin signed";
    case LeafKind::roots_changed: return "roots changed";
  }
  return "unknown";
}

Bytes encode_leaf(const Leaf& leaf) {
  cbor::Writer writer;
  writer.map(5 + field_count(leaf.kind));
  writer.uint(key_index);
  writer.uint(leaf.index);
  writer.uint(key_kind);
  writer.uint(static_cast<std::uint64_t>(leaf.kind));
  writer.uint(key_at);
  writer.uint(leaf.at_unix_s);
  writer.uint(key_operator);
  writer.text(leaf.operator_name);
  writer.uint(key_reason);
  writer.text(leaf.reason);
  std::visit([&](const auto& body) { put(writer, body); }, leaf.body);
  return writer.take();
}

Result<Leaf> decode_leaf(ByteView bytes) {
  if (!cbor::check(bytes)) return fail(Code::ledger_damaged, "a leaf is not in the accepted spelling");
  Taker take(bytes);
  const std::size_t count = take.map();
  Leaf leaf;
  leaf.index = take.uint(key_index);
  const std::uint64_t kind = take.uint(key_kind);
  take.require(kind >= 1 && kind <= 10);
  if (!take.ok()) return fail(Code::ledger_damaged, "a leaf of an unknown kind");
  leaf.kind = static_cast<LeafKind>(kind);
  leaf.at_unix_s = take.uint(key_at);
  leaf.operator_name = take.text(key_operator);
  leaf.reason = take.text(key_reason);
  take_body(take, leaf);
  take.require(count == 5 + field_count(leaf.kind));
  take.require(has_sound_values(leaf));
  // One spelling: a version range, for one, could be written in several ways.
  if (!take.finished() || encode_leaf(leaf) != Bytes(bytes.begin(), bytes.end()))
    return fail(Code::ledger_damaged, "leaf " + std::to_string(leaf.index) + " has not its form");
  return leaf;
}

}  // namespace oak
