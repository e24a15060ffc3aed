#include "issuer/passphrases.h"

#include "core/text.h"

namespace oak {
namespace {

constexpr std::size_t max_passphrase_file_bytes = 65536;
constexpr int tries = 3;

struct Line {
  std::size_t number = 0;
  std::string_view text;
};

/// The lines that say something. They look into `text`, which its owner wipes.
std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!trimmed(line).empty()) lines.push_back({number, line});
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// The names that init gives: desk, root-N, issuer-N.
bool is_key_name(std::string_view text) {
  if (text == "desk") return true;
  for (const std::string_view kind : {"root-", "issuer-"})
    if (text.starts_with(kind) && text.size() > kind.size())
      return text.find_first_not_of("0123456789", kind.size()) == std::string_view::npos;
  return false;
}

/// "root-1: passphrase" is for root-1 alone. A colon behind anything but a key's name belongs to a passphrase.
bool names_a_key(std::string_view line, std::string_view key_name) {
  const std::size_t colon = line.find(':');
  return colon != std::string_view::npos && (line.substr(0, colon) == key_name || is_key_name(line.substr(0, colon)));
}

/// Of the text of a passphrase file; `file` is its name for messages.
Outcome<std::string> passphrase_in(std::string_view text, const std::string& key_name, const std::string& file) {
  const std::vector<Line> lines = lines_of(text);
  for (const Line& line : lines) {
    if (!line.text.starts_with(key_name + ":")) continue;
    const std::string_view passphrase = trimmed(line.text.substr(key_name.size() + 1));
    if (!passphrase.empty()) return std::string(passphrase);
    return tl::unexpected(Failure{Code::usage,
                                  "the passphrase file " + in_quotes(file) + ", line " + std::to_string(line.number) +
                                      ": the passphrase of key " + in_quotes(key_name) + " is empty",
                                  "write it behind the colon: '" + key_name + ": PASSPHRASE'"});
  }
  if (lines.size() == 1 && !names_a_key(lines.front().text, key_name)) return std::string(lines.front().text);
  return tl::unexpected(Failure{Code::usage, "the passphrase file " + in_quotes(file) + " has no passphrase for key " + in_quotes(key_name),
                                "give it one line for all keys, or a line '" + key_name + ": PASSPHRASE'"});
}

}  // namespace

Passphrases::Passphrases(Disk& disk, Terminal& terminal, std::string file) : disk_(disk), terminal_(terminal), file_(std::move(file)) {}

Passphrases::~Passphrases() {
  for (std::string& text : entered_) wipe(text.data(), text.size());
}

Failure Passphrases::nobody_to_ask(const std::string& key_name) const {
  return {Code::usage, "the passphrase of key " + in_quotes(key_name) + " is needed",
          "add --passphrase-file FILE (or set OAK_PASSPHRASE_FILE), or run it on a terminal"};
}

Outcome<std::string> Passphrases::from_file(const std::string& key_name) {
  auto file = disk_.read(file_, max_passphrase_file_bytes);
  if (!file) return tl::unexpected(explain({file.error().code, {}}, "cannot read the passphrase file " + in_quotes(file_)));
  auto found = passphrase_in(as_text(file->bytes), key_name, file_);
  wipe(file->bytes.data(), file->bytes.size());
  return found;
}

Outcome<std::string> Passphrases::choose(const std::string& key_name) {
  if (!file_.empty()) return from_file(key_name);
  if (!terminal_.interactive()) return tl::unexpected(nobody_to_ask(key_name));
  for (;;) {
    auto first = terminal_.ask_hidden("New passphrase for key " + key_name + ": ");
    if (!first) return tl::unexpected(explain(first.error(), "no passphrase was given"));
    auto second = terminal_.ask_hidden("The same again: ");
    if (!second) return tl::unexpected(explain(second.error(), "no passphrase was given"));
    if (!first->empty() && *first == *second) {
      entered_.push_back(*first);
      return std::move(*first);
    }
    terminal_.say(first->empty() ? "A passphrase can't be empty.\n" : "The two differ.\n");
  }
}

Outcome<OpenedKeyFile> Passphrases::unlock(ByteView key_document, const std::string& what) {
  const auto head = read_key_file_head(key_document);
  if (!head) return tl::unexpected(explain(head.error(), what));
  if (!file_.empty()) {
    OAK_ASSIGN(std::string passphrase, from_file(head->name));
    auto opened = open_key_file(key_document, as_bytes(passphrase));
    wipe(passphrase.data(), passphrase.size());
    if (!opened) return tl::unexpected(explain(opened.error(), what));
    return std::move(*opened);
  }
  for (const std::string& passphrase : entered_)
    if (auto opened = open_key_file(key_document, as_bytes(passphrase))) return std::move(*opened);
  if (!terminal_.interactive()) return tl::unexpected(nobody_to_ask(head->name));
  for (int left = tries; left > 0; --left) {
    auto passphrase = terminal_.ask_hidden("Passphrase of key " + head->name + ": ");
    if (!passphrase) return tl::unexpected(explain(passphrase.error(), "no passphrase was given"));
    auto opened = open_key_file(key_document, as_bytes(*passphrase));
    entered_.push_back(std::move(*passphrase));
    if (opened) return std::move(*opened);
    if (opened.error().code != Code::wrong_passphrase || left == 1) return tl::unexpected(explain(opened.error(), what));
    terminal_.say("That is not it.\n");
  }
  return tl::unexpected(nobody_to_ask(head->name));
}

}  // namespace oak
