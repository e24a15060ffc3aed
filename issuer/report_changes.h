#pragma once
// What the commands that take activations back say. Nothing is printed here.

#include "issuer/report.h"
#include "issuer/returning.h"

namespace oak {

Report accepted_report(const Accepted& accepted);

}  // namespace oak
