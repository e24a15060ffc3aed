#pragma once
// Asks drivers for permanent addresses (ETHTOOL_GPERMADDR). The only file on this floor that opens a socket; no part
// of the verifier's library.

#include "machine-id/collect.h"

namespace oak {

class PermanentAddresses final : public PermanentAddressSource {
 public:
  std::string permanent_address(const std::string& interface) const override;
};

}  // namespace oak
