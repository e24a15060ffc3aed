#pragma once
// An error as a person reads it: what could not be done and why, and what to do next.

#include <string>
#include <string_view>

#include "core/error.h"

namespace oak {

struct Failure {
  Code code;
  std::string message;  ///< "cannot open 'req.oak': permission denied"; untrusted text is quoted and escaped already
  std::string hint;     ///< the remedy; may be empty
};
template <typename T>
using Outcome = tl::expected<T, Failure>;

/// "<what>: <context>: <cause>"; the hint is the code's own where none is given.
Failure explain(const Error& error, std::string_view what, std::string_view hint = {});
/// What helps in general against this code; may be empty.
std::string_view code_hint(Code code);
/// 1: the answer is no (malformed, refused, not acceptable). 2: there is no answer (usage, permission, disk).
int exit_code_of(Code code);
/// "oak-issuer: error: …\nhint: …\n"
std::string failure_text(std::string_view tool, const Failure& failure);
/// {"error": {"code", "message", "hint"}} and a newline
std::string failure_json(const Failure& failure);

}  // namespace oak
