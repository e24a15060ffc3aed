#include "core/kind.h"

namespace oak {

std::string_view kind_name(Kind kind) { return kind == Kind::certificate ? "certificate" : "permanent"; }

std::string_view binding_name(Binding binding) {
  switch (binding) {
    case Binding::virtual_tpm: return "virtual-tpm";
    case Binding::hardware_tpm: return "hardware-tpm";
    case Binding::software: break;
  }
  return "software";
}

}  // namespace oak
