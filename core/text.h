#pragma once
// Text rules for every document, and the one way to show untrusted text.

#include <cstdint>
#include <string>
#include <string_view>

namespace oak {

/// Well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF).
bool is_utf8(std::string_view text);
/// True where text holds a C0 or C1 control character or DEL, or an unpaired/bidi override that could reorder a
/// terminal line (U+202A to U+202E, U+2066 to U+2069). Documents refuse such text.
bool has_control_characters(std::string_view text);
/// Product and licence names: [A-Za-z0-9][A-Za-z0-9._-]*, 1 to `max_length` bytes. Safe as a file name.
bool is_name(std::string_view text, std::size_t max_length);
/// The text with control characters, bidi overrides and invalid bytes as \xNN, fit for a terminal or a log.
std::string printable(std::string_view text);
/// printable() between single quotes.
std::string in_quotes(std::string_view text);
/// printable(), for what stands between tags of HTML, or in an attribute between double quotes.
std::string html_escaped(std::string_view text);
/// Without leading and trailing ASCII white space.
std::string_view trimmed(std::string_view text);
/// "2026-11-24 08:20:00 UTC" and "2026-11-24", from seconds since 1970.
std::string utc_text(std::uint64_t unix_s);
std::string utc_date(std::uint64_t unix_s);

}  // namespace oak
