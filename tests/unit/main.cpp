#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>

#include "core/crypto.h"

int main(int argc, char** argv) {
  if (!oak::crypto_start()) return 2;
  return Catch::Session().run(argc, argv);
}
