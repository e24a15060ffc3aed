#pragma once
// The JSON of a server that gives no certificate (docs/format-serve.md, "Requests").

#include "request/refresh.h"

namespace oak {

struct ServedError {
  std::string code, message;
  std::vector<ServedRefusal> refusals;
};
/// Whatever is missing or is no text is left empty; at most 16 refusals, and 1,024 bytes of a text.
ServedError read_served_error(std::string_view json);

}  // namespace oak
