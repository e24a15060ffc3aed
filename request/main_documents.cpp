// oak-request: commands that read documents and pictures, and change nothing here.

#include "request/main.h"

#include <fmt/core.h>

#include "core/document_page.h"
#include "core/sealed_request.h"
#include "core/text.h"

namespace oak::site_tool {
namespace {

int show(World& world, const Options& options) {
  const auto carried = read_carried(world.disk, options.files);
  if (!carried) return report(options, carried.error());
  warn(tool, carried->warnings);
  std::string text;
  std::vector<std::string> json;
  for (const CarriedDocument& document : carried->documents) {
    const auto page = document_page(document.name, document.file);
    if (!page) return report(options, page.error());
    text += page->text;
    json.push_back(page->json);
  }
  print(options.json ? json_of_several(json) : text);
  return 0;
}

/// Whatever the symbols say. One picture that can't be read stops no other.
int scan_raw_texts(World& world, const Options& options) {
  const auto scanned = scan_raw(world.disk, options.files);
  if (!scanned) return report(options, scanned.error());
  warn(tool, scanned->warnings);
  int code = 0;
  const Failure* worst = nullptr;
  bool is_any_read = false;
  for (const ImageTexts& image : scanned->images) {
    is_any_read |= !image.failure;
    if (!image.failure || exit_code_of(image.failure->code) < code) continue;
    worst = &*image.failure;
    code = exit_code_of(worst->code);
  }
  if (!is_any_read && code == 2) return report(options, *worst);
  for (const ImageTexts& image : scanned->images)
    if (image.failure) say(failure_text(tool, *image.failure));
  print(options.json ? raw_scan_json(*scanned) : raw_scan_text(*scanned));
  return code;
}

int scan(World& world, const Options& options) {
  if (options.raw) return scan_raw_texts(world, options);
  if (options.out.empty())
    return report(options, {Code::usage, "--out is missing", "name the file that the document goes to, or use --raw"});
  if (const auto checked = check_carriers({options.out, {}, {}}, options.json); !checked) return report(options, checked.error());
  const auto carried = scan_documents(world.disk, options.files);
  if (!carried) return report(options, carried.error());
  warn(tool, carried->warnings);
  if (carried->documents.size() > 1)
    return report(options, {Code::usage, fmt::format("these pictures hold {} documents", carried->documents.size()),
                            "give the pictures of one document at a time"});
  const Bytes& document = carried->documents.front().file;
  const auto names = names_of(document);
  if (!names) return report(options, explain(names.error(), in_quotes(carried->documents.front().name)));
  const auto files = carrier_files(document, {options.out, {}, {}}, {"Read from pictures. These lines are not signed."}, {});
  if (!files) return report(options, files.error());
  if (const auto written = write_carriers(world.disk, *files, existing_of(options)); !written) return report(options, written.error());
  const ScannedText said = scanned_report(names->word, sha256(document), options.out);
  if (options.out != "-") print(options.json ? said.json : said.text);
  return 0;
}

}  // namespace

void add_document_commands(Commands& commands, Options& options) {
  CLI::App* show_command = commands.app.add_subcommand("show", "print all that leaves the site, field by field");
  show_command->add_option("files", options.files, "documents, or pictures of their symbols")->required();
  commands.add(show_command, [&options](World& world) { return show(world, options); });

  CLI::App* scan_command = commands.app.add_subcommand("scan", "pictures of QR symbols, in any order, into a document");
  scan_command->add_option("images", options.files, "PNG or JPEG files")->required();
  scan_command->add_option("--out", options.out, "the document's file; - is standard output");
  scan_command->add_flag("--raw", options.raw, "print whatever the symbols say");
  commands.add(scan_command, [&options](World& world) { return scan(world, options); });
}

}  // namespace oak::site_tool
