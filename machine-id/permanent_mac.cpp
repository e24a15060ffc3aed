#include "machine-id/permanent_mac.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace oak {

std::string PermanentAddresses::permanent_address(const std::string& interface) const {
  constexpr std::size_t address_bytes = 6;
  if (interface.size() >= IFNAMSIZ) return {};
  // The structure ends in a flexible array, so it lies in a buffer of its own.
  alignas(ethtool_perm_addr) std::array<unsigned char, sizeof(ethtool_perm_addr) + 32> buffer{};
  auto* const answer = reinterpret_cast<ethtool_perm_addr*>(buffer.data());
  answer->cmd = ETHTOOL_GPERMADDR;
  answer->size = address_bytes;
  struct ifreq request = {};
  std::copy(interface.begin(), interface.end(), request.ifr_name);
  request.ifr_data = reinterpret_cast<char*>(buffer.data());
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return {};
  const bool answered = ::ioctl(fd, SIOCETHTOOL, &request) == 0 && answer->size == address_bytes;
  ::close(fd);
  if (!answered) return {};
  std::string out;
  for (std::size_t i = 0; i < address_bytes; ++i) out += (i > 0 ? ":" : "") + to_hex({answer->data + i, 1});
  return out == "00:00:00:00:00:00" ? std::string() : out;
}

}  // namespace oak
