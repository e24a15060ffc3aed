#include "request/ask.h"

#include <optional>
#include <vector>

#include "core/request.h"
#include "core/text.h"
#include "core/version.h"

namespace oak {
namespace {

constexpr std::string_view trust_suffix = ".oak";

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

std::vector<std::string> products_trusted(Disk& disk, const std::string& trust_folder) {
  std::vector<std::string> out;
  const auto names = disk.list(trust_folder);
  for (const std::string& name : names.value_or(std::vector<std::string>{})) {
    if (!name.ends_with(trust_suffix)) continue;
    const std::string product = name.substr(0, name.size() - trust_suffix.size());
    if (is_name(product, max_product_bytes)) out.push_back(product);
  }
  return out;
}

}  // namespace

Outcome<std::string> ask_product(Terminal& terminal, Disk& disk, const std::string& trust_folder) {
  const std::vector<std::string> known = products_trusted(disk, trust_folder);
  if (known.size() == 1) return known.front();
  std::string choice;
  for (const std::string& product : known) choice += (choice.empty() ? " (" : ", ") + product;
  if (!choice.empty()) choice += ")";
  for (;;) {
    auto line = terminal.ask("Product" + choice + ": ");
    if (!line) return tl::unexpected(input_ended(line.error()));
    const std::string product(trimmed(*line));
    if (is_name(product, max_product_bytes)) return product;
    terminal.say("  letters, digits, dots, dashes and underscores, at most 40; your vendor says what the product is called.\n");
  }
}

Outcome<std::string> ask_version(Terminal& terminal, const std::string& product) {
  for (;;) {
    auto line = terminal.ask("Version of " + product + ", for example 3.5: ");
    if (!line) return tl::unexpected(input_ended(line.error()));
    const std::string version(trimmed(*line));
    if (parse_version(version)) return version;
    terminal.say("  up to four numbers with dots between them.\n");
  }
}

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

Outcome<void> ask_to_give_back(Terminal& terminal, const std::string& product) {
  const auto line = terminal.ask("To give it back, type the product's name: ");
  if (!line) return tl::unexpected(input_ended(line.error()));
  if (trimmed(*line) == product) return {};
  return tl::unexpected(Failure{Code::refused, "not given back: that is not " + in_quotes(product), "nothing was changed"});
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
