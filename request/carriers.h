#pragma once
// One document in every carrier that was asked for: a file, QR symbols, a sheet of paper. Both the site's tool and the
// desk's hand out their documents through here.

#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/disk.h"
#include "core/failure.h"

namespace oak {

/// Paths; "-" is standard output, and for `qr` the terminal. Empty: not asked for.
struct Carriers {
  std::string out;    ///< armour
  std::string qr;     ///< .png, .svg or -
  std::string sheet;  ///< HTML
};

struct CarrierFile {
  std::string path;
  Bytes bytes;
};

/// usage where `qr` is neither PNG nor SVG, two carriers are one file, or two things would go to standard output, JSON among them.
Outcome<void> check_carriers(const Carriers& carriers, bool json);
/// The files, all made before any is written; the first is `out`, where asked for. `qr` "-" makes none: that is
/// qr_terminal_page's. `comments` go on top of the armour, `contact` on the sheet.
Outcome<std::vector<CarrierFile>> carrier_files(ByteView document, const Carriers& carriers, const std::vector<std::string>& comments,
                                                std::string_view contact);
/// already_exists where one of the files that would be written is there; before it is known how many symbols it takes.
Outcome<void> check_free(Disk& disk, const Carriers& carriers);
/// not_found or permission_denied where a file that is not there yet has no folder, or one that takes no files; usage where its name is too
/// long for any.
Outcome<void> check_folders(Disk& disk, const Carriers& carriers);
/// "answer.oak, answer.html and answer.png".
std::string paths_of(const std::vector<CarrierFile>& files);
Outcome<void> write_carriers(Disk& disk, const std::vector<CarrierFile>& files, Existing existing);

}  // namespace oak
