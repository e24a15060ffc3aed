#include "core/error.h"

#include <set>

#include "core/failure.h"
#include "core/json_writer.h"
#include "tests/unit/core_corpus.h"

namespace oak::test {
namespace {

std::vector<CodeEntry> codes() {
  const auto [first, count] = all_codes();
  return {first, first + count};
}

}  // namespace

TEST_CASE("every error code has its own number and name, and a cause") {
  // Goal: numbers are never given twice, and no message is without its reason.
  std::set<int> numbers;
  std::set<std::string_view> names, causes;
  for (const CodeEntry& entry : codes()) {
    INFO(entry.name);
    CHECK(static_cast<int>(entry.code) > 0);
    CHECK(numbers.insert(static_cast<int>(entry.code)).second);
    CHECK(names.insert(entry.name).second);
    CHECK(causes.insert(entry.cause).second);
    CHECK(entry.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos);
    CHECK(entry.cause.size() > 10);
    CHECK(entry.cause.back() != '.');
    CHECK(code_name(entry.code) == entry.name);
    CHECK(code_cause(entry.code) == entry.cause);
  }
  CHECK(numbers.size() >= 60);
}

TEST_CASE("published error numbers keep their meaning") {
  // Goal: a change that renumbers breaks here. New codes are added, these lines are never edited.
  const std::pair<int, std::string_view> published[] = {{1, "truncated"},
                                                        {2, "trailing-bytes"},
                                                        {3, "not-canonical"},
                                                        {4, "duplicate-key"},
                                                        {5, "too-deep"},
                                                        {6, "type-not-allowed"},
                                                        {7, "bad-utf8"},
                                                        {8, "too-large"},
                                                        {9, "bad-armour"},
                                                        {10, "bad-base32"},
                                                        {11, "empty-input"},
                                                        {20, "bad-envelope"},
                                                        {21, "wrong-type"},
                                                        {22, "unsupported-algorithm"},
                                                        {23, "bad-signature"},
                                                        {24, "unknown-key"},
                                                        {25, "not-enough-signatures"},
                                                        {26, "signers-not-sorted"},
                                                        {27, "weak-key"},
                                                        {28, "bad-note"},
                                                        {29, "bad-seal"},
                                                        {40, "missing-field"},
                                                        {41, "unknown-field"},
                                                        {42, "bad-field"},
                                                        {43, "unknown-critical"},
                                                        {60, "issuer-not-allowed"},
                                                        {61, "issuer-outside-window"},
                                                        {62, "wrong-product"},
                                                        {63, "wrong-proof"},
                                                        {64, "bad-licence-key"},
                                                        {65, "bad-version"},
                                                        {66, "bad-range"},
                                                        {69, "bulletin-too-old"},
                                                        {100, "not-found"},
                                                        {101, "permission-denied"},
                                                        {102, "is-a-folder"},
                                                        {103, "disk-full"},
                                                        {109, "usage"},
                                                        {114, "internal"},
                                                        {120, "unreachable"},
                                                        {121, "wrong-server"},
                                                        {122, "bad-answer"}};
  for (const auto& [number, name] : published) CHECK(code_name(static_cast<Code>(number)) == name);
}

TEST_CASE("every code that a vector names is a code") {
  // Goal: no sidecar asks for an error that does not exist.
  std::set<std::string> names;
  for (const CodeEntry& entry : codes()) names.insert(std::string(entry.name));
  for (const LoadedVector& one : load_vectors()) {
    INFO(one.name);
    if (!one.is_good()) CHECK(names.count(one.sidecar["error"].get<std::string>()) == 1);
  }
}

TEST_CASE("an error becomes a message with its context, quoted, and a hint") {
  // Goal: the contract's form of a message, and that hostile text can't write to the terminal.
  const Failure failure = explain({Code::permission_denied, "req\x1b[2J.oak"}, "cannot open the request");
  CHECK(failure.message == "cannot open the request: req\\x1b[2J.oak: permission denied");
  CHECK(failure.hint == code_hint(Code::permission_denied));
  CHECK(explain({Code::not_found, "x"}, "cannot open", "look again").hint == "look again");
  CHECK(explain({Code::empty_input, ""}, "").message == code_cause(Code::empty_input));
  CHECK(failure_text("oak-issuer", {Code::usage, "no file", "name one"}) == "oak-issuer: error: no file\nhint: name one\n");
  CHECK(failure_text("oak-issuer", {Code::usage, "no file", ""}) == "oak-issuer: error: no file\n");
  const Json json = Json::parse(failure_json({Code::bad_signature, "a \"b\"\n", "h"}));
  CHECK(json == Json({{"error", {{"code", "bad-signature"}, {"message", "a \"b\"\n"}, {"hint", "h"}}}}));
}

TEST_CASE("exit codes: 1 where the answer is no, 2 where there is none") {
  // Goal: the contract. A malformed document is an answer; a missing file or a wrong option is not.
  for (const CodeEntry& entry : codes()) {
    INFO(entry.name);
    const int code = exit_code_of(entry.code);
    CHECK((code == 1 || code == 2));
    if (static_cast<int>(entry.code) < 60) CHECK(code == 1);
  }
  for (const Code code :
       {Code::not_found, Code::permission_denied, Code::is_a_folder, Code::disk_full, Code::io_error, Code::usage, Code::locked})
    CHECK(exit_code_of(code) == 2);
  for (const Code code : {Code::wrong_product, Code::refused, Code::bad_licence_key, Code::ledger_damaged}) CHECK(exit_code_of(code) == 1);
}

}  // namespace oak::test
