#pragma once
// QR symbols out of a picture. The one file that speaks to ZXing. Hostile input: call it inside the sandbox.

#include <functional>
#include <string>
#include <vector>

#include "request/picture.h"

namespace oak {

/// Whether the texts found so far, at least one, are all that is looked for.
using EnoughTexts = std::function<bool(const std::vector<std::string>&)>;

/// Every QR symbol that can be found, as its text, each once, at most 64.
///
/// A ladder: two binarisers, on the original, blurred, ×2, ×3, ×½, ×¼ and inverted, until what was found is enough. On
/// each rung what was found is painted white and the rung searched again until it finds nothing new: one pass misses
/// symbols on a sheet of several. A picture of more than 16 megapixels is halved first.
std::vector<std::string> read_qr_symbols(
    Picture picture, const EnoughTexts& enough = [](const std::vector<std::string>&) { return true; });

/// The library as it comes, once over the original, for comparison.
std::vector<std::string> read_qr_symbols_plainly(const Picture& picture);

}  // namespace oak
