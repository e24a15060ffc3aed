#include "issuer/passphrases.h"

#include "core/text.h"

namespace oak {
namespace {

constexpr std::size_t max_passphrase_file_bytes = 65536;
constexpr int tries = 3;

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string line(text.substr(0, end));
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (!line.empty()) lines.push_back(std::move(line));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
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
  const std::vector<std::string> lines = lines_of(as_text(file->bytes));
  wipe(file->bytes.data(), file->bytes.size());
  for (const std::string& line : lines)
    if (line.starts_with(key_name + ":")) return std::string(trimmed(line.substr(key_name.size() + 1)));
  if (lines.size() == 1) return lines.front();
  return tl::unexpected(Failure{Code::usage,
                                "the passphrase file " + in_quotes(file_) + " has no passphrase for key " + in_quotes(key_name),
                                "give it one line for all keys, or a line '" + key_name + ": PASSPHRASE'"});
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
