#include "machine-id/snapshot.h"

#include <algorithm>
#include <optional>

#include "core/cbor.h"
#include "core/key_file.h"
#include "core/licence_key.h"
#include "core/text.h"

namespace oak {
namespace {

constexpr std::string_view label_of_file = "oak/v1/snapshot";

tl::unexpected<Error> damaged() { return fail(Code::damaged_state); }

bool is_supplied(Component component) { return factor_of(component) == Factor::platform || component == Component::mac; }

auto order_of(const Observation& member) { return std::pair(member.component, std::string_view(member.label)); }

/// Whether a snapshot may say this of a component.
bool is_member(const Observation& member) {
  const bool is_card = member.component == Component::mac;
  const bool has_value = member.state == State::usable || member.state == State::placeholder;
  if (!is_supplied(member.component) || member.digest.has_value() != has_value) return false;
  if (!is_card) return member.label.empty() && (has_value || member.state == State::absent);
  return has_value && !member.label.empty() && member.label.size() <= max_label_bytes && is_utf8(member.label) &&
         !has_control_characters(member.label);
}

void write_member(cbor::Writer& writer, const Observation& member) {
  writer.array(4);
  writer.uint(static_cast<std::uint64_t>(member.component));
  writer.uint(static_cast<std::uint64_t>(member.state));
  member.digest ? writer.bytes(*member.digest) : writer.null();
  member.label.empty() ? writer.null() : writer.text(member.label);
}

Result<Observation> read_member(cbor::Reader& reader) {
  OAK_ASSIGN(const std::size_t size, reader.array());
  OAK_ASSIGN(const std::uint64_t component, reader.uint());
  OAK_ASSIGN(const std::uint64_t state, reader.uint());
  if (size != 4 || component < 1 || component > component_count || state > static_cast<std::uint64_t>(State::placeholder)) return damaged();
  Observation member{static_cast<Component>(component), static_cast<State>(state), std::nullopt, {}};
  OAK_ASSIGN(const bool no_digest, reader.null());
  if (!no_digest) {
    OAK_ASSIGN(const ByteView digest, reader.bytes());
    member.digest = to_array<16>(digest);
  }
  OAK_ASSIGN(const bool no_label, reader.null());
  if (!no_label) {
    OAK_ASSIGN(const std::string_view label, reader.text());
    // An empty one would be a second spelling of none.
    if (label.empty()) return damaged();
    member.label = label;
  }
  if (!is_member(member)) return damaged();
  return member;
}

Result<SnapshotPart> read_part(cbor::Reader& reader) {
  OAK_ASSIGN(const std::size_t size, reader.array());
  OAK_ASSIGN(const ByteView id, reader.bytes());
  const auto key = to_array<8>(id);
  if (size != 2 || !key) return damaged();
  SnapshotPart part{*key, {}};
  OAK_ASSIGN(const std::size_t count, reader.array());
  for (std::size_t i = 0; i < count; ++i) {
    OAK_ASSIGN(Observation member, read_member(reader));
    if (i > 0 && !(order_of(part.members.back()) < order_of(member))) return damaged();
    part.members.push_back(std::move(member));
  }
  const auto is_card = [](const Observation& member) { return member.component == Component::mac; };
  if (std::count_if(part.members.begin(), part.members.end(), is_card) > static_cast<std::ptrdiff_t>(max_set_members)) return damaged();
  return part;
}

Result<Snapshot> read_file(ByteView file) {
  cbor::Reader reader(file);
  OAK_ASSIGN(const std::size_t size, reader.array());
  OAK_ASSIGN(const std::string_view label, reader.text());
  OAK_ASSIGN(const std::string_view product, reader.text());
  OAK_ASSIGN(const ByteView boot_bytes, reader.bytes());
  const auto boot = to_array<16>(boot_bytes);
  OAK_ASSIGN(const std::size_t count, reader.array());
  if (size != 4 || label != label_of_file || !is_name(product, max_product_bytes) || !boot || count < 1 || count > max_snapshot_keys)
    return damaged();
  Snapshot snapshot{std::string(product), *boot, {}};
  for (std::size_t i = 0; i < count; ++i) {
    OAK_ASSIGN(SnapshotPart part, read_part(reader));
    if (i > 0 && !(snapshot.parts.back().key < part.key)) return damaged();
    snapshot.parts.push_back(std::move(part));
  }
  OAK_TRY(reader.finish());
  return snapshot;
}

/// The kernel's name for this boot, the same in every container.
std::optional<BootId> boot_of(const Host& host) {
  const auto text = host.read("/proc/sys/kernel/random/boot_id");
  if (!text) return std::nullopt;
  BootId boot{};
  std::size_t digits = 0;
  for (const char c : trimmed(*text)) {
    if (c == '-') continue;
    const std::size_t value = std::string_view("0123456789abcdef").find(c);
    if (value == std::string_view::npos || digits == 2 * boot.size()) return std::nullopt;
    std::uint8_t& byte = boot[digits++ / 2];
    byte = static_cast<std::uint8_t>(std::size_t{byte} << 4 | value);
  }
  if (digits != 2 * boot.size()) return std::nullopt;
  return boot;
}

/// User ids mean what they mean on the machine. Where they don't, "owned by root" is anybody's to say.
bool has_the_machines_users(const Host& host) {
  const auto map = host.read_own_process("uid_map");
  return map && *map == "         0          0 4294967295\n";
}

SnapshotPart part_of(const Facts& facts, const SymmetricKey& key) {
  SnapshotPart part{fingerprint_key_id(key), {}};
  std::vector<Observation> cards;
  for (Observation& seen : observe(facts, key))
    if (is_member(seen)) (seen.component == Component::mac ? cards : part.members).push_back(std::move(seen));
  // As at enrolment: of too many the smallest digests stay.
  std::sort(cards.begin(), cards.end(), [](const Observation& a, const Observation& b) { return a.digest < b.digest; });
  if (cards.size() > max_set_members) cards.resize(max_set_members);
  std::move(cards.begin(), cards.end(), std::back_inserter(part.members));
  std::sort(part.members.begin(), part.members.end(), [](const Observation& a, const Observation& b) { return order_of(a) < order_of(b); });
  return part;
}

/// A part for each key that can be used; why the others can't goes into `warnings`.
Outcome<std::vector<SnapshotPart>> parts_of(Disk& disk, const Facts& facts, const std::string& state_dir, std::string_view product,
                                            std::vector<std::string>& warnings) {
  const std::string folder = state_dir + "/" + std::string(product);
  const auto names = disk.list(folder);
  if (!names && names.error().code != Code::not_found) return tl::unexpected(explain(names.error(), "cannot read the state"));
  std::vector<SnapshotPart> parts;
  for (const std::string& name : names.value_or(std::vector<std::string>())) {
    if (!name.starts_with("fingerprint-") || !name.ends_with(".key")) continue;
    const auto file = read_fingerprint_key(disk, folder, name, product, 0);
    if (file)
      parts.push_back(part_of(facts, file->key));
    else
      warnings.push_back(explain(file.error(), "a key is left out").message);
  }
  std::sort(parts.begin(), parts.end(), [](const SnapshotPart& a, const SnapshotPart& b) { return a.key < b.key; });
  if (!parts.empty()) return parts;
  return tl::unexpected(Failure{
      Code::fingerprint_key_missing,
      warnings.empty() ? "there is no fingerprint key of " + in_quotes(product) + " in " + in_quotes(folder) : warnings.front(),
      "activate the product first (oak-request create, then import), then: sudo systemctl start oak-snapshot@" + std::string(product)});
}

}  // namespace

Bytes encode_snapshot(const Snapshot& snapshot) {
  cbor::Writer writer;
  writer.array(4);
  writer.text(label_of_file);
  writer.text(snapshot.product);
  writer.bytes(snapshot.boot);
  writer.array(snapshot.parts.size());
  for (const SnapshotPart& part : snapshot.parts) {
    writer.array(2);
    writer.bytes(part.key);
    writer.array(part.members.size());
    for (const Observation& member : part.members) write_member(writer, member);
  }
  return writer.take();
}

Result<Snapshot> decode_snapshot(ByteView file) {
  auto read = read_file(file);
  if (!read) return damaged();
  return read;
}

std::string snapshot_path(std::string_view product) { return std::string(snapshot_folder) + "/" + std::string(product) + ".fingerprint"; }

Outcome<SnapshotTaken> take_snapshot(Disk& disk, const Host& host, const Facts& facts, const std::string& state_dir,
                                     std::string_view product) {
  constexpr std::uint32_t folder_mode = 0755, file_mode = 0644;
  if (!is_name(product, max_product_bytes))
    return tl::unexpected(Failure{Code::usage, in_quotes(product) + " is not the name of a product",
                                  "names have letters, digits, dots, dashes and underscores, at most 40"});
  const auto boot = boot_of(host);
  if (!boot) return tl::unexpected(Failure{Code::not_found, "the kernel's boot id can't be read", "mount /proc"});
  SnapshotTaken taken{snapshot_path(product), 0, 0, {}};
  OAK_ASSIGN(std::vector<SnapshotPart> parts, parts_of(disk, facts, state_dir, product, taken.warnings));
  if (parts.size() > max_snapshot_keys) {
    taken.warnings.push_back("there are more than " + std::to_string(max_snapshot_keys) + " fingerprint keys: some are left out");
    parts.resize(max_snapshot_keys);
  }
  taken.keys = parts.size();
  taken.members = parts.front().members.size();
  const std::string folder(snapshot_folder), name = taken.path.substr(folder.size() + 1);
  const Bytes file = encode_snapshot({std::string(product), *boot, std::move(parts)});
  const auto written =
      disk.make_folder(folder, folder_mode).and_then([&] { return disk.write_beneath(folder, name, file, file_mode, Existing::replace); });
  if (!written) return tl::unexpected(explain({written.error().code, {}}, "cannot write " + in_quotes(taken.path)));
  return taken;
}

Outcome<std::vector<Observation>> trusted_members(Disk& disk, const Host& host, std::string_view product, const FingerprintKeyId& key) {
  constexpr std::uint32_t others_write = 0022;
  const std::string path = snapshot_path(product), folder(snapshot_folder);
  const std::string again = "take it again: sudo systemctl restart oak-snapshot@" + std::string(product);
  const auto refuse = [&](Code code, std::string_view why, std::string_view remedy) {
    return tl::unexpected(Failure{code, "the boot snapshot " + in_quotes(path) + " is not used: " + std::string(why), std::string(remedy)});
  };
  const auto file = disk.read_beneath(folder, path.substr(folder.size() + 1), max_snapshot_bytes);
  if (!file && file.error().code == Code::unsafe_file) return refuse(Code::unsafe_file, "it is a link, or no regular file", again);
  if (!file) return refuse(file.error().code, code_cause(file.error().code), again);
  if (!has_the_machines_users(host))
    return refuse(Code::untrusted, "this process has user ids of its own (/proc/self/uid_map), where anybody can be root",
                  "run it without a user namespace (PrivateUsers, rootless containers)");
  if (file->owner != 0) return refuse(Code::unsafe_file, "it is not root's", again);
  if ((file->mode & others_write) != 0) return refuse(Code::unsafe_file, "others than root may write it", again);
  const auto snapshot = decode_snapshot(file->bytes);
  if (!snapshot) return refuse(Code::damaged_state, "it is damaged", again);
  if (snapshot->product != product) return refuse(Code::wrong_product, "it is another product's", again);
  if (boot_of(host) != snapshot->boot) return refuse(Code::wrong_machine, "it was not taken in this boot", again);
  for (const SnapshotPart& part : snapshot->parts)
    if (part.key == key) return part.members;
  return refuse(Code::fingerprint_key_missing, "it was taken before this activation came", again);
}

Sighting observe_with_snapshot(Disk& disk, const Host& host, const Facts& facts, std::string_view product,
                               const SymmetricKey& fingerprint_key) {
  Sighting out{observe(facts, fingerprint_key), {}};
  const auto is_wanted = [](const Observation& seen) { return seen.state == State::unreadable && is_supplied(seen.component); };
  if (std::none_of(out.observations.begin(), out.observations.end(), is_wanted)) return out;
  const auto members = trusted_members(disk, host, product, fingerprint_key_id(fingerprint_key));
  if (!members) {
    if (members.error().code != Code::not_found) out.refusal = members.error().message + "; " + members.error().hint;
    return out;
  }
  for (Observation& seen : out.observations) {
    if (!is_wanted(seen)) continue;
    const auto found =
        std::find_if(members->begin(), members->end(), [&](const Observation& member) { return order_of(member) == order_of(seen); });
    if (found != members->end()) seen = *found;
  }
  return out;
}

}  // namespace oak
