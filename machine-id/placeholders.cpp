#include "machine-id/placeholders.h"

#include <algorithm>
#include <array>

#include "machine-id/normalise.h"

namespace oak {
namespace {

// Sources of the lists: the tables of GLPI, FusionInventory and OCS inventory agents, and counts over the machines of
// linuxhw/DMI (CC-BY-4.0). Lower case; what a rule below catches is not listed.
constexpr std::array<std::string_view, 46> words = {
    "(null string)", "<bad index>", "<out of spec>", "all", "all series", "board version", "chassis sku", "empty", "eval",
    "iatpass", "invalid", "n/a", "na", "no asset information", "no asset tag", "no dpk", "none", "null", "number",
    "oem", "o.e.m", "o.e.m.", "oem_mb", "oem_serial", "product name", "serial", "sku", "sku number", "standard",
    "system family", "system manufacturer", "system name", "system product name", "system sku#", "system skunumber",
    "system version", "tbd", "tulip computers", "undefined", "unknow", "unknown", "x.x", "x.xx", "xxx", "sn",
    "123456789abc"};

constexpr std::array<std::string_view, 17> fragments = {
    "to be filled", "tobefilled", "fill by oem", "filled by", "default string", "default_string", "not specified",
    "not applicable", "not available", "not defined", "not set", "not used", "system serial", "systemserialnumb",
    "serial number", "1234567890", "tbd by oem"};

// Canonical forms (machine-id/normalise.h). The second is Dell's prefix followed by blanks, on 19 notebooks.
constexpr std::array<std::string_view, 6> uuids = {
    "00020003-0004-0005-0006-000700080009", "44454c4c-2000-1020-8020-a0c04f202020",
    "00b3b56a-8d53-1410-9fb5-b0684d007b53", "00000000-0000-0000-0000-000000000001",
    "00000000-0000-0000-0000-000000000002", "12345678-1234-5678-90ab-cddeefaabbcc"};

// Adapters, tunnels, docking stations and emulators that show one address on many machines.
constexpr std::array<std::string_view, 36> macs = {
    "00:01:02:7d:9b:1c", "00:08:a1:46:06:35", "00:08:a1:66:e2:1a", "00:09:dd:10:37:68", "00:0f:ea:9a:e2:f0",
    "00:10:5a:72:71:f3", "00:11:11:85:08:8b", "10:11:11:11:11:11", "44:45:53:54:00:00", "44:45:53:54:00:01",
    "44:45:53:54:61:6f", "50:50:54:50:30:30", "20:41:53:59:4e:ff", "00:a0:c6:00:00:00", "33:50:6f:45:30:30",
    "00:50:56:c0:00:01", "00:50:56:c0:00:02", "00:50:56:c0:00:08", "24:b6:20:52:41:53", "00:0b:ca:fe:00:00",
    "0c:5b:8f:27:9a:64", "00:20:07:01:16:06", "00:0b:0e:0f:00:ed", "04:4b:80:80:80:03", "04:4b:80:80:80:04",
    "04:4b:80:80:80:f0", "00:e0:4c:53:44:58", "58:2c:80:13:92:63", "00:1e:10:1f:00:00", "00:13:74:00:5c:38",
    "00:09:3b:f0:1a:40", "00:dd:00:00:00:00", "00:13:74:00:00:00", "00:11:22:33:44:55", "00:e0:12:34:56:78",
    "00:0b:e0:f0:00:ed"};

template <std::size_t N>
bool is_listed(const std::array<std::string_view, N>& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// One character over and over, separators apart: "0000", "--", "X".
bool is_one_character(std::string_view text) {
  char only = 0;
  for (const char c : text) {
    if (c == '-' || c == ' ' || c == ':' || c == '.') continue;
    if (only != 0 && c != only) return false;
    only = c;
  }
  return true;
}

/// Digits that count up by one, 9 followed by 0, behind letters and a dash or nothing: "123456", "SN-12345".
bool counts_up(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  if (dash != std::string_view::npos && std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(dash), is_letter))
    text.remove_prefix(dash + 1);
  if (text.size() < 4 || !std::all_of(text.begin(), text.end(), is_digit)) return false;
  for (std::size_t i = 1; i < text.size(); ++i)
    if ((text[i - 1] - '0' + 1) % 10 != text[i] - '0') return false;
  return true;
}

/// A mask that somebody should have replaced: four X in a row.
bool is_masked(std::string_view lower) { return lower.find("xxxx") != std::string_view::npos; }

std::string text_placeholder(std::string_view value) {
  const std::string lower = lower_case(value);
  if (is_listed(words, lower)) return "placeholder: listed";
  if (is_one_character(lower)) return "placeholder: one repeated character";
  for (const std::string_view fragment : fragments)
    if (lower.find(fragment) != std::string::npos) return "placeholder: listed";
  if (is_masked(lower)) return "placeholder: a mask of X";
  return {};
}

}  // namespace

std::string serial_placeholder(std::string_view serial) {
  if (std::string reason = text_placeholder(serial); !reason.empty()) return reason;
  const bool binary = std::all_of(serial.begin(), serial.end(), [](char c) { return c == '0' || c == '1'; });
  if (binary) return "placeholder: only 0 and 1";
  return counts_up(serial) ? "placeholder: digits that count up" : "";
}

std::string name_placeholder(std::string_view folded_name) { return text_placeholder(folded_name); }

std::string uuid_placeholder(std::string_view uuid) {
  if (is_listed(uuids, uuid)) return "placeholder: listed";
  std::string bytes;
  for (const char c : uuid)
    if (c != '-') bytes += c;
  bool one_byte = true;
  for (std::size_t at = 2; at < bytes.size(); at += 2) one_byte &= bytes.substr(at, 2) == bytes.substr(0, 2);
  if (one_byte) return "placeholder: one repeated byte";
  // "11111111-2222-3333-4444-555555555555": every field is one character.
  bool each_field_one = true;
  for (std::size_t at = 0; at < uuid.size();) {
    const std::size_t end = std::min(uuid.find('-', at), uuid.size());
    each_field_one &= is_one_character(uuid.substr(at, end - at));
    at = end + 1;
  }
  return each_field_one ? "placeholder: each field repeats one character" : "";
}

std::string mac_placeholder(std::string_view mac) {
  if (is_listed(macs, mac)) return "placeholder: listed";
  if (is_one_character(mac)) return "placeholder: one repeated character";
  // Only the last byte set: what drivers count up from where no address is programmed.
  return mac.starts_with("00:00:00:00:00:") ? "placeholder: no address programmed" : "";
}

std::string disk_placeholder(std::string_view serial) {
  if (std::string reason = serial_placeholder(serial); !reason.empty()) return reason;
  // QEMU numbers its disks alike on every guest ("QM00001"), and names others after their slot ("drive-scsi0").
  const std::size_t at = serial.find("QM0");
  const bool qemu = at != std::string_view::npos && serial.size() - at >= 7 &&
                    std::all_of(serial.begin() + static_cast<std::ptrdiff_t>(at) + 2, serial.begin() + static_cast<std::ptrdiff_t>(at) + 7, is_digit);
  if (qemu || serial.find("DRIVE-SCSI") != std::string_view::npos || serial.find("DRIVE-IDE") != std::string_view::npos ||
      serial.find("DRIVE-VIRTIO") != std::string_view::npos || serial.find("DRIVE-SATA") != std::string_view::npos)
    return "placeholder: an emulator's default";
  return {};
}

}  // namespace oak
