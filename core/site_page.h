#pragma once
// The pages of what a site sends: requests, sealed ones, receipts.

#include "core/page_words.h"
#include "core/receipt.h"
#include "core/request.h"
#include "core/sealed_request.h"

namespace oak {

/// The members that every JSON view of a request has: "type", "product", … "document", "phone". The object is open
/// before and after. `hardware` is written as each enrolled component and each that could not be used.
void write_request_members(JsonWriter& json, const OpenedRequest& opened);
/// The page on a terminal.
std::string request_page(const OpenedRequest& opened);
/// What its courier can see, and no more. No groups for the phone: those that people compare are the request's own.
Page sealed_page(const SealedRequest& sealed, ByteView document);
Page receipt_page(const OpenedReceipt& opened);

}  // namespace oak
