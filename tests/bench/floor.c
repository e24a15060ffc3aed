/* The floor as a process. Usage: floor VERIFICATIONS FILE... */
#include "floor.h"

#include <stdlib.h>

int main(int argc, char **argv) {
  if (argc < 2 || sodium_init() < 0) return 2;
  return floor_of_a_check(atoi(argv[1]), argv + 2) != 0;
}
