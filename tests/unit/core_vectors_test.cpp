#include "tests/unit/core_corpus.h"

namespace oak::test {

TEST_CASE("core answers every vector as its sidecar says") {
  // Goal: docs/format.md, the vectors and core say the same. It does not prove that the vectors cover every rule; the
  // second reader's --each-check-matters does that for its own checks.
  std::size_t good = 0, bad = 0;
  for (const LoadedVector& one : load_vectors()) {
    INFO(one.name << ": " << one.sidecar["why"].get<std::string>());
    const vectors::Answer answer = vectors::read_vector(one.sidecar, one.content, vector_file);
    const Json error = answer.error ? Json(code_name(*answer.error)) : Json();
    REQUIRE(error == one.sidecar["error"]);
    if (one.is_good()) REQUIRE(answer.values == one.sidecar["expect"]);
    ++(one.is_good() ? good : bad);
  }
  CHECK(good > 100);
  CHECK(bad > 500);
}

TEST_CASE("every good document is refused as every other type") {
  // Goal: no document passes as another, whatever trust it is judged by.
  const std::vector<std::string> types = {"request", "activation",         "receipt",   "bulletin", "key-bulletin",
                                          "trust",   "issuer-certificate", "seat-lease"};
  for (const LoadedVector& one : load_good_documents()) {
    for (const std::string& type : types) {
      if (type == one.open()) continue;
      INFO(one.name << " as " << type);
      const Json how = {{"open", type}, {"trust", "trust/two-of-three.oak"}, {"product", "demo"}};
      const auto answer = vectors::read_vector(how, one.content, vector_file);
      REQUIRE(answer.error == Code::wrong_type);
    }
  }
}

}  // namespace oak::test
