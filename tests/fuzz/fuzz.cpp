#include "tests/fuzz/fuzz.h"

#include <cstdio>
#include <cstdlib>

namespace oak::fuzz {

void require(bool holds, const char* property) {
  if (holds) return;
  std::fprintf(stderr, "property does not hold: %s\n", property);
  std::abort();
}

[[gnu::weak]] std::vector<Bytes> seeds() { return {}; }

}  // namespace oak::fuzz
