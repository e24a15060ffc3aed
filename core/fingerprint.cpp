#include "core/fingerprint.h"

#include <algorithm>
#include <array>

#include "core/cbor.h"
#include "core/fields.h"
#include "core/text.h"

namespace oak {
namespace {

struct ComponentEntry {
  std::string_view name;
  Factor factor;
  bool is_set;
};
constexpr std::array<ComponentEntry, component_count> components = {{
    {"product_uuid", Factor::platform, false},
    {"product_serial", Factor::platform, false},
    {"board_serial", Factor::platform, false},
    {"dt_serial", Factor::platform, false},
    {"mac", Factor::network, true},
    {"disk", Factor::disks, true},
    {"tpm_ek", Factor::tpm, false},
    {"machine_id", Factor::os, false},
    {"model", Factor::model, false},
}};

constexpr std::array<std::string_view, factor_count> factors = {"platform", "network", "disks", "tpm", "os", "model"};
constexpr std::array<std::string_view, 7> states = {"usable", "match", "mismatch", "absent", "unreadable", "placeholder", "new"};

const ComponentEntry& entry_of(Component component) { return components[static_cast<std::size_t>(component) - 1]; }

bool is_label(std::string_view text) {
  return !text.empty() && text.size() <= max_label_bytes && is_utf8(text) && !has_control_characters(text);
}

Result<Component> read_component(cbor::Reader& reader, Field field) {
  const auto number = reader.uint();
  if (!number || *number < 1 || *number > component_count) return bad_field(field, "names an unknown component");
  return static_cast<Component>(*number);
}

Result<Member> read_member(cbor::Reader& reader) {
  const auto size = reader.array();
  if (!size || *size < 2 || *size > 3) return bad_field(Field::fingerprint, "has a member of the wrong form");
  Member member;
  OAK_ASSIGN(member.component, read_component(reader, Field::fingerprint));
  const auto digest = reader.bytes();
  if (!digest || digest->size() != member.digest.size()) return bad_field(Field::fingerprint, "has a digest that is not 16 bytes");
  member.digest = *to_array<16>(*digest);
  if (*size == 3) {
    const auto label = reader.text();
    if (!label || !is_label(*label) || !is_set(member.component)) return bad_field(Field::fingerprint, "has a label that is not allowed");
    member.label = *label;
  }
  return member;
}

/// Single components once, sets at most max_set_members.
Status check_counts(const Fingerprint& fingerprint) {
  std::array<std::size_t, component_count + 1> counts{};
  for (const Member& member : fingerprint.members) {
    const std::size_t count = ++counts[static_cast<std::size_t>(member.component)];
    if (count > (is_set(member.component) ? max_set_members : 1))
      return bad_field(Field::fingerprint, "has too many members of one component");
  }
  return {};
}

}  // namespace

std::string_view component_name(Component component) { return entry_of(component).name; }

std::optional<Component> component_by_name(std::string_view name) {
  for (std::size_t i = 0; i < components.size(); ++i)
    if (components[i].name == name) return static_cast<Component>(i + 1);
  return std::nullopt;
}

std::string_view factor_name(Factor factor) { return factors[static_cast<std::size_t>(factor)]; }
std::string_view state_name(State state) { return states[static_cast<std::size_t>(state)]; }
Factor factor_of(Component component) { return entry_of(component).factor; }
bool is_set(Component component) { return entry_of(component).is_set; }

MemberDigest member_digest(const SymmetricKey& fingerprint_key, Component component, std::string_view value) {
  cbor::Writer writer;
  writer.array(3);
  writer.uint(1);
  writer.text(component_name(component));
  writer.bytes(as_bytes(value));
  const Digest digest = hmac_sha256(fingerprint_key.view(), writer.view());
  MemberDigest out;
  std::copy_n(digest.begin(), out.size(), out.begin());
  return out;
}

FingerprintKeyId fingerprint_key_id(const SymmetricKey& fingerprint_key) {
  const Digest digest = hmac_sha256(fingerprint_key.view(), as_bytes("oak/v1/fingerprint-key"));
  FingerprintKeyId id;
  std::copy_n(digest.begin(), id.size(), id.begin());
  return id;
}

Fingerprint enrol(const std::vector<Observation>& observations) {
  std::vector<Member> all;
  for (const Observation& seen : observations)
    if (seen.state == State::usable && seen.digest)
      all.push_back({seen.component, *seen.digest, is_set(seen.component) && is_label(seen.label) ? seen.label : std::string()});
  std::stable_sort(all.begin(), all.end(), [](const Member& a, const Member& b) { return a.key() < b.key(); });
  Fingerprint fingerprint;
  std::size_t of_this_component = 0;
  for (Member& member : all) {
    auto& kept = fingerprint.members;
    if (!kept.empty() && kept.back().key() == member.key()) continue;
    of_this_component = !kept.empty() && kept.back().component == member.component ? of_this_component + 1 : 1;
    if (of_this_component <= (is_set(member.component) ? max_set_members : 1)) kept.push_back(std::move(member));
  }
  return fingerprint;
}

std::vector<Unusable> unusable_of(const std::vector<Observation>& observations) {
  std::vector<Unusable> out;
  for (const Observation& seen : observations)
    if (seen.state == State::unreadable || seen.state == State::placeholder) out.push_back({seen.component, seen.state});
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

bool is_strong(const Fingerprint& fingerprint) {
  const auto has = [&](Factor factor) {
    return std::any_of(fingerprint.members.begin(), fingerprint.members.end(),
                       [&](const Member& member) { return factor_of(member.component) == factor; });
  };
  constexpr std::array hardware{Factor::platform, Factor::network, Factor::disks, Factor::tpm};
  return std::count_if(hardware.begin(), hardware.end(), has) >= 2;
}

Bytes encode_fingerprint(const Fingerprint& fingerprint) {
  cbor::Writer writer;
  writer.array(fingerprint.members.size());
  for (const Member& member : fingerprint.members) {
    writer.array(member.label.empty() ? 2 : 3);
    writer.uint(static_cast<std::uint64_t>(member.component));
    writer.bytes(member.digest);
    if (!member.label.empty()) writer.text(member.label);
  }
  return writer.take();
}

Result<Fingerprint> decode_fingerprint(ByteView item) {
  cbor::Reader reader(item);
  const auto count = reader.array();
  if (!count || *count == 0) return bad_field(Field::fingerprint, "has no members");
  Fingerprint fingerprint;
  for (std::size_t i = 0; i < *count; ++i) {
    OAK_ASSIGN(Member member, read_member(reader));
    if (i > 0 && !(fingerprint.members.back().key() < member.key())) return bad_field(Field::fingerprint, "is not in ascending order");
    fingerprint.members.push_back(std::move(member));
  }
  OAK_TRY(check_counts(fingerprint));
  return fingerprint;
}

Bytes encode_unusable(const std::vector<Unusable>& unusable) {
  cbor::Writer writer;
  writer.array(unusable.size());
  for (const Unusable& entry : unusable) {
    writer.array(2);
    writer.uint(static_cast<std::uint64_t>(entry.component));
    writer.uint(static_cast<std::uint64_t>(entry.state));
  }
  return writer.take();
}

Result<std::vector<Unusable>> decode_unusable(ByteView item) {
  cbor::Reader reader(item);
  const auto count = reader.array();
  if (!count || *count == 0) return bad_field(Field::unusable, "has no entries");
  std::vector<Unusable> out;
  for (std::size_t i = 0; i < *count; ++i) {
    const auto size = reader.array();
    if (!size || *size != 2) return bad_field(Field::unusable, "has an entry of the wrong form");
    OAK_ASSIGN(const Component component, read_component(reader, Field::unusable));
    const auto state = reader.uint();
    if (!state || (*state != static_cast<std::uint64_t>(State::unreadable) && *state != static_cast<std::uint64_t>(State::placeholder)))
      return bad_field(Field::unusable, "has a state that is not allowed");
    const Unusable entry{component, static_cast<State>(*state)};
    if (i > 0 && !(out.back() < entry)) return bad_field(Field::unusable, "is not in ascending order");
    out.push_back(entry);
  }
  return out;
}

}  // namespace oak
