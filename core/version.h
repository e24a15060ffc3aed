#pragma once
// Product versions and the ranges an activation covers.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.h"

namespace oak {

using VersionNumbers = std::array<std::uint64_t, 4>;

/// Up to four dotted numbers (each at most 2^32 − 1, no leading zeros) with an optional "-pre" tag of 1 to 32
/// characters [0-9A-Za-z.-]. Missing numbers are 0.
struct Version {
  VersionNumbers numbers{};
  std::string pre;
};

Result<Version> parse_version(std::string_view text);

/// An interval of versions. Text forms: "*", "3.*", "3.5.*", "3.5.1", or comparisons joined by spaces that must all
/// hold (">=3.0 <5"). A pre-release counts as its release.
class VersionRange {
 public:
  static Result<VersionRange> parse(std::string_view text);
  bool contains(const Version& version) const;
  /// Every version in `other` is in this range.
  bool covers(const VersionRange& other) const;
  /// The lowest version in it, as text: "3.0" of "3.*".
  std::string lowest_text() const;
  /// Canonical spelling: one space between comparisons, else as parsed.
  const std::string& text() const { return text_; }

 private:
  VersionNumbers low_{};   // inclusive
  VersionNumbers high_{};  // exclusive
  std::string text_;
};

inline constexpr std::size_t max_version_bytes = 64;

}  // namespace oak
