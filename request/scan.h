#pragma once
// Documents out of pictures: each file is decoded in a confined child (request/sandbox.h), and the texts that it gives
// are joined here. Texts are untrusted; what they join to is a document whose signature nobody has checked yet.

#include <optional>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/disk.h"
#include "core/failure.h"

namespace oak {

/// Files at most in one call; whoever has more gives them in turns.
inline constexpr std::size_t max_scan_files = 64;

struct ImageTexts {
  std::string path;
  std::vector<std::string> texts;  ///< untrusted, any bytes; show through printable()
  std::optional<Failure> failure;  ///< bad_picture, too_large, no_code_found, and the disk's
};

struct RawScan {
  std::vector<ImageTexts> images;  ///< one a path, in order
  std::vector<std::string> warnings;
};

/// Every QR text that can be read, whatever it is, image by image; one bad file does not stop the others.
/// `ladder` false: the library as it comes, for comparison.
/// Failures: usage (no file, or more than max_scan_files); internal where no child can be confined.
Outcome<RawScan> scan_raw(Disk& disk, const std::vector<std::string>& paths, bool ladder = true);

struct CarriedDocument {
  std::string name;                ///< for messages: the file's path, or "a.png and b.png"
  std::vector<std::string> paths;  ///< of the file, or of the pictures that were given with it
  Bytes file;                      ///< as document_from_file_bytes takes it
  bool from_pictures = false;
};

struct Carried {
  std::vector<CarriedDocument> documents;  ///< at least one: files in their order, then what the pictures hold
  std::vector<std::string> warnings;
};

/// Documents from whatever carries them. A file that is neither PNG nor JPEG by its content is taken as a document of
/// its own, unread. All pictures together give what they hold: in any order, doubled, with strangers' codes among them.
/// A document with parts missing is a warning where another one is whole, else the failure part_missing.
/// Failures: the disk's, bad_picture, too_large, no_code_found, part_missing, bad_envelope (altered parts), usage.
Outcome<Carried> read_carried(Disk& disk, const std::vector<std::string>& paths);

/// The same where only pictures are meant: another file is bad_picture.
Outcome<Carried> scan_documents(Disk& disk, const std::vector<std::string>& paths);

}  // namespace oak
