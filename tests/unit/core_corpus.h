#pragma once
// The corpora that core is tested with: the project's own vectors, and public ones that lie beside the project.

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "core/armour.h"
#include "tests/vectors/payload_map.h"
#include "tests/vectors/reading.h"
#include "tests/unit/folders.h"

namespace oak::test {

using vectors::Json;

inline Bytes file_bytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(in), {}};
  return {content.begin(), content.end()};
}

inline Bytes vector_file(const std::string& name) { return file_bytes(std::filesystem::path(vectors_folder) / name); }

struct LoadedVector {
  std::string name;  ///< "request/full.oak"
  Json sidecar;
  Bytes content;
  bool is_good() const { return sidecar["error"].is_null(); }
  std::string open() const { return sidecar["open"]; }
  /// The document's own bytes.
  Bytes document() const { return document_from_file_bytes(content).value().document; }
};

/// Every vector, by name. A test with none must fail, not pass.
inline std::vector<LoadedVector> load_vectors() {
  namespace fs = std::filesystem;
  std::vector<LoadedVector> out;
  for (const auto& entry : fs::recursive_directory_iterator(vectors_folder)) {
    const fs::path path = entry.path();
    const std::string ending = path.extension().string();
    if (ending != ".oak" && ending != ".cbor" && (ending != ".txt" || path.filename() == "CMakeLists.txt")) continue;
    const Bytes sidecar = file_bytes(fs::path(path).replace_extension(".json"));
    out.push_back({fs::relative(path, vectors_folder).generic_string(), Json::parse(sidecar.begin(), sidecar.end()), file_bytes(path)});
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  REQUIRE_FALSE(out.empty());
  return out;
}

/// Good documents of every type.
inline std::vector<LoadedVector> load_good_documents() {
  std::vector<LoadedVector> out;
  for (LoadedVector& one : load_vectors()) {
    const bool is_document = std::filesystem::path(one.name).extension() != ".txt" && one.open() != "cbor" &&
                             one.open() != "sealed-request" && one.open() != "draft";
    if (one.is_good() && is_document) out.push_back(std::move(one));
  }
  REQUIRE(out.size() > 20);
  return out;
}

/// Public vectors; empty, with a loud word, where the folder is not there.
inline Bytes public_corpus(const std::string& name) {
  const std::filesystem::path path = std::filesystem::path(shared_data_folder) / "vectors" / name;
  if (!std::filesystem::exists(path)) {
    WARN("SKIPPED: there is no " << path.string());
    return {};
  }
  Bytes content = file_bytes(path);
  REQUIRE_FALSE(content.empty());
  return content;
}

inline Json public_json(const std::string& name) {
  const Bytes content = public_corpus(name);
  return content.empty() ? Json() : Json::parse(content.begin(), content.end());
}

inline Bytes from_hex(std::string_view digits) {
  std::string lower(digits);
  for (char& c : lower)
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
  return vectors::item::hex(lower);
}

inline Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

}  // namespace oak::test
