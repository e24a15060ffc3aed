#include "request/qr_parts.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "core/armour.h"
#include "core/base32.h"
#include "core/crypto.h"
#include "core/envelope.h"
#include "core/sealed_request.h"
#include "core/text.h"

namespace oak {
namespace {

constexpr std::string_view mark = "OA1";
constexpr std::size_t digit_count = 16;
/// By DocumentType number, counting from 1.
constexpr std::string_view type_letters = "RAEBKTIL";
constexpr char sealed_letter = 'S';

struct Part {
  char type_letter;
  std::size_t number, total;
  std::string digits, slice;
};

std::string upper_hex(ByteView bytes) {
  std::string out = to_hex(bytes);
  for (char& c : out)
    if (c >= 'a') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::optional<std::size_t> hex_pair(std::string_view text) {
  const int high = hex_value(text[0]), low = hex_value(text[1]);
  if (high < 0 || low < 0) return std::nullopt;
  return static_cast<std::size_t>(high * 16 + low);
}

/// nullopt: a stranger's code.
std::optional<Part> read_part(std::string_view text) {
  if (text.size() <= qr_part_header_chars || !text.starts_with(mark)) return std::nullopt;
  const auto number = hex_pair(text.substr(4)), total = hex_pair(text.substr(6));
  const std::string_view digits = text.substr(8, digit_count), slice = text.substr(qr_part_header_chars);
  if (!number || !total || *number < 1 || *number > *total || *total > max_qr_parts) return std::nullopt;
  if (!std::all_of(digits.begin(), digits.end(), [](char c) { return hex_value(c) >= 0; })) return std::nullopt;
  if (!std::all_of(slice.begin(), slice.end(), [](char c) { return base32_value(c) >= 0; })) return std::nullopt;
  return Part{text[3], *number, *total, std::string(digits), std::string(slice)};
}

struct Collected {
  char type_letter;
  std::size_t total;
  std::vector<std::string> slices;
  std::size_t contradiction = 0;  ///< the number of a part that another one contradicts
};

std::string set_name(char letter, std::string_view digits) { return std::string(part_type_word(letter)) + " " + std::string(digits); }

Result<char> letter_of(ByteView document) {
  if (is_sealed_request(document)) {
    OAK_TRY(decode_sealed_request(document));
    return sealed_letter;
  }
  OAK_ASSIGN(const DocumentType type, claimed_type(document));
  return type_letters[static_cast<std::size_t>(type) - 1];
}

/// All slices but the last are of one length, and the last is no longer.
bool is_one_cut(const std::vector<std::string>& slices) {
  const std::size_t length = slices.front().size();
  return slices.back().size() <= length &&
         std::all_of(slices.begin(), slices.end() - 1, [&](const std::string& slice) { return slice.size() == length; });
}

Result<PartSet> finish(const std::string& digits, const Collected& collected) {
  PartSet set{collected.type_letter, digits, collected.total, {}, {}};
  if (collected.contradiction > 0)
    return fail(Code::bad_envelope,
                set_name(set.type_letter, digits) + ": part " + std::to_string(collected.contradiction) + " contradicts another one");
  std::string text;
  for (std::size_t i = 0; i < collected.total; ++i) {
    if (collected.slices[i].empty()) set.missing.push_back(i + 1);
    text += collected.slices[i];
  }
  if (!set.missing.empty()) return set;
  auto document = base32_decode(text);
  if (!document || !is_one_cut(collected.slices) || upper_hex(ByteView(sha256(*document)).first(digit_count / 2)) != digits)
    return fail(Code::bad_envelope, set_name(set.type_letter, digits) + ": its parts were altered");
  OAK_ASSIGN(const char letter, letter_of(*document));
  if (letter != set.type_letter) return fail(Code::bad_envelope, set_name(set.type_letter, digits) + ": it is another document");
  set.document = std::move(*document);
  return set;
}

}  // namespace

std::string_view part_type_word(char letter) {
  if (letter == sealed_letter) return "sealed request";
  const std::size_t at = type_letters.find(letter);
  return at == std::string_view::npos ? "document" : labels_of(static_cast<DocumentType>(at + 1)).word;
}

Result<std::vector<std::string>> cut_into_parts(ByteView document, std::size_t part_chars) {
  OAK_ASSIGN(const char letter, letter_of(document));
  const std::string text = base32_encode(document);
  const std::size_t room = part_chars - qr_part_header_chars;
  const std::size_t total = (text.size() + room - 1) / room;
  if (total > max_qr_parts) return fail(Code::too_large, std::to_string(total) + " QR symbols would be needed");
  // Slices of one length, so that the symbols come out alike; the last takes what is left.
  const std::size_t slice = (text.size() + total - 1) / total;
  const std::string digits = upper_hex(ByteView(sha256(document)).first(digit_count / 2));
  const auto pair = [](std::size_t value) { return upper_hex(std::array{static_cast<std::uint8_t>(value)}); };
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < total; ++i)
    parts.push_back(std::string(mark) + letter + pair(i + 1) + pair(total) + digits + text.substr(i * slice, slice));
  return parts;
}

Result<Joined> join_parts(const std::vector<std::string>& texts) {
  Joined joined;
  std::vector<std::string> order;
  std::map<std::string, Collected> sets;
  for (const std::string& text : texts) {
    const auto part = read_part(text);
    if (!part) {
      ++joined.strangers;
      continue;
    }
    const auto [at, is_new] =
        sets.try_emplace(part->digits, Collected{part->type_letter, part->total, std::vector<std::string>(part->total), 0});
    if (is_new) order.push_back(part->digits);
    Collected& set = at->second;
    const bool fits = set.total == part->total && set.type_letter == part->type_letter;
    std::string* slice = fits ? &set.slices[part->number - 1] : nullptr;
    if (!slice || (!slice->empty() && *slice != part->slice))
      set.contradiction = part->number;
    else
      *slice = part->slice;
  }
  std::optional<Error> fault;
  for (const std::string& digits : order) {
    auto set = finish(digits, sets.at(digits));
    if (set) {
      joined.sets.push_back(std::move(*set));
      continue;
    }
    joined.faults.push_back(set.error().context);
    if (!fault) fault = std::move(set).error();
  }
  const bool is_any_whole = std::any_of(joined.sets.begin(), joined.sets.end(), [](const PartSet& set) { return set.missing.empty(); });
  if (fault && !is_any_whole) return tl::unexpected(std::move(*fault));
  return joined;
}

std::string describe_missing(const PartSet& set) {
  std::string out = set_name(set.type_letter, set.digits) + ": part";
  if (set.missing.size() > 1) out += 's';
  for (std::size_t i = 0; i < set.missing.size(); ++i)
    out += (i == 0 ? " " : i + 1 == set.missing.size() ? " and " : ", ") + std::to_string(set.missing[i]);
  return out + " of " + std::to_string(set.total) + (set.missing.size() > 1 ? " are missing" : " is missing");
}

}  // namespace oak
