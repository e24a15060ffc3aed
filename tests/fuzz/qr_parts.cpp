#include "request/qr_parts.h"

#include <fstream>
#include <iterator>

#include "core/armour.h"
#include "tests/fuzz/fuzz.h"

namespace oak::fuzz {
namespace {

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace

/// One text a line, as a scan gives them.
void run(ByteView input) {
  const auto joined = join_parts(lines_of(as_text(input)));
  if (!joined) return;
  for (const PartSet& set : joined->sets) {
    if (!set.missing.empty()) {
      require(!describe_missing(set).empty(), "what is missing has a name");
      continue;
    }
    const auto parts = cut_into_parts(set.document, 600);
    if (!parts) continue;  // too large for so few characters, or no document
    const auto again = join_parts(*parts);
    require(again && again->sets.size() == 1 && again->sets[0].document == set.document, "what is joined is cut and joined again");
  }
}

std::vector<Bytes> seeds() {
  std::vector<Bytes> made;
  for (const std::string name : {"request/full.oak", "activation/permanent.oak", "receipt/minimal.oak", "sealed-request/plain.oak"}) {
    std::ifstream file(std::string(OAK_VECTORS) + "/" + name, std::ios::binary);
    const auto document = document_from_file_bytes(Bytes(std::istreambuf_iterator<char>(file), {}));
    if (!document) continue;
    for (const std::size_t chars : {200U, 1000U}) {
      const auto parts = cut_into_parts(document->document, chars);
      if (!parts) continue;
      std::string text;
      for (const std::string& part : *parts) text += part + "\n";
      made.push_back(as_bytes(text));
    }
  }
  return made;
}

}  // namespace oak::fuzz
