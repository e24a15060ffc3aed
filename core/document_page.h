#pragma once
// What a document says, field by field: for the security officer who decides whether it may leave, and for the staff
// who answer it.

#include <string>

#include "core/failure.h"
#include "core/page_words.h"
#include "core/trust.h"

namespace oak {

/// The page of any document but a seat lease, by its type; of a sealed request only that it is one, for which key, and how long. Requests
/// and receipts are verified with the key they carry, and a trust with the roots it lists. What needs a trust is judged by `judge`; without
/// one it is shown as what it claims, and the page says so. Either way JSON has `verified` and, where that is false, the cause as `why`.
Outcome<Page> document_page(std::string_view file_name, ByteView file, const Trust* judge = nullptr);

}  // namespace oak
