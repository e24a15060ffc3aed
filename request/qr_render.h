#pragma once
// A document's QR symbols as PNG, SVG and terminal text. Pure: gives bytes and file names, writes nothing.

#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/error.h"
#include "request/qr_write.h"

namespace oak {

/// What the symbols are shown on decides their size: version 18 level M in a file, level Q on a printed sheet, version
/// 10 level M in a terminal.
enum class QrMedium { file, sheet, terminal };

/// The document cut into parts, each as a symbol, in order. too_large where more than max_qr_parts were needed;
/// claimed_type's errors where it is no document.
Result<std::vector<QrSymbol>> make_qr_symbols(ByteView document, QrMedium medium);

/// An 8-bit grey PNG, 8 pixels a module, with the quiet zone.
Result<Bytes> qr_png(const QrSymbol& symbol);
/// One <svg> element, one unit a module, with the quiet zone and a white ground; runs of dark modules are rectangles
/// (a single path comes out as a black square in some renderers). Has no XML declaration, so it can stand in HTML.
std::string qr_svg(const QrSymbol& symbol);
/// Half blocks, two modules a character, with the quiet zone; each line sets black on white and resets both at its end.
std::string qr_terminal(const QrSymbol& symbol);

struct QrFile {
  std::string path;
  Bytes bytes;
};
std::string qr_part_path(const std::string& path, std::size_t number, std::size_t total);  ///< "out-1of2.png"; of one, "out.png"
bool is_qr_file_name(std::string_view path);                                               ///< ends in .png or .svg
/// One file a part. PNG or SVG by the ending of `path`, else usage; "out.png" becomes "out-1of2.png" where there are
/// several parts.
Result<std::vector<QrFile>> qr_files(ByteView document, const std::string& path);
/// Every part for a terminal, each above a line that names it: "request, part 1 of 3".
Result<std::string> qr_terminal_page(ByteView document);

}  // namespace oak
