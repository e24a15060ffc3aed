#pragma once
// The fingerprint: which components a machine has, as keyed digests. Raw values never come here.

#include <optional>
#include <string>
#include <vector>

#include "core/crypto.h"
#include "core/error.h"

namespace oak {

/// Wire numbers; append-only.
enum class Component : std::uint8_t {
  product_uuid = 1,
  product_serial = 2,
  board_serial = 3,
  dt_serial = 4,
  mac = 5,
  disk = 6,
  tpm_ek = 7,
  machine_id = 8,
  model = 9,
};
inline constexpr std::size_t component_count = 9;

enum class Factor : std::uint8_t { platform = 0, network = 1, disks = 2, tpm = 3, os = 4, model = 5 };
inline constexpr std::size_t factor_count = 6;

/// How a component came out. Wire numbers; append-only. `usable` is what a collector says; the others also end up
/// in answers, where usable has become match, mismatch or new.
enum class State : std::uint8_t {
  usable = 0,
  match = 1,
  mismatch = 2,
  absent = 3,
  unreadable = 4,
  placeholder = 5,
  new_member = 6,
};

std::string_view component_name(Component component);  ///< "product_uuid" …
std::optional<Component> component_by_name(std::string_view name);
std::string_view factor_name(Factor factor);  ///< "platform" …
std::string_view state_name(State state);     ///< "match" … "new", "usable"
Factor factor_of(Component component);
/// mac and disk are sets; every other component has one value at most.
bool is_set(Component component);

using MemberDigest = ByteArray<16>;
using FingerprintKeyId = ByteArray<8>;
inline constexpr std::size_t max_set_members = 16;
inline constexpr std::size_t max_label_bytes = 32;

/// HMAC-SHA256 over the deterministic CBOR array [1, component name, value], cut to 16 bytes.
MemberDigest member_digest(const SymmetricKey& fingerprint_key, Component component, std::string_view value);
/// HMAC-SHA256 of the label "oak/v1/fingerprint-key" cut to 8 bytes: tells keys apart, tells nothing of them.
FingerprintKeyId fingerprint_key_id(const SymmetricKey& fingerprint_key);

/// One component as a collector saw it. `digest` is set for usable and placeholder values.
struct Observation {
  Component component;
  State state;  ///< usable, absent, unreadable or placeholder
  std::optional<MemberDigest> digest;
  std::string label;  ///< local name of a set's member ("eth0"), else empty
};

struct Member {
  Component component;
  MemberDigest digest;
  std::string label;
  auto key() const { return std::pair(component, digest); }
};

/// What is enrolled: members strictly ascending by (component, digest), at most max_set_members a set.
struct Fingerprint {
  std::vector<Member> members;
};

struct Unusable {
  Component component;
  State state;  ///< unreadable or placeholder
  auto operator<=>(const Unusable&) const = default;
};

/// Enrols what is usable. Of a set with too many members the smallest digests stay.
Fingerprint enrol(const std::vector<Observation>& observations);
/// What was there and could not be used, for the vendor to see; sorted, no doubles.
std::vector<Unusable> unusable_of(const std::vector<Observation>& observations);
/// Normal: at least two of platform, network, disks and tpm have an enrolled member.
bool is_strong(const Fingerprint& fingerprint);

Bytes encode_fingerprint(const Fingerprint& fingerprint);
Result<Fingerprint> decode_fingerprint(ByteView item);
Bytes encode_unusable(const std::vector<Unusable>& unusable);
Result<std::vector<Unusable>> decode_unusable(ByteView item);

}  // namespace oak
