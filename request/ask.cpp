#include "request/ask.h"

#include <optional>

#include "core/request.h"
#include "core/text.h"

namespace oak {
namespace {

Failure input_ended(const Error& error) { return explain(error, "the question was not answered"); }

void say_wrong(Terminal& terminal, const Error& error) {
  terminal.say("  " + error.context + ". Compare it with the printed key and type it again.\n");
}

/// The id part; or the whole key, where that was pasted.
struct FirstAnswer {
  std::string id_part;
  std::optional<LicenceKey> whole;
};

Outcome<FirstAnswer> ask_first(Terminal& terminal) {
  for (;;) {
    auto line = terminal.ask("Licence key, the part before the five groups (or the whole key): ");
    if (!line) return tl::unexpected(input_ended(line.error()));
    if (auto whole = parse_licence_key(*line)) return FirstAnswer{{}, std::move(*whole)};
    const auto part = check_licence_id_part(*line);
    if (part) return FirstAnswer{std::string(trimmed(*line)), std::nullopt};
    say_wrong(terminal, part.error());
  }
}

Outcome<std::string> ask_group(Terminal& terminal, std::size_t index) {
  for (;;) {
    auto line = terminal.ask("Licence key, group " + std::to_string(index + 1) + " of 5: ");
    if (!line) return tl::unexpected(input_ended(line.error()));
    const auto checked = check_licence_group(*line, index);
    if (checked) return std::string(trimmed(*line));
    say_wrong(terminal, checked.error());
  }
}

}  // namespace

Outcome<LicenceKey> ask_licence_key(Terminal& terminal) {
  for (;;) {
    OAK_ASSIGN(FirstAnswer first, ask_first(terminal));
    if (first.whole) return std::move(*first.whole);
    std::string text = first.id_part;
    for (std::size_t i = 0; i < licence_key_groups; ++i) {
      OAK_ASSIGN(const std::string group, ask_group(terminal, i));
      text += "-" + group;
    }
    auto key = parse_licence_key(text);
    wipe(text.data(), text.size());
    if (key) return std::move(*key);
    say_wrong(terminal, key.error());
  }
}

Outcome<std::string> ask_site(Terminal& terminal) {
  for (;;) {
    auto line = terminal.ask("A label for this site or machine, as your vendor should see it (empty: none): ");
    if (!line) return tl::unexpected(input_ended(line.error()));
    std::string site(trimmed(*line));
    if (site.size() <= max_site_bytes && !has_control_characters(site)) return site;
    terminal.say("  at most 120 bytes, without control characters.\n");
  }
}

}  // namespace oak
