#include "core/version.h"

#include "tests/fuzz/fuzz.h"

void oak::fuzz::run(ByteView input) {
  const std::string_view text = as_text(input);
  if (const auto version = parse_version(text)) {
    const auto exact = VersionRange::parse(text);
    if (exact) require(exact->contains(*version), "a version is in the range that is spelt like it");
  }
  const auto range = VersionRange::parse(text);
  if (!range) return;
  const auto again = VersionRange::parse(range->text());
  require(again && again->text() == range->text(), "a range is read again as it is spelt");
  require(range->covers(*again) && again->covers(*range), "and is the same one");
  require(VersionRange::parse("*")->covers(*range), "no range is wider than all");
}
