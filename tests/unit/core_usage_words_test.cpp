// Goal: whatever the flag parser has to say, a person reads which option it is and what is wrong with it.
#include <catch2/catch.hpp>

#include "core/usage_words.h"

namespace oak::test {

TEST_CASE("the parser's messages in our words") {
  CHECK(usage_words("--customer is required") == "--customer is required");
  CHECK(usage_words("Could not convert: --seats = many") == "--seats: 'many' is not a number");
  CHECK(usage_words("--out: 1 required TEXT missing") == "--out needs a value");
  CHECK(usage_words("--out: At Most 1 required but received 2") == "--out is given 2 times, and can be given once");
  CHECK(usage_words("--days: Value 0 not in range 1 to 3660") == "--days: 0 not in range 1 to 3660");
  CHECK(usage_words("--format: z not in {oak,c}") == "--format: z not in {oak,c}");
  CHECK(usage_words("The following argument was not expected: --bogus") == "there is no option '--bogus' here");
  CHECK(usage_words("The following arguments were not expected: x y") == "'x y' was not expected here");
  CHECK(usage_words("The following argument was not expected: a\x1b[2Jb") == "'a\\x1b[2Jb' was not expected here");
  CHECK(usage_words("") == "");
}

TEST_CASE("without a command, the commands are named, or the word that is none") {
  CHECK(no_command_words({"add", "change", "list"}, "") == "a command is needed: add, change or list");
  CHECK(no_command_words({"list"}, "") == "a command is needed: list");
  CHECK(no_command_words({"list"}, "--bogus") == "there is no option '--bogus' here");
  CHECK(no_command_words({"list"}, "lost") == "'lost' was not expected here");
}

}  // namespace oak::test
