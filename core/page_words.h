#pragma once
// The lines and members that pages of documents have in common (core/document_page.h).

#include <string>
#include <string_view>

#include "core/error.h"
#include "core/fingerprint.h"
#include "core/json_writer.h"

namespace oak {

struct Page {
  std::string text, json;
};

/// "  name             value"
std::string page_line(std::string_view name, std::string_view value);
std::string page_line_unless_empty(std::string_view name, std::string_view value);  ///< untrusted text
std::string strength_word(const Fingerprint& fingerprint);

/// What was found out about a document that only a trust can vouch for.
struct Standing {
  bool judged = false;
  Status verified = fail(Code::untrusted);
  bool draft = false;
};

std::string title_end(const Standing& standing);
std::string standing_line(const Standing& standing);  ///< empty where nothing was judged
void write_standing(JsonWriter& json, const Standing& standing);

/// The document's hash, and what of it people compare. Of a draft the hash is its payload's, which stays the same while roots sign.
std::string hash_lines(const Digest& document, const Standing& standing = {});
void write_hash_members(JsonWriter& json, const Digest& document);

}  // namespace oak
