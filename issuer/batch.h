#pragma once
// Many requests in one go: each decided on its own, recorded in groups, and handed out as files once they are in the ledger.

#include <functional>

#include "issuer/batch_requests.h"
#include "issuer/issue_terms.h"
#include "issuer/report.h"

namespace oak {

/// Where a batch's answers go: a folder, made where it is missing.
struct BatchWay {
  std::string folder;
  Existing existing = Existing::refuse;
  std::size_t group = 2048;  ///< requests that are recorded in one transaction; another writer gets its turn between two
};

struct BatchRow {
  enum class Decision : char { issued, repeated, refused, failed };
  std::string request;
  Decision decision = Decision::failed;
  std::string activation;  ///< its id; empty where there is none
  std::vector<Refusal> refusals;
  Failure failure;   ///< of a failed one
  std::string json;  ///< issue's keys, or refused, or error; and the request
};

/// How many of how many are answered.
using Progress = std::function<void(std::size_t done, std::size_t total)>;

/// Answers each request and writes STEM.activation.oak and STEM.json for it, and report.json for all. Somebody at the terminal
/// sees first what would be issued, and is asked once; Code::refused, with no hint, where the answer is no.
///
/// What is cut off at any point is mended by the same batch again: a request that was answered gets the same file, and takes no
/// second seat. So a file with the same bytes is in nobody's way, nor is an earlier report of a batch; any other existing file
/// fails its request before that is decided, unless it may be replaced. A failure stops the batch: the ledger's, or the folder's.
Outcome<std::vector<BatchRow>> issue_batch(Desk& reading, const DeskWorld& world, const IssuingKeys& keys, const IssueWishes& wishes,
                                           const BatchRequests& batch, const BatchWay& way, const Progress& progress);

/// As text a table and a sum; as JSON the array that report.json holds.
Report batch_report(const std::vector<BatchRow>& rows, const std::string& folder);
/// 0, 1 where a request was refused or malformed, 2 where one could not be answered.
int batch_exit_code(const std::vector<BatchRow>& rows);
/// What is said of those that got nothing: "oak-issuer: refused: 'a.oak': …\nhint: …\n", so many of them.
std::string batch_messages(std::string_view tool, const std::vector<BatchRow>& rows, std::size_t at_most);
/// What somebody is shown who is to confirm a batch.
std::string batch_page(const std::vector<BatchRow>& rows);

/// The row of one request's answer.
BatchRow batch_row(const std::string& request, const Outcome<Issued>& answer, const std::string& written_to);

}  // namespace oak
