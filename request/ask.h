#pragma once
// What a site admin is asked for on a terminal.

#include <string>

#include "core/failure.h"
#include "core/licence_key.h"
#include "core/terminal.h"

namespace oak {

/// Asks for the licence key, part by part, each checked as it is typed and asked again where it is wrong; a whole key
/// pasted at the first question is taken at once. Fails where the input ends.
Outcome<LicenceKey> ask_licence_key(Terminal& terminal);
/// A label for the site; an empty answer leaves it out.
Outcome<std::string> ask_site(Terminal& terminal);

}  // namespace oak
