#include "core/text.h"

#include "core/activation_id.h"
#include "core/bytes.h"
#include "core/clock.h"
#include "tests/unit/core_corpus.h"

namespace oak::test {

TEST_CASE("UTF-8 is what RFC 3629 says, for every code point and every short byte string") {
  // Goal: no overlong form, no surrogate, nothing above U+10FFFF; and every valid one passes.
  const auto encoded = [](std::uint32_t c) {
    std::string out;
    const auto push = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (c < 0x80) {
      push(c);
    } else if (c < 0x800) {
      push(0xc0 | c >> 6), push(0x80 | (c & 63));
    } else if (c < 0x10000) {
      push(0xe0 | c >> 12), push(0x80 | (c >> 6 & 63)), push(0x80 | (c & 63));
    } else {
      push(0xf0 | c >> 18), push(0x80 | (c >> 12 & 63)), push(0x80 | (c >> 6 & 63)), push(0x80 | (c & 63));
    }
    return out;
  };
  for (std::uint32_t c = 0; c < 0x120000; ++c) {
    const bool valid = c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
    if (is_utf8(encoded(c)) != valid) FAIL("U+" << std::hex << c);
  }
  std::size_t valid_pairs = 0;
  for (unsigned a = 0; a < 256; ++a)
    for (unsigned b = 0; b < 256; ++b) valid_pairs += is_utf8(std::string{static_cast<char>(a), static_cast<char>(b)});
  CHECK(valid_pairs == 128 * 128 + 30 * 64);
  for (const char* text :
       {"\xc0\x80", "\xe0\x80\x80", "\xf0\x80\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc3", "\xe2\x82", "\xf0\x9f\x98", "\x80"})
    CHECK_FALSE(is_utf8(text));
}

TEST_CASE("control characters, separators and direction overrides are found") {
  // Goal: nothing that moves a cursor, ends a line or turns a line around gets into a document.
  for (int c = 0; c < 0x20; ++c) CHECK(has_control_characters(std::string(1, static_cast<char>(c))));
  for (const char* text : {"\x7f", "\xc2\x80", "\xc2\x9b", "\xc2\x9f", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaa", "\xe2\x80\xae",
                           "\xe2\x81\xa6", "\xe2\x81\xa9"})
    CHECK(has_control_characters(std::string("a") + text + "b"));
  for (const char* text : {"", "Halle «Süd»", "\xc2\xa0", "\xe2\x80\xa7", "\xe2\x80\xaf", "\xe2\x81\xaa", "日本", "😀"})
    CHECK_FALSE(has_control_characters(text));
  CHECK(has_control_characters("\xff"));
}

TEST_CASE("untrusted text is shown without doing anything") {
  // Goal: what is printed holds no control character and no invalid byte, and says what was there.
  CHECK(printable("plain Süd") == "plain Süd");
  CHECK(printable("a\x1b[2Jb\n") == "a\\x1b[2Jb\\x0a");
  CHECK(printable("\xe2\x80\xae") == "\\xe2\\x80\\xae");
  CHECK(printable("x\xff\xc3") == "x\\xff\\xc3");
  CHECK(in_quotes("it's") == "'it's'");
  for (unsigned a = 0; a < 256; ++a)
    for (unsigned b = 0; b < 256; ++b) {
      const std::string shown = printable(std::string{static_cast<char>(a), static_cast<char>(b)});
      if (!is_utf8(shown) || has_control_characters(shown)) FAIL(a << " " << b);
    }
}

TEST_CASE("names are safe as file names") {
  // Goal: a product can't be a path, hidden, or longer than it may.
  for (const char* name : {"demo", "a", "7", "Demo-2.x_y", "a..b"}) CHECK(is_name(name, 40));
  for (const char* name : {"", ".", "..", ".demo", "-demo", "_demo", "de mo", "a/b", "a\\b", "dem\xc3\xb6", "a\n", "a:b", "~a"})
    CHECK_FALSE(is_name(name, 40));
  CHECK(is_name(std::string(40, 'a'), 40));
  CHECK_FALSE(is_name(std::string(41, 'a'), 40));
  CHECK_FALSE(is_name(std::string("a\0b", 3), 40));
}

TEST_CASE("times are shown in UTC as the calendar has them") {
  // Goal: no library call that knows a time zone; leap years, centuries, the last second of the format.
  CHECK(utc_text(0) == "1970-01-01 00:00:00 UTC");
  CHECK(utc_text(951782399) == "2000-02-28 23:59:59 UTC");
  CHECK(utc_date(951782400) == "2000-02-29");
  CHECK(utc_date(951868800) == "2000-03-01");
  CHECK(utc_date(4107542399) == "2100-02-28");
  CHECK(utc_date(4107542400) == "2100-03-01");
  CHECK(utc_text(1764000000) == "2025-11-24 16:00:00 UTC");
  CHECK(utc_text(253402300799) == "9999-12-31 23:59:59 UTC");
  std::string before;
  for (std::uint64_t day = 0; day < 60000; ++day) {
    const std::string date = utc_date(day * 86400);
    if (!(before < date) || utc_date(day * 86400 + 86399) != date) FAIL(before << " then " << date);
    before = date;
  }
  CHECK(SystemClock().now_unix_s() > 1700000000);
}

TEST_CASE("whatever a text holds, a page shows it and does not obey it") {
  // Goal: nothing of it opens a tag, ends an attribute or makes an entity, and control characters are seen as everywhere.
  CHECK(html_escaped("<script>&\"x\"</script>") == "&lt;script&gt;&amp;&quot;x&quot;&lt;/script&gt;");
  CHECK(html_escaped("&amp;") == "&amp;amp;");
  CHECK(html_escaped("Müller\x1b[2J") == "Müller\\x1b[2J");
}

TEST_CASE("white space around is taken off, and hex is small letters") {
  // Goal: two small things that everything else uses.
  CHECK(trimmed(" \t a b \r\n") == "a b");
  CHECK(trimmed(" \n").empty());
  CHECK(to_hex(Bytes{0x00, 0xff, 0x1a}) == "00ff1a");
}

TEST_CASE("an activation id is read as people type it") {
  // Goal: dashes, spaces and small letters don't matter; anything else is no id.
  ActivationId id{};
  for (std::size_t i = 0; i < id.size(); ++i) id[i] = static_cast<std::uint8_t>(i * 17);
  const std::string text = activation_id_text(id);
  CHECK(text == "AAISEM2EKVTHPCEZ");
  CHECK(normalised_activation_id("aais-em2e kvth-pcez") == text);
  CHECK(normalised_activation_id(text) == text);
  for (const char* wrong : {"", "AAISEM2EKVTHPCE", "AAISEM2EKVTHPCEZA", "AAISEM2EKVTHPCE1", "AAISEM2EKVTHPCE!"})
    CHECK_FALSE(normalised_activation_id(wrong));
  Digest hash{};
  std::copy(id.begin(), id.end(), hash.begin());
  CHECK(phone_groups(hash) == "AAIS-EM2E-KVTH-PCEZ");
}

}  // namespace oak::test
