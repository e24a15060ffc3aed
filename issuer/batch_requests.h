#pragma once
// The requests of a batch: which files hold them, and how their answers are named.

#include <optional>
#include <string>
#include <vector>

#include "core/disk.h"
#include "core/failure.h"

namespace oak {

struct BatchRequest {
  std::string name;                ///< for messages and reports: the file's path, or "a.png and b.png"
  std::vector<std::string> paths;  ///< of the file, or of the pictures
  std::string folder;              ///< in which the file was found; empty: somebody named it
  std::string stem;                ///< answered in STEM.activation.oak, reported in STEM.json
  std::optional<Bytes> document;   ///< of pictures, which are read together; a file is read when its turn comes
};

struct BatchRequests {
  std::vector<BatchRequest> requests;
  std::vector<std::string> warnings;
};

inline constexpr std::string_view batch_report_name = "report.json";

/// The paths of a list: one a line, blank lines aside; "-" is standard input.
Outcome<std::vector<std::string>> read_batch_list(Disk& disk, const std::string& path);
bool is_folder(Disk& disk, const std::string& path);
/// By their content, and all of them.
bool are_pictures(Disk& disk, const std::vector<std::string>& paths);
/// A file that is named stands for a request, whatever it holds. In a folder, whose own folders are left alone, whatever is
/// neither a request nor a picture is left out with a warning, and answers (.activation.oak) without one; what else ends in .oak is
/// taken for a request. No link is followed there, and nothing but regular files is read. Pictures are joined. usage where two answers
/// would have one name; not_found where nothing is asked; the disk's for a folder or a list, and of pictures what read_carried says.
Outcome<BatchRequests> find_batch(Disk& disk, const std::vector<std::string>& paths);
/// The document, or why this request alone can't be read.
Outcome<Bytes> read_batch_request(Disk& disk, const BatchRequest& request);

}  // namespace oak
