#pragma once
// What `refresh` says of what came out, as text and as JSON. Nothing is printed here.

#include <string>
#include <vector>

#include "request/refresh.h"

namespace oak {

/// What was stored, for standard output; nothing where nothing was.
std::string refreshed_text(const std::vector<Refreshed>& all);
/// For standard error: refusals and failures; `verbose`: also why nothing was sent or nobody answered.
std::string refreshed_messages(std::string_view tool, const std::vector<Refreshed>& all, const std::string& product, bool verbose);
/// {"product", "results": [{"licence", "result", "activation": as `check` has it or null, "renew_from": seconds or null, "refused":
/// [{"code", "message", "remedy"}], "message", "hint"}]} and a newline.
std::string refreshed_json(const std::vector<Refreshed>& all, const std::string& product);
/// 0: all is well, also where nobody answers; 1: refused; 2: an answer that can't be used.
int refreshed_exit_code(const std::vector<Refreshed>& all);

}  // namespace oak
