#include "machine-id/placeholders.h"

#include <algorithm>
#include <array>

#include "machine-id/normalise.h"

namespace oak {
namespace {

// Laid out by hand: clang-format would give each entry a line.
// clang-format off

// Sources of the tables: what the inventory agents GLPI, FusionInventory and OCS and the hw-probe tool refuse, and
// counts over 162,852 machines of linuxhw/DMI (CC-BY-4.0). Lower case; what a rule below catches is not listed.
constexpr auto words = std::to_array<std::string_view>({
    "(null string)", "12345678win8 pro", "<bad index>", "<out of spec>", "all", "all series", "chassis sku",
    "empty", "eval", "iatpass", "invalid", "n/a", "na", "no asset information", "no asset tag", "no dpk", "none",
    "null", "number", "o.e.m", "o.e.m.", "oem", "oem_mb", "oem_serial", "serial", "sku", "sku number", "sn",
    "sn-123456fvgv3i0b8o5n6n7k", "standard", "system family", "system manufacturer", "system name", "system sku#",
    "system skunumber", "system version", "tbd", "tulip computers", "undefined", "unknow", "unknown", "x.x", "x.xx",
    "123456789abc"});

// Parts of values: makers vary the rest.
constexpr auto fragments = std::to_array<std::string_view>({
    "to be filled", "tobefilled", "filled by", "fill by oem", "tbd by oem", "default string", "default_string",
    "not specified", "not applicable", "not available", "not defined", "not set", "not used", "system serial",
    "systemserialnumb", "serial number", "product name", "board manufacturer", "board vendor name", "board version",
    "chassis manufacture", "chassis version", "kxxx-vyyy", "1234567890", "9876543210"});

// How the templates of firmware makers begin: "Type2 - Board Version", "OEM-B85".
constexpr auto beginnings = std::to_array<std::string_view>({"oem ", "oem-", "type1", "type2", "type3"});

// Canonical forms (machine-id/normalise.h). The second is a maker's prefix with blanks for the serial number, on 19
// notebooks; the first is the template of a firmware maker.
constexpr auto uuids = std::to_array<std::string_view>({
    "00020003-0004-0005-0006-000700080009", "44454c4c-2000-1020-8020-a0c04f202020",
    "00b3b56a-8d53-1410-9fb5-b0684d007b53", "00000000-0000-0000-0000-000000000001",
    "00000000-0000-0000-0000-000000000002", "12345678-1234-5678-90ab-cddeefaabbcc"});

// Adapters, tunnels, docking stations and emulators that show one address on many machines. Locally administered
// and group addresses are refused before these are asked.
constexpr auto macs = std::to_array<std::string_view>({
    "00:01:02:7d:9b:1c", "00:08:a1:46:06:35", "00:08:a1:66:e2:1a", "00:09:3b:f0:1a:40", "00:09:dd:10:37:68",
    "00:0b:0e:0f:00:ed", "00:0b:ca:fe:00:00", "00:0b:e0:f0:00:ed", "00:0f:ea:9a:e2:f0", "00:10:5a:72:71:f3",
    "00:11:11:85:08:8b", "00:11:22:33:44:55", "00:13:74:00:00:00", "00:13:74:00:5c:38", "00:1e:10:1f:00:00",
    "00:20:07:01:16:06", "00:50:56:c0:00:01", "00:50:56:c0:00:02", "00:50:56:c0:00:08", "00:a0:c6:00:00:00",
    "00:dd:00:00:00:00", "00:e0:12:34:56:78", "00:e0:4c:53:44:58", "00:ff:00:00:00:00", "04:4b:80:80:80:03",
    "04:4b:80:80:80:04", "04:4b:80:80:80:f0", "0c:5b:8f:27:9a:64", "10:11:11:11:11:11", "20:41:53:59:4e:ff",
    "24:b6:20:52:41:53", "44:45:53:54:00:00", "44:45:53:54:00:01", "44:45:53:54:61:6f", "50:50:54:50:30:30",
    "58:2c:80:13:92:63", "88:88:88:88:87:88"});

// Numbers that emulators and clouds give to the disks of every machine alike, as parts of normalised values: by slot
// (QEMU, VMware, Azure), or one for all (Google).
constexpr auto disk_fragments = std::to_array<std::string_view>({
    "DRIVE-IDE", "DRIVE-SATA", "DRIVE-SCSI", "DRIVE-VIRTIO", "NVME_CARD", "PERSISTENT-DISK-", "SN: 0000",
    "VMWARE NVME_"});
// clang-format on

template <std::size_t N>
bool is_listed(const std::array<std::string_view, N>& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

template <std::size_t N>
bool holds_any(const std::array<std::string_view, N>& parts, std::string_view value) {
  return std::any_of(parts.begin(), parts.end(), [&](std::string_view part) { return value.find(part) != std::string_view::npos; });
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// One character over and over, separators apart: "0000", "--", "X". A leading "0x" says only how it is written.
bool is_one_character(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  char only = 0;
  for (const char c : text) {
    if (c == '-' || c == ' ' || c == ':' || c == '.') continue;
    if (only != 0 && c != only) return false;
    only = c;
  }
  return true;
}

/// Digits that count up by one, 9 followed by 0 or 1, alone or behind letters and a dash: "123456", "SN-12345".
bool counts_up(std::string_view text) {
  const std::size_t dash = std::min(text.find('-'), text.size());
  const std::string_view letters = text.substr(0, dash);
  if (dash < text.size() && std::all_of(letters.begin(), letters.end(), is_letter)) text.remove_prefix(dash + 1);
  if (text.size() < 4 || !std::all_of(text.begin(), text.end(), is_digit)) return false;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const bool wraps = text[i - 1] == '9' && (text[i] == '0' || text[i] == '1');
    if (!wraps && text[i - 1] + 1 != text[i]) return false;
  }
  return true;
}

/// QEMU numbers its disks alike on every guest: "QM00001".
bool is_qemu_number(std::string_view serial) {
  const std::size_t at = serial.find("QM000");
  if (at == std::string_view::npos) return false;
  const std::string_view rest = serial.substr(at + 2);
  return rest.size() == 5 && std::all_of(rest.begin(), rest.end(), is_digit);
}

int hex_digit(char c) { return is_digit(c) ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; }

/// The text behind pairs of upper-case hex digits; nullopt where they are none.
std::optional<std::string> text_of_hex(std::string_view digits) {
  std::string out;
  for (; digits.size() >= 2; digits.remove_prefix(2)) {
    const int high = hex_digit(digits[0]), low = hex_digit(digits[1]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
  }
  return digits.empty() ? std::optional(out) : std::nullopt;
}

/// The number within an identifier that says of which kind it is. For an NVMe namespace without one the kernel writes
/// NVME.<vendor>-<serial>-<model>-<namespace>, serial number and model in hex: then it is the serial number.
std::string identifier_of(std::string_view value) {
  for (const std::string_view kind : {"EUI.", "NAA.", "UUID."})
    if (value.starts_with(kind)) return std::string(value.substr(kind.size()));
  const std::size_t begin = value.find('-') + 1, end = value.find('-', begin);
  if (!value.starts_with("NVME.") || begin == 0 || end == std::string_view::npos) return std::string(value);
  const auto serial = text_of_hex(value.substr(begin, end - begin));
  return serial ? normalised_serial(*serial) : std::string(value);
}

std::string text_placeholder(std::string_view value) {
  const std::string lower = lower_case(value);
  if (is_listed(words, lower) || holds_any(fragments, lower)) return "placeholder: listed";
  if (is_one_character(lower)) return "placeholder: one repeated character";
  if (std::any_of(beginnings.begin(), beginnings.end(), [&](std::string_view part) { return lower.starts_with(part); }))
    return "placeholder: a template";
  if (counts_up(lower)) return "placeholder: digits that count up";
  return lower.find("xxxx") != std::string::npos ? "placeholder: a mask of X" : "";
}

}  // namespace

std::string serial_placeholder(std::string_view serial) {
  if (std::string reason = text_placeholder(serial); !reason.empty()) return reason;
  if (const auto uuid = canonical_uuid(serial)) return uuid_placeholder(*uuid);
  const bool is_binary = std::all_of(serial.begin(), serial.end(), [](char c) { return c == '0' || c == '1'; });
  return is_binary ? "placeholder: only 0 and 1" : "";
}

std::string name_placeholder(std::string_view folded_name) { return folded_name.empty() ? std::string() : text_placeholder(folded_name); }

std::string uuid_placeholder(std::string_view uuid) {
  if (is_listed(uuids, uuid)) return "placeholder: listed";
  std::string digits;
  bool each_field_repeats = true;
  for (std::size_t at = 0; at < uuid.size();) {
    const std::string_view field = uuid.substr(at, uuid.find('-', at) - at);
    each_field_repeats &= is_one_character(field);
    digits += field;
    at += field.size() + 1;
  }
  bool is_one_byte = true;
  for (std::size_t at = 2; at < digits.size(); at += 2) is_one_byte &= digits.substr(at, 2) == digits.substr(0, 2);
  if (is_one_byte) return "placeholder: one repeated byte";
  return each_field_repeats ? "placeholder: each field repeats one character" : "";
}

std::string mac_placeholder(std::string_view mac) {
  if (is_listed(macs, mac)) return "placeholder: listed";
  if (is_one_character(mac)) return "placeholder: one repeated character";
  // Only the last byte set is what drivers count up from where no address is programmed; a maker's three bytes and
  // no number behind them is a memory that was never written.
  const bool is_blank = mac.starts_with("00:00:00:00:00:") || mac.ends_with(":00:00:00");
  return is_blank ? "placeholder: no address programmed" : "";
}

std::string disk_placeholder(std::string_view number) {
  const std::string serial = identifier_of(number);
  if (std::string reason = serial_placeholder(serial); !reason.empty()) return reason;
  return holds_any(disk_fragments, serial) || is_qemu_number(serial) ? "placeholder: an emulator's default" : "";
}

}  // namespace oak
