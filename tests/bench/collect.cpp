// One collection, in turns with a bare loop in C over the same places. Usage: collect PLACE... (see collect_floor.c)
// Prints the medians of both in microseconds; without places it collects once, to be traced.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "machine-id/collect.h"

extern "C" long collect_floor(char** places);

namespace {

constexpr int rounds = 2000;

template <typename Work>
double time_us(Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double>& values) {
  std::nth_element(values.begin(), values.begin() + rounds / 2, values.end());
  return values[rounds / 2];
}

}  // namespace

int main(int argc, char** argv) {
  const oak::LinuxHost host;
  std::size_t facts = oak::collect(host).facts.size();
  if (argc < 2) return facts == 0;
  long found = 0;
  std::vector<double> collection, loop;
  for (int i = 0; i < rounds; ++i) {
    collection.push_back(time_us([&] { facts += oak::collect(host).facts.size(); }));
    loop.push_back(time_us([&] { found += collect_floor(argv + 1); }));
  }
  std::printf("%.1f %.1f\n", median(collection), median(loop));
  return facts == 0 || found == 0;
}
