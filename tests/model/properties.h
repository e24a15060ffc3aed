#pragma once
// What a state of the small world may not be.

#include "tests/model/search.h"

namespace oak::model {

enum class Property {
  ledger,    ///< seats live in the ledger are never more than were bought, nor moves more than the quota
  strict,    ///< and every seat that runs is one of those
  accounted  ///< and every seat that runs is one of those, or a move in the ledger speaks for it
};

/// `only_double`: nothing is wrong but more running seats than were bought.
Judge judge_of(Property property, const World& world, const Switches& switches, bool only_double);

}  // namespace oak::model
