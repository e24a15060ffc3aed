#pragma once
// Test vectors: one file, at most one failure, and a sidecar that says what a reader must answer.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/bytes.h"
#include "core/error.h"

namespace oak::vectors {

using Json = nlohmann::ordered_json;

/// The files of tests/vectors/ by their path below it.
class VectorSet {
 public:
  /// `how` says what to open the file as, and with what: {"open", and as needed "trust", "product", …}.
  void good(const std::string& file, ByteView content, Json how, Json expect, std::string_view why);
  void bad(const std::string& file, ByteView content, Json how, Code error, std::string_view why);
  const std::map<std::string, Bytes>& files() const { return files_; }

 private:
  void add(const std::string& file, ByteView content, const Json& sidecar);
  std::map<std::string, Bytes> files_;
};

/// "request/full.oak" → "request/full.json".
std::string sidecar_of(const std::string& file);

}  // namespace oak::vectors
