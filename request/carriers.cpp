#include "request/carriers.h"

#include <algorithm>

#include "core/armour.h"
#include "core/sealed_request.h"
#include "core/text.h"
#include "request/qr_render.h"
#include "request/sheet.h"

namespace oak {
namespace {

constexpr std::size_t likely_parts = 8, max_file_name_bytes = 255;

CarrierFile text_file(std::string path, std::string_view text) {
  const ByteView bytes = as_bytes(text);
  return {std::move(path), Bytes(bytes.begin(), bytes.end())};
}

Outcome<void> check_qr_name(const std::string& path) {
  if (path.empty() || path == "-" || is_qr_file_name(path)) return {};
  return tl::unexpected(Failure{Code::usage, "--qr " + in_quotes(path) + " ends neither in .png nor in .svg",
                                "for example --qr symbols.png, or - for a terminal"});
}

}  // namespace

Outcome<void> check_carriers(const Carriers& carriers, bool json) {
  OAK_TRY(check_qr_name(carriers.qr));
  const auto is_twice = [](const std::string& a, const std::string& b) { return !a.empty() && a != "-" && a == b; };
  if (is_twice(carriers.out, carriers.qr) || is_twice(carriers.out, carriers.sheet) || is_twice(carriers.qr, carriers.sheet))
    return tl::unexpected(Failure{Code::usage, "two of --out, --qr and --sheet name one file", "give each a file of its own"});
  const int wanted = int{carriers.out == "-"} + int{carriers.sheet == "-"} + int{carriers.qr == "-"} + int{json};
  if (wanted < 2) return {};
  return tl::unexpected(
      Failure{Code::usage, "two things would go to standard output", "give --out, --qr or --sheet a file, or leave --json out"});
}

Outcome<std::vector<CarrierFile>> carrier_files(ByteView document, const Carriers& carriers, const std::vector<std::string>& comments,
                                                std::string_view contact) {
  const auto names = names_of(document);
  if (!names) return tl::unexpected(explain(names.error(), "the document"));
  std::vector<CarrierFile> out;
  if (!carriers.out.empty()) out.push_back(text_file(carriers.out, armour_encode(names->armour, document, comments)));
  if (!carriers.sheet.empty()) {
    OAK_ASSIGN(const std::string sheet, make_sheet(document, contact));
    out.push_back(text_file(carriers.sheet, sheet));
  }
  if (carriers.qr.empty() || carriers.qr == "-") return out;
  auto files = qr_files(document, carriers.qr);
  if (!files) return tl::unexpected(explain(files.error(), "--qr " + in_quotes(carriers.qr)));
  for (QrFile& file : *files) out.push_back({std::move(file.path), std::move(file.bytes)});
  return out;
}

std::string paths_of(const std::vector<CarrierFile>& files) {
  std::string out;
  for (std::size_t i = 0; i < files.size(); ++i)
    out += (i == 0 ? "" : i + 1 == files.size() ? " and " : ", ") + (files[i].path == "-" ? "standard output" : files[i].path);
  return out;
}

Outcome<void> check_free(Disk& disk, const Carriers& carriers) {
  std::vector<std::string> paths = {carriers.out, carriers.sheet, carriers.qr};
  if (is_qr_file_name(carriers.qr))
    for (std::size_t total = 2; total <= likely_parts; ++total) paths.push_back(qr_part_path(carriers.qr, 1, total));
  for (const std::string& path : paths)
    if (!path.empty() && path != "-" && disk.exists(path))
      return tl::unexpected(explain({Code::already_exists, {}}, "cannot write " + in_quotes(path)));
  return {};
}

Outcome<void> check_folders(Disk& disk, const Carriers& carriers) {
  for (const std::string& path : {carriers.out, carriers.sheet, carriers.qr}) {
    if (path.empty() || path == "-" || disk.exists(path)) continue;
    const std::size_t slash = path.rfind('/');
    const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
    if (name.size() > max_file_name_bytes)
      return tl::unexpected(
          Failure{Code::usage, "cannot write " + in_quotes(path) + ": the name is too long", "choose one of at most 255 bytes"});
    const std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
    const bool is_there = disk.exists(folder);
    if (is_there && disk.may_write(folder)) continue;
    return tl::unexpected(explain({is_there ? Code::permission_denied : Code::not_found, {}}, "cannot write " + in_quotes(path)));
  }
  return {};
}

Outcome<void> write_carriers(Disk& disk, const std::vector<CarrierFile>& files, Existing existing) {
  // Found before the first of several is written: else some would be there, and the others not.
  for (std::size_t i = 0; files.size() > 1 && i < files.size(); ++i) {
    const std::string& path = files[i].path;
    const bool is_twice = std::any_of(files.begin(), files.begin() + static_cast<std::ptrdiff_t>(i),
                                      [&](const CarrierFile& before) { return before.path == path; });
    if (is_twice)
      return tl::unexpected(Failure{Code::usage, "two carriers would be written to " + in_quotes(path), "give each a file of its own"});
    if (existing == Existing::refuse && path != "-" && disk.exists(path))
      return tl::unexpected(explain({Code::already_exists, {}}, "cannot write " + in_quotes(path)));
  }
  for (const CarrierFile& file : files) {
    const auto written = disk.write(file.path, file.bytes, 0644, existing);
    if (!written) return tl::unexpected(explain({written.error().code, {}}, "cannot write " + in_quotes(file.path)));
  }
  return {};
}

}  // namespace oak
