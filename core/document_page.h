#pragma once
// What a document says, field by field: for the security officer who decides whether it may leave, and for the staff
// who answer it.

#include <string>

#include "core/failure.h"
#include "core/json_writer.h"
#include "core/request.h"

namespace oak {

/// The members that every JSON view of a request has: "type", "product", … "document", "phone". The object is open
/// before and after. `hardware` is written as each enrolled component and each that could not be used.
void write_request_members(JsonWriter& json, const OpenedRequest& opened);
/// The page on a terminal.
std::string request_page(const OpenedRequest& opened);
/// The page of any document, by its type. Requests and receipts are verified with their own key; others are shown
/// as what they claim, and the page says so.
struct Page {
  std::string text, json;
};
Outcome<Page> document_page(std::string_view file_name, ByteView file);

}  // namespace oak
