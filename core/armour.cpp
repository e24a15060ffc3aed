#include "core/armour.h"

#include "core/base32.h"
#include "core/sealed_request.h"
#include "core/text.h"

namespace oak {
namespace {

constexpr std::size_t columns = 64;
constexpr std::string_view begin_mark = "-----BEGIN ", end_mark = "-----END ", tail_mark = "-----";

/// Hands out lines without their ends, counting from 1.
struct Lines {
  std::string_view rest;
  std::size_t number = 0;
  bool next(std::string_view& line) {
    if (rest.empty()) return false;
    const std::size_t end = rest.find('\n');
    line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
    ++number;
    return true;
  }
  tl::unexpected<Error> refuse(std::string_view why) const {
    return fail(Code::bad_armour, "line " + std::to_string(number) + ": " + std::string(why));
  }
};

/// The label of a BEGIN or END line, empty where the line is none.
std::string_view label_of(std::string_view line, std::string_view mark) {
  if (!line.starts_with(mark) || !line.ends_with(tail_mark) || line.size() <= mark.size() + tail_mark.size()) return {};
  return line.substr(mark.size(), line.size() - mark.size() - tail_mark.size());
}

}  // namespace

std::string armour_encode(std::string_view label, ByteView document, const std::vector<std::string>& comments) {
  std::string out;
  for (const std::string& comment : comments) out += "# " + printable(comment) + "\n";
  out += std::string(begin_mark) + std::string(label) + std::string(tail_mark) + "\n";
  const std::string body = base32_encode(document);
  for (std::size_t at = 0; at < body.size(); at += columns) out += body.substr(at, columns) + "\n";
  out += std::string(end_mark) + std::string(label) + std::string(tail_mark) + "\n";
  return out;
}

Result<Armoured> armour_decode(std::string_view text) {
  if (text.size() > max_armoured_bytes) return fail(Code::too_large);
  Lines lines{text};
  std::string_view line, label;
  while (label.empty()) {
    if (!lines.next(line)) return fail(Code::bad_armour, "there is no BEGIN line");
    label = label_of(line, begin_mark);
    if (label.empty() && !line.empty() && line.front() != '#') return lines.refuse("neither a comment (#) nor a BEGIN line");
  }
  std::string body;
  body.reserve(lines.rest.size());
  for (;;) {
    if (!lines.next(line)) return fail(Code::bad_armour, "there is no END line: the end of the file is missing");
    if (line.starts_with('-')) break;
    if (find_not_base32(line) != std::string_view::npos) return lines.refuse("a character that is not Base32");
    body += line;
  }
  if (label_of(line, end_mark) != label) return lines.refuse("the END line does not fit the BEGIN line");
  const std::string kept_label(label);
  while (lines.next(line))
    if (!line.empty()) return fail(Code::trailing_bytes, "line " + std::to_string(lines.number));
  OAK_ASSIGN(Bytes document, base32_decode(body));
  return Armoured{kept_label, std::move(document)};
}

Result<Armoured> document_from_file_bytes(ByteView file) {
  if (file.empty()) return fail(Code::empty_input);
  // Tag 18 is one byte (0xd2), tag 98 two (0xd8 0x62): neither begins a text, nor does a sealed request's array.
  if (file[0] == 0xd2 || file[0] == 0xd8 || is_sealed_request(file)) {
    if (file.size() > max_bulletin_bytes) return fail(Code::too_large);
    return Armoured{{}, Bytes(file.begin(), file.end())};
  }
  return armour_decode(as_text(file));
}

}  // namespace oak
