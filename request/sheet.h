#pragma once
// A document on paper: one HTML page that prints on A4 and on Letter. Pure; nothing is read or written here.

#include <string>

#include "core/bytes.h"
#include "core/failure.h"

namespace oak {

/// The page of a request, sealed or not, an activation, a receipt or an issuer's bulletin: what is asked or granted in words, its symbols at `sheet_symbol_mm`,
/// the groups to compare over the phone, whom to turn to, and what the reader does next. No script, nothing from outside. UTF-8. `contact`
/// is the vendor's, from trust; empty: "your vendor". Activation and bulletin are shown as they claim: whoever prints it has made or verified it.
/// Fails for other documents, with bad_envelope and the like.
Outcome<std::string> make_sheet(ByteView document, std::string_view contact);

/// A symbol's side without its quiet zone.
inline constexpr unsigned sheet_symbol_mm = 62;

}  // namespace oak
