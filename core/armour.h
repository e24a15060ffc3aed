#pragma once
// The text form of a document: unsigned comment lines, then Base32 between BEGIN and END lines (docs/format.md, "Text form").

#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/document_type.h"
#include "core/error.h"

namespace oak {

inline constexpr std::size_t max_document_bytes = 65536;
inline constexpr std::size_t max_bulletin_bytes = 1048576;
inline constexpr std::size_t max_armoured_bytes = 2 * max_bulletin_bytes;

struct Armoured {
  std::string label;  ///< "OAK REQUEST"
  Bytes document;
};

/// Comment lines are written first, each behind "# "; control characters in them are escaped.
std::string armour_encode(std::string_view label, ByteView document, const std::vector<std::string>& comments = {});
/// Refuses text that is neither comment nor blank before BEGIN, anything but white space after END, a label that
/// differs between the two, and more than max_armoured_bytes.
Result<Armoured> armour_decode(std::string_view text);
/// A file as it comes: armour, or the document's own bytes (recognised by their first byte). Label is empty then.
Result<Armoured> document_from_file_bytes(ByteView file);

}  // namespace oak
