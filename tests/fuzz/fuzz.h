#pragma once
// A fuzz target: one parser, and what must hold of everything that it takes.
//
// Each target is a file that defines `run`, and `seeds` where the test vectors hold nothing for it. It is built twice: with
// libFuzzer's main (./kit fuzz), and with a main that replays seeds and corpus (./kit test, any compiler).

#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"

namespace oak::fuzz {

/// Gives one input to the parser. Any crash, any report of a sanitizer and any property that does not hold ends the program.
void run(ByteView input);

/// Inputs to start from, beside those that tests/fuzz/CMakeLists.txt names.
std::vector<Bytes> seeds();

/// Ends the program where `holds` is false; `property` says what did not hold.
void require(bool holds, const char* property);

inline std::string_view as_text(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
inline Bytes as_bytes(std::string_view text) { return {text.begin(), text.end()}; }

}  // namespace oak::fuzz
