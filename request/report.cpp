#include "request/report.h"

#include <fmt/core.h>

#include "core/json_writer.h"
#include "core/text.h"
#include "verifier/advice.h"

namespace oak {

std::vector<std::string> request_comments(const Request& request) {
  return {fmt::format("Request for {} {}: {} seat{}, licence {}", request.product, request.version, request.seats,
                      request.seats == 1 ? "" : "s", request.licence),
          "These lines are not signed. What counts is below; show it with: oak-request show FILE"};
}

std::string created_text(const Created& created, const std::vector<CarrierFile>& files, const std::string& options) {
  const bool is_file = files.front().path != "-";
  const std::string path = is_file ? shell_word(files.front().path) : "it";
  std::string out = fmt::format("Request written to {}\n", is_file ? path : "standard output");
  for (std::size_t i = 1; i < files.size(); ++i) out += fmt::format("  and to             {}\n", shell_word(files[i].path));
  out += fmt::format("  over the phone     {}\n", phone_groups(created.document_hash));
  if (is_file) out += fmt::format("  all that is in it  oak-request show {}\n", path);
  return out + fmt::format(
                   "Next:\n  1. Bring {} to your vendor, by any way that {}.\n  2. When the answer is here: oak-request import ANSWER{}\n",
                   path, files.size() > 1 ? "suits you" : "a file can take", options);
}

std::string created_json(const Created& created, const std::string& path) {
  JsonWriter json;
  json.begin_object();
  json.key("out").text(path);
  json.key("product").text(created.request.product);
  json.key("licence").text(created.request.licence);
  json.key("seats").number(created.request.seats);
  json.key("strength").text(created.strong ? "normal" : "weak");
  json.key("supersedes");
  created.request.supersedes ? json.text(activation_id_text(created.request.supersedes->activation)) : json.null();
  json.key("document").text(to_hex(created.document_hash));
  json.key("phone").text(phone_groups(created.document_hash));
  json.key("warnings").begin_array();
  for (const std::string& warning : created.warnings) json.text(warning);
  json.end_array().end_object();
  return json.str() + "\n";
}

std::string raw_scan_text(const RawScan& scanned) {
  std::string out;
  for (const ImageTexts& image : scanned.images)
    for (const std::string& text : image.texts)
      out += (scanned.images.size() > 1 ? printable(image.path) + ": " : std::string()) + printable(text) + "\n";
  return out;
}

std::string raw_scan_json(const RawScan& scanned) {
  JsonWriter json;
  json.begin_array();
  for (const ImageTexts& image : scanned.images) {
    json.begin_object();
    json.key("image").text(image.path);
    json.key("symbols").begin_array();
    for (const std::string& text : image.texts) {
      json.begin_object();
      json.key("text").text(text);
      json.end_object();
    }
    json.end_array().end_object();
  }
  json.end_array();
  return json.str() + "\n";
}

ScannedText scanned_report(DocumentType type, const Digest& document, const std::string& path) {
  JsonWriter json;
  json.begin_object();
  json.key("type").text(labels_of(type).word);
  json.key("out").text(path);
  json.key("document").text(to_hex(document));
  json.key("phone").text(phone_groups(document));
  json.end_object();
  return {fmt::format("{} written to {}\n  over the phone     {}\n", labels_of(type).word, shell_word(path), phone_groups(document)),
          json.str() + "\n"};
}

std::string json_of_several(const std::vector<std::string>& values) {
  std::string out;
  for (const std::string& value : values) out += (out.empty() ? "" : ",\n") + std::string(trimmed(value));
  return values.size() == 1 ? out + "\n" : "[" + out + "]\n";
}

}  // namespace oak
