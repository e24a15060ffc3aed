#include "issuer/published_trust.h"

#include "core/armour.h"
#include "core/text.h"

namespace oak {
namespace {

std::string folder_of(const Desk& desk) { return desk.folder() + "/published"; }

std::string file_name_of(const std::string& product) { return product.empty() ? "every-product.oak" : "product-" + product + ".oak"; }

}  // namespace

Outcome<void> keep_published_trust(Disk& disk, const Desk& desk, const std::string& product, ByteView document) {
  const std::string folder = folder_of(desk), what = "cannot keep a copy in " + in_quotes(folder);
  if (const auto made = disk.make_folder(folder, 0700); !made) return tl::unexpected(explain({made.error().code, {}}, what));
  const std::string text = armour_encode(labels_of(DocumentType::trust).armour, document);
  const auto written = disk.write_beneath(folder, file_name_of(product), as_bytes(text), 0644, Existing::replace);
  if (!written) return tl::unexpected(explain({written.error().code, {}}, what));
  return {};
}

std::string published_contact(Disk& disk, const Desk& desk, const std::string& product) {
  for (const std::string& name : {file_name_of(product), file_name_of({})}) {
    const auto file = disk.read_beneath(folder_of(desk), name, max_armoured_bytes);
    const auto document = file ? document_from_file_bytes(file->bytes) : tl::unexpected(Error{Code::not_found, {}});
    if (!document) continue;
    if (const auto trust = open_trust(document->document, product)) return (*trust)->contact;
  }
  return {};
}

}  // namespace oak
