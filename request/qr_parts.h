#pragma once
// A document as QR texts: cut into parts, and joined again. Pure; source: docs/format-qr.md, "QR parts".

#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/document_type.h"
#include "core/error.h"

namespace oak {

inline constexpr std::size_t max_qr_parts = 64;
inline constexpr std::size_t qr_part_header_chars = 24;

/// Cuts the Base32 text of a document into parts of at most `part_chars` characters, header included. too_large where
/// more than max_qr_parts were needed; those of names_of (core/sealed_request.h) where it is no document.
Result<std::vector<std::string>> cut_into_parts(ByteView document, std::size_t part_chars);

/// A set of parts that belong together: one document's.
struct PartSet {
  char type_letter = '?';
  std::string digits;  ///< 16 hex digits of the document's SHA-256
  std::size_t total = 0;
  std::vector<std::size_t> missing;  ///< part numbers, counting from 1
  Bytes document;                    ///< whole where nothing is missing
};

struct Joined {
  std::vector<PartSet> sets;        ///< in the order in which they were first seen
  std::size_t strangers = 0;        ///< texts that are no part of any document
  std::vector<std::string> faults;  ///< of sets left out: "request 3F2A…: its parts were altered"
};

/// Takes texts in any order, doubled, with strangers' codes among them. A set whose parts
/// contradict one another, or do not give the document that they name, is left out where another one is whole, else it is the
/// error: bad_envelope, the context says which set.
Result<Joined> join_parts(const std::vector<std::string>& texts);

/// "request 3F2A…: part 2 of 2 is missing"
std::string describe_missing(const PartSet& set);
/// The word for the type letter of a part, "document" for an unknown one.
std::string_view part_type_word(char letter);

}  // namespace oak
