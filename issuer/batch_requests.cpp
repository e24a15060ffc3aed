#include "issuer/batch_requests.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/armour.h"
#include "core/envelope.h"
#include "core/sealed_request.h"
#include "core/text.h"
#include "issuer/issue_terms.h"
#include "request/picture.h"
#include "request/scan.h"

namespace oak {
namespace {

constexpr std::size_t max_list_bytes = 16U << 20, max_file_name_bytes = 255;
constexpr std::string_view answer_ending = ".activation.oak";

std::string file_name_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

std::string without_double_slashes(std::string path) {
  path.erase(std::unique(path.begin(), path.end(), [](char a, char b) { return a == '/' && b == '/'; }), path.end());
  while (path.starts_with("./")) path.erase(0, 2);
  return path;
}

std::string stem_of(const std::string& path) {
  const std::string answer = answer_name_of(file_name_of(path));
  return answer.substr(0, answer.size() - answer_ending.size());
}

bool asks(ByteView document) {
  const auto type = claimed_type(document);
  return is_sealed_request(document) || (type && *type == DocumentType::request);
}

/// The paths of a batch, sorted out.
class Finding {
 public:
  explicit Finding(Disk& disk) : disk_(disk) {}

  Outcome<void> add(const std::string& path) {
    const auto names = disk_.list(path);
    if (!names) return add_named(path);
    folders_ += (folders_.empty() ? "" : " and ") + in_quotes(path);
    for (const std::string& name : *names)
      if (name.front() != '.') OAK_TRY(add_found(path, name));
    return {};
  }

  Outcome<BatchRequests> finish() {
    if (!pictures_.empty()) OAK_TRY(add_pictures());
    if (!left_out_.empty()) warn_of_left_out();
    if (out_.requests.empty())
      return tl::unexpected(Failure{Code::not_found, folders_.empty() ? "the list is empty" : "no request is in the folder " + folders_,
                                    "name files or folders that hold requests or their pictures; folders in them are not looked into"});
    OAK_TRY(check_names());
    return std::move(out_);
  }

 private:
  /// One that was named stands for a request, whatever it holds.
  Outcome<void> add_named(const std::string& path) {
    if (path.ends_with(".oak")) return add_document(path, {});
    const auto file = disk_.read(path, max_picture_file_bytes);
    if (!file && file.error().code == Code::is_a_folder) return {};
    if (!file || !picture_format(file->bytes)) return add_document(path, {});
    pictures_.push_back(path);
    return {};
  }

  /// Nobody said what it is: a pipe or a link is not followed, which could lead anywhere, or hold the batch up for good.
  Outcome<void> add_found(const std::string& folder, const std::string& name) {
    const std::string path = folder + (folder.ends_with('/') ? "" : "/") + name;
    if (name.ends_with(answer_ending)) return {};
    if (name.ends_with(".oak")) return add_document(path, folder);
    const auto file = disk_.read_beneath(folder, name, max_picture_file_bytes);
    if (!file && file.error().code == Code::is_a_folder) return {};
    if (file && picture_format(file->bytes)) {
      pictures_.push_back(path);
      return {};
    }
    const auto document = file ? document_from_file_bytes(file->bytes) : fail(Code::unsafe_file);
    if (document && asks(document->document)) return add_document(path, folder);
    left_out_.push_back(path);
    return {};
  }

  Outcome<void> add_document(const std::string& path, const std::string& folder) {
    if (!seen_.insert(without_double_slashes(path)).second) return {};  // named twice, or in a folder that was named too
    out_.requests.push_back({path, {path}, folder, stem_of(path), std::nullopt});
    return {};
  }

  Outcome<void> add_pictures() {
    OAK_ASSIGN(Carried carried, scan_documents(disk_, pictures_));
    out_.warnings = std::move(carried.warnings);
    std::size_t number = 0;
    for (CarriedDocument& one : carried.documents) {
      const std::string suffix = ++number == 1 ? std::string() : "-" + std::to_string(number);
      out_.requests.push_back({one.name, one.paths, {}, stem_of(one.paths.front()) + suffix, std::move(one.file)});
    }
    return {};
  }

  void warn_of_left_out() {
    std::string names;
    for (std::size_t i = 0; i < std::min<std::size_t>(left_out_.size(), 3); ++i) names += (i == 0 ? "" : ", ") + in_quotes(left_out_[i]);
    if (left_out_.size() > 3) names += " and " + std::to_string(left_out_.size() - 3) + " more";
    out_.warnings.push_back("left out, since no request is in it: " + names);
  }

  /// Files are named after requests: two of one name would be answered in one file, and one too long in none.
  Outcome<void> check_names() const {
    std::map<std::string, std::string> taken = {{std::string(batch_report_name), "the batch's own report"}};
    for (const BatchRequest& request : out_.requests) {
      if (request.stem.size() + answer_ending.size() > max_file_name_bytes)
        return tl::unexpected(Failure{Code::usage, "the name of " + in_quotes(request.name) + " is too long for a file that answers it",
                                      "give it a name of at most 240 bytes"});
      for (const std::string& name : {request.stem + std::string(answer_ending), request.stem + ".json"}) {
        const auto [there, is_new] = taken.emplace(name, in_quotes(request.name));
        if (!is_new)
          return tl::unexpected(Failure{Code::usage,
                                        in_quotes(request.name) + " and " + there->second + " would both be written to " + name,
                                        "give one of them another name, or issue it in a batch of its own"});
      }
    }
    return {};
  }

  Disk& disk_;
  BatchRequests out_;
  std::vector<std::string> pictures_, left_out_;
  std::set<std::string> seen_;
  std::string folders_;  ///< quoted
};

}  // namespace

Outcome<std::vector<std::string>> read_batch_list(Disk& disk, const std::string& path) {
  const auto file = disk.read(path, max_list_bytes);
  if (!file) return tl::unexpected(explain({file.error().code, {}}, "cannot read the list " + in_quotes(path)));
  std::vector<std::string> out;
  std::string_view rest = as_text(file->bytes);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = trimmed(rest.substr(0, end));
    if (!line.empty()) out.emplace_back(line);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

bool is_folder(Disk& disk, const std::string& path) {
  const auto read = disk.read(path, 1);
  return !read && read.error().code == Code::is_a_folder;
}

bool are_pictures(Disk& disk, const std::vector<std::string>& paths) {
  return std::all_of(paths.begin(), paths.end(), [&](const std::string& path) {
    const auto file = disk.read(path, max_picture_file_bytes);
    return file && picture_format(file->bytes);
  });
}

Outcome<BatchRequests> find_batch(Disk& disk, const std::vector<std::string>& paths) {
  Finding finding(disk);
  for (const std::string& path : paths) {
    if (const auto names = disk.list(path); !names && names.error().code == Code::permission_denied && is_folder(disk, path))
      return tl::unexpected(explain({names.error().code, {}}, "cannot read the folder " + in_quotes(path)));
    OAK_TRY(finding.add(path));
  }
  return finding.finish();
}

Outcome<Bytes> read_batch_request(Disk& disk, const BatchRequest& request) {
  Bytes file;
  if (request.document) {
    file = *request.document;
  } else {
    const std::string& path = request.paths.front();
    auto read = request.folder.empty() ? disk.read(path, max_armoured_bytes)
                                       : disk.read_beneath(request.folder, file_name_of(path), max_armoured_bytes);
    if (!read) return tl::unexpected(explain({read.error().code, {}}, "cannot read " + in_quotes(request.name)));
    file = std::move(read->bytes);
  }
  auto armoured = document_from_file_bytes(file);
  if (!armoured) return tl::unexpected(explain(armoured.error(), in_quotes(request.name)));
  return std::move(armoured->document);
}

}  // namespace oak
