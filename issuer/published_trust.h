#pragma once
// The trust documents that a desk has handed out, kept in its folder: what customers know of the desk, such as whom to ask.

#include <string>

#include "issuer/desk.h"

namespace oak {

/// Keeps a copy of what `make_trust` gave, in the place of the last one for that product (empty: every product).
Outcome<void> keep_published_trust(Disk& disk, const Desk& desk, const std::string& product, ByteView document);
/// The contact in the trust handed out last for the product, else for every product; empty where there is none.
std::string published_contact(Disk& disk, const Desk& desk, const std::string& product);

}  // namespace oak
