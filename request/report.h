#pragma once
// What the site's commands say, as text and as JSON. Nothing is printed here.

#include <string>
#include <vector>

#include "request/carriers.h"
#include "request/create.h"
#include "request/scan.h"

namespace oak {

/// The unsigned lines on top of a request's file.
std::vector<std::string> request_comments(const Request& request);
/// Where the request went, and the next two steps; `options` are those that `import` needs again, or empty.
std::string created_text(const Created& created, const std::vector<CarrierFile>& files, const std::string& options);
std::string created_json(const Created& created, const std::string& path);
/// Texts of symbols are untrusted: escaped here, for a terminal.
std::string raw_scan_text(const RawScan& scanned);
std::string raw_scan_json(const RawScan& scanned);
struct ScannedText {
  std::string text, json;
};
ScannedText scanned_report(DocumentType type, const Digest& document, const std::string& path);

/// One value, or an array where there are several.
std::string json_of_several(const std::vector<std::string>& values);

}  // namespace oak
