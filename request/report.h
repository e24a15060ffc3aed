#pragma once
// What the site's commands say, as text and as JSON. Nothing is printed here.

#include <string>
#include <vector>

#include "request/carriers.h"
#include "request/create.h"
#include "request/returning.h"
#include "request/scan.h"

namespace oak {

/// The unsigned lines on top of a request's file.
std::vector<std::string> request_comments(const Request& request);
/// On top of a sealed one, for its courier's eyes.
std::vector<std::string> sealed_comments();
/// Where the request went, and the next two steps; `options` are those that `import` needs again, or empty. With a sealing key:
/// it was sealed. Hash and groups are the request's own, which is what the desk shows.
std::string created_text(const Created& created, const std::vector<CarrierFile>& files, const std::string& options,
                         const std::optional<PublicKey>& sealing_key);
std::string created_json(const Created& created, const std::string& path, const std::optional<PublicKey>& sealing_key);
/// The unsigned lines on top of a receipt's file.
std::vector<std::string> receipt_comments(const Receipt& receipt);
/// What will end, before it does.
std::string plan_text(const ReturnPlan& plan);
/// The command that writes the same receipt again.
std::string again_text(const ReturnPlan& plan, const std::string& product, const std::string& options);
std::string returned_text(const ReturnPlan& plan, ByteView document, const std::string& where);
std::string returned_json(const ReturnPlan& plan, ByteView document, const std::string& path);
/// The one to write a receipt of: one that has none yet, else the last. Refused where there is none, where it is too early, and
/// where somebody has to say which.
Outcome<ReturnPlan> choose_replaced(ReplacedPlans found, const std::string& product, const std::string& options);
/// "out.oak", then "out-2.oak".
std::string numbered_path(const std::string& path, std::size_t number);
/// Texts of symbols are untrusted: escaped here, for a terminal.
std::string raw_scan_text(const RawScan& scanned);
std::string raw_scan_json(const RawScan& scanned);
struct ScannedText {
  std::string text, json;
};
ScannedText scanned_report(std::string_view word, const Digest& document, const std::string& path);

/// One value, or an array where there are several.
std::string json_of_several(const std::vector<std::string>& values);

}  // namespace oak
