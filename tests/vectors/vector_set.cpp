#include "tests/vectors/vector_set.h"

#include <cstdlib>

namespace oak::vectors {
namespace {

Json sidecar(Json how, std::string_view why) {
  Json out = {{"why", why}};
  out.update(how);
  return out;
}

}  // namespace

std::string sidecar_of(const std::string& file) { return file.substr(0, file.rfind('.')) + ".json"; }

void VectorSet::good(const std::string& file, ByteView content, Json how, Json expect, std::string_view why) {
  Json out = sidecar(std::move(how), why);
  out["error"] = nullptr;
  out["expect"] = std::move(expect);
  add(file, content, out);
}

void VectorSet::bad(const std::string& file, ByteView content, Json how, Code error, std::string_view why) {
  Json out = sidecar(std::move(how), why);
  out["error"] = code_name(error);
  add(file, content, out);
}

void VectorSet::add(const std::string& file, ByteView content, const Json& sidecar) {
  const std::string text = sidecar.dump(1) + "\n";
  const ByteView text_bytes = as_bytes(text);
  const bool fresh = files_.emplace(file, Bytes(content.begin(), content.end())).second &&
                     files_.emplace(sidecar_of(file), Bytes(text_bytes.begin(), text_bytes.end())).second;
  if (!fresh) std::abort();  // two vectors of one name: the set would lose one without a word
}

}  // namespace oak::vectors
