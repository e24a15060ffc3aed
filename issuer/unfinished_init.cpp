#include "issuer/unfinished_init.h"

#include <algorithm>

#include "core/armour.h"
#include "core/text.h"
#include "issuer/desk_files.h"

namespace oak {
namespace {

constexpr std::size_t max_note_bytes = 65536;
constexpr std::string_view note_start = "# An init that did not finish. The next one takes away what it left: these keys, and no others.\n";

/// One line of the note: "PUBLIC-KEY NAME FOLDER".
struct NotedKey {
  std::string public_key, name, folder;
};

std::string line_of(const std::string& folder, std::string_view name, const PublicKey& key) {
  return to_hex(key) + " " + std::string(name) + " " + folder + "\n";
}

std::vector<NotedKey> keys_in(std::string_view note) {
  std::vector<NotedKey> keys;
  while (!note.empty()) {
    const std::size_t end = std::min(note.find('\n'), note.size());
    const std::string_view line = note.substr(0, end);
    const std::size_t first = line.find(' ');
    const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
    if (!line.starts_with('#') && second != std::string_view::npos)
      keys.push_back({std::string(line.substr(0, first)), std::string(line.substr(first + 1, second - first - 1)),
                      std::string(line.substr(second + 1))});
    note.remove_prefix(std::min(end + 1, note.size()));
  }
  return keys;
}

/// The public key that a key file shows, in hex; empty where there is no readable key file.
std::string shown_key(Disk& disk, const std::string& folder, std::string_view name) {
  const auto document = read_document(disk, folder, name);
  if (!document) return {};
  const auto head = read_key_file_head(*document);
  return head ? to_hex(head->public_key) : std::string();
}

bool is_there(Disk& disk, const std::string& folder, std::string_view name) { return disk.exists(folder + "/" + std::string(name)); }

/// A finished desk, restored beside the note of another, must not be taken for what that init left.
Outcome<void> check_own(Disk& disk, const std::string& desk, const std::vector<NotedKey>& noted) {
  bool own = true, has_desk_key = false;
  for (const std::string_view name : {desk_key_file, issuer_key_file}) {
    if (!is_there(disk, desk, name)) continue;
    has_desk_key |= name == desk_key_file;
    const std::string shown = shown_key(disk, desk, name);
    own &= std::any_of(noted.begin(), noted.end(), [&](const NotedKey& key) { return key.name == name && key.public_key == shown; });
  }
  for (const std::string_view name : {ledger_file, trust_file, issuer_certificate_file, trust_draft_file})
    own &= has_desk_key || !is_there(disk, desk, name);
  if (own) return {};
  return tl::unexpected(
      Failure{Code::already_exists,
              "the desk in " + in_quotes(desk) + " is not what the init that was cut off there has left: " + in_quotes(unfinished_file) +
                  " does not name its keys",
              "if it is a finished desk, such as a restored backup, remove that file; else choose another folder with --desk"});
}

Outcome<void> remove_if_there(Disk& disk, const std::string& folder, std::string_view name) {
  const auto removed = disk.remove_beneath(folder, std::string(name));
  if (removed || removed.error().code == Code::not_found) return {};
  return tl::unexpected(explain({removed.error().code, {}}, "cannot remove " + in_quotes(folder + "/" + std::string(name)) +
                                                                ", which an init that was cut off has left"));
}

}  // namespace

UnfinishedInit::~UnfinishedInit() {
  bool all_gone = true;
  for (auto at = made_.rbegin(); at != made_.rend(); ++at) {
    const auto removed = disk_.remove_beneath(at->first, at->second);
    all_gone &= removed || removed.error().code == Code::not_found;
  }
  // What could not be removed stays noted, for the next init.
  if (noted_ && all_gone) static_cast<void>(disk_.remove_beneath(desk_, std::string(unfinished_file)));
}

Outcome<void> UnfinishedInit::begin() {
  note_ = note_start;
  const auto written = disk_.write_beneath(desk_, std::string(unfinished_file), as_bytes(note_), 0600, Existing::refuse);
  if (!written) return tl::unexpected(explain({written.error().code, {}}, "cannot write in the folder " + in_quotes(desk_)));
  noted_ = true;
  return {};
}

Outcome<void> UnfinishedInit::will_make_key(const std::string& folder, std::string_view name, const PublicKey& key) {
  note_ += line_of(folder, name, key);
  const auto written = disk_.write_beneath(desk_, std::string(unfinished_file), as_bytes(note_), 0600, Existing::replace);
  if (!written) return tl::unexpected(explain({written.error().code, {}}, "cannot write in the folder " + in_quotes(desk_)));
  made_.emplace_back(folder, name);
  return {};
}

Outcome<void> UnfinishedInit::finish() {
  const auto removed = disk_.remove_beneath(desk_, std::string(unfinished_file));
  if (!removed) return tl::unexpected(explain({removed.error().code, {}}, "cannot finish the desk in " + in_quotes(desk_)));
  noted_ = false;
  made_.clear();
  return {};
}

Outcome<bool> clear_unfinished_init(Disk& disk, const std::string& desk) {
  const auto note = disk.read_beneath(desk, std::string(unfinished_file), max_note_bytes);
  if (!note && note.error().code == Code::not_found) return false;
  if (!note) return tl::unexpected(explain({note.error().code, {}}, "cannot read " + in_quotes(desk + "/" + std::string(unfinished_file))));
  const std::vector<NotedKey> noted = keys_in(as_text(note->bytes));
  OAK_TRY(check_own(disk, desk, noted));
  // The desk's keys go after its ledger, and the note last: cut off here too, it is still known for what it is.
  for (const std::string_view name : {trust_file, issuer_certificate_file, trust_draft_file, issuer_draft_file, ledger_file})
    OAK_TRY(remove_if_there(disk, desk, name));
  OAK_TRY(remove_if_there(disk, desk, std::string(ledger_file) + "-journal"));
  for (const NotedKey& key : noted)
    if (shown_key(disk, key.folder, key.name) == key.public_key) OAK_TRY(remove_if_there(disk, key.folder, key.name));
  OAK_TRY(remove_if_there(disk, desk, unfinished_file));
  return true;
}

}  // namespace oak
