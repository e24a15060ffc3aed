#pragma once
// Hints about what the machine runs in. Never proofs: a licence may say where it may be used, and that is all.

#include <string>

#include "core/bytes.h"
#include "core/error.h"

namespace oak {

struct Environment {
  std::string virtual_machine;  ///< "kvm", "vmware" …, empty where none was seen
  std::string container;        ///< "docker", "lxc" …, empty where none was seen
  bool empty() const { return virtual_machine.empty() && container.empty(); }
};

inline constexpr std::size_t max_environment_bytes = 32;

Bytes encode_environment(const Environment& environment);
Result<Environment> decode_environment(ByteView item);

}  // namespace oak
