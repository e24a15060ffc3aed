#pragma once
// QR symbols out of a picture. The one file that speaks to ZXing. Hostile input: call it inside the sandbox.

#include <string>
#include <vector>

#include "request/picture.h"

namespace oak {

/// Every QR symbol that can be found, as its text, in the order found. `ladder` false: the library as it comes, once
/// over the original, for comparison.
///
/// The ladder stops at the first rung that finds something: two binarisers, on the original, blurred, ×2, ×3, ×½, ×¼
/// and inverted. Then what was found is painted white and the same rung searched again, until it finds nothing new: one
/// pass misses symbols on a sheet of several.
std::vector<std::string> read_qr_symbols(const Picture& picture, bool ladder = true);

}  // namespace oak
