#pragma once
// The pages of what a vendor sends: activations, and bulletins that revoke them.

#include "core/activation.h"
#include "core/bulletin.h"
#include "core/page_words.h"

namespace oak {

Page activation_page(const UnverifiedActivation& read, const Digest& document, const Standing& standing);
Page bulletin_page(const Bulletin& bulletin, const Digest& document, const Standing& standing);

}  // namespace oak
