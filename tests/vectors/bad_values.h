#pragma once
// Values outside a field's type or limits, one fault each.

#include <vector>

#include "core/fields.h"

namespace oak::vectors {

struct BadValue {
  Field field;
  const char* name;
  Bytes value;
  const char* why;
};

std::vector<BadValue> bad_values();

}  // namespace oak::vectors
