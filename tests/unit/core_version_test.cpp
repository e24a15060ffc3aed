#include "core/version.h"

#include "tests/unit/core_corpus.h"

namespace oak::test {
namespace {

Version version(const char* text) { return parse_version(text).value(); }
VersionRange range(const char* text) { return VersionRange::parse(text).value(); }

}  // namespace

TEST_CASE("a range contains what it says") {
  // Goal: the contract's examples and every operator on both sides of its edge. The vectors hold the same for other readers.
  struct Row {
    const char* range;
    std::vector<const char*> in, out;
  };
  const Row rows[] = {
      {"*", {"0", "4294967295.4294967295.4294967295.4294967295"}, {}},
      {"3.*", {"3", "3.0", "3.5.1.7", "3.9-beta", "3.0-rc1"}, {"2.9", "4", "4.0-rc1"}},
      {"3.5.*", {"3.5", "3.5.0.0", "3.5.9"}, {"3.4.9", "3.6", "3.6-rc1"}},
      {"3.5.1.*", {"3.5.1", "3.5.1.9"}, {"3.5", "3.5.2"}},
      {"3.5.1", {"3.5.1", "3.5.1.0", "3.5.1-rc2"}, {"3.5.1.1", "3.5"}},
      {"=3.5", {"3.5", "3.5.0.0"}, {"3.5.0.1"}},
      {"<4", {"0", "3.9.9.9"}, {"4", "4.0-rc1"}},
      {"<=4", {"4", "4.0-rc1"}, {"4.0.0.1"}},
      {">3", {"3.0.0.1", "4"}, {"3", "3.0-rc1"}},
      {">=3", {"3", "3.0-rc1"}, {"2.9"}},
      {">=3.0 <5", {"3", "4.9"}, {"5", "5.0-rc1", "2"}},
      {">1 <2 >=1.5", {"1.5", "1.9"}, {"1.4", "2"}},
      {"3.* 3.5.*", {"3.5"}, {"3.4"}},
  };
  for (const Row& row : rows) {
    for (const char* text : row.in) {
      INFO(text << " in " << row.range);
      CHECK(range(row.range).contains(version(text)));
    }
    for (const char* text : row.out) {
      INFO(text << " not in " << row.range);
      CHECK_FALSE(range(row.range).contains(version(text)));
    }
  }
}

TEST_CASE("a range covers another exactly where every version of the other is in it") {
  // Goal: caps of issuer certificates can't be passed by a clever spelling. All pairs are compared by trying versions.
  const std::vector<const char*> ranges = {"*",
                                           "1.*",
                                           "2.*",
                                           "1.2.*",
                                           "1.2.3",
                                           ">1.2",
                                           ">=1.2",
                                           "<1.3",
                                           "<=1.2",
                                           ">=1 <2",
                                           ">1.2.3 <1.2.5",
                                           "1.2.3.*",
                                           ">=1.2.4",
                                           ">1.2.3.4294967295",
                                           "<1.2.4",
                                           "<=1.2.3.4294967295",
                                           "=1.2",
                                           "0"};
  const std::vector<const char*> versions = {"0",
                                             "0.0.0.1",
                                             "1",
                                             "1.1.9",
                                             "1.2",
                                             "1.2.0.1",
                                             "1.2.2.4294967295",
                                             "1.2.3",
                                             "1.2.3.1",
                                             "1.2.3.4294967295",
                                             "1.2.4",
                                             "1.2.4.1",
                                             "1.2.4294967295.4294967295",
                                             "1.3",
                                             "1.4294967295.4294967295.4294967295",
                                             "2",
                                             "2.9",
                                             "3",
                                             "4294967295.4294967295.4294967295.4294967295"};
  for (const char* outer : ranges) {
    for (const char* inner : ranges) {
      bool all_in = true;
      for (const char* text : versions)
        if (range(inner).contains(version(text))) all_in &= range(outer).contains(version(text));
      INFO(outer << " covers " << inner);
      CHECK(range(outer).covers(range(inner)) == all_in);
    }
  }
}

TEST_CASE("a range keeps its spelling, but for spaces") {
  // Goal: what is signed is what was typed.
  CHECK(range("  >=3.0   <5 ").text() == ">=3.0 <5");
  CHECK(range("3.*").text() == "3.*");
}

TEST_CASE("versions and ranges that are none are refused, and quoted no longer than they may be") {
  // Goal: refusal by the right code, with context that can't flood a terminal.
  for (const char* text :
       {"", "v3", "3.", ".3", "1.2.3.4.5", "03", "4294967296", "99999999999999999999", "3-", "3-a b", "3_1", "-1", "3 "}) {
    INFO(text);
    CHECK(parse_version(text).error().code == Code::bad_version);
  }
  for (const char* text : {"", " ", "3.x", "**", "*.3", "3.*.*", ">=", ">=3.*", "=>3", "3-rc", ">=5 <3", "<0", "^3", "3 ||4", "\t3"}) {
    INFO(text);
    CHECK(VersionRange::parse(text).error().code == Code::bad_range);
  }
  CHECK(parse_version(std::string(5000, '1')).error().context.size() <= max_version_bytes);
  CHECK(VersionRange::parse(std::string(5000, '1')).error().context.size() <= max_version_bytes);
}

}  // namespace oak::test
