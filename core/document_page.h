#pragma once
// What a document says, field by field: for the security officer who decides whether it may leave, and for the staff
// who answer it.

#include <string>

#include "core/failure.h"
#include "core/json_writer.h"
#include "core/request.h"
#include "core/trust.h"

namespace oak {

/// The members that every JSON view of a request has: "type", "product", … "document", "phone". The object is open
/// before and after. `hardware` is written as each enrolled component and each that could not be used.
void write_request_members(JsonWriter& json, const OpenedRequest& opened);
/// The page on a terminal.
std::string request_page(const OpenedRequest& opened);
/// The page of any document but a seat lease, by its type; of a sealed request only that it is one, for which key, and how long. Requests
/// and receipts are verified with the key they carry, and a trust with the roots it lists. What needs a trust is judged by `judge`; without
/// one it is shown as what it claims, and the page says so. Either way JSON has `verified` and, where that is false, the cause as `why`.
struct Page {
  std::string text, json;
};
/// The page of what roots are about to sign: nothing is verified. Errors: the payload's.
Result<std::string> root_document_page(DocumentType type, ByteView payload);
Outcome<Page> document_page(std::string_view file_name, ByteView file, const Trust* judge = nullptr);

}  // namespace oak
