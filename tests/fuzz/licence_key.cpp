#include "core/licence_key.h"

#include "tests/fuzz/fuzz.h"

void oak::fuzz::run(ByteView input) {
  const std::string_view text = as_text(input);
  for (std::size_t group = 0; group < licence_key_groups; ++group) (void)check_licence_group(text, group);
  if (const auto id = check_licence_id_part(text)) require(is_licence_id(*id), "an id that passes is an id");
  const auto key = parse_licence_key(text);
  if (!key) return;
  const std::string printed = format_licence_key(*key);
  const auto again = parse_licence_key(printed);
  require(again && format_licence_key(*again) == printed, "a key that was typed is read again as it is printed");
  require(printed.size() <= text.size() + 2 * licence_key_groups, "nothing but separators is left out");
}
