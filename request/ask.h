#pragma once
// What a site admin is asked for on a terminal.

#include <string>

#include "core/disk.h"
#include "core/failure.h"
#include "core/licence_key.h"
#include "core/terminal.h"

namespace oak {

/// Asks for the licence key, part by part, each checked as it is typed and asked again where it is wrong; a whole key
/// pasted at the first question is taken at once. Fails where the input ends.
Outcome<LicenceKey> ask_licence_key(Terminal& terminal);
/// The one product whose trust lies in the folder, without asking; else the person says which.
Outcome<std::string> ask_product(Terminal& terminal, Disk& disk, const std::string& trust_folder);
Outcome<std::string> ask_version(Terminal& terminal, const std::string& product);
/// refused unless the answer is the product's name.
Outcome<void> ask_to_give_back(Terminal& terminal, const std::string& product);
/// A label for the site; an empty answer leaves it out.
Outcome<std::string> ask_site(Terminal& terminal);

}  // namespace oak
