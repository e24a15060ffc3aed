#pragma once
// A check on a computer that has no activation of its own, but was lent a seat (docs/format-seats.md, "What a computer keeps").

#include "verifier/answer.h"
#include "verifier/chain.h"
#include "verifier/machine.h"

namespace oak {

/// nullopt where this computer is not enrolled with a seat server. Fails where its state can't be read.
Outcome<std::optional<Answer>> answer_for_lease(const Machine& machine, const Chain& chain, const Question& question);

}  // namespace oak
