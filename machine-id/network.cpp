#include <algorithm>
#include <map>

#include "machine-id/normalise.h"
#include "machine-id/sources.h"

namespace oak {
namespace {

constexpr const char* net = "/sys/class/net/";
constexpr std::string_view ethernet_type = "1";  // ARPHRD_ETHER, which wireless cards have too

using Addresses = std::map<std::string, std::string>;

/// What the bonding driver knows of the cards that it took over: their addresses from before.
Addresses bonded_addresses(const Host& host) {
  constexpr std::string_view card_mark = "Slave Interface:", address_mark = "Permanent HW addr:";
  Addresses out;
  for (const std::string& bond : host.list("/proc/net/bonding")) {
    const auto text = host.read("/proc/net/bonding/" + bond);
    if (!text) continue;
    std::string card;
    for (std::size_t at = 0; at < text->size();) {
      const std::size_t end = std::min(text->find('\n', at), text->size());
      const std::string_view line = std::string_view(*text).substr(at, end - at);
      if (line.starts_with(card_mark)) card = folded(line.substr(card_mark.size()));
      if (line.starts_with(address_mark) && !card.empty()) out[card] = folded(line.substr(address_mark.size()));
      at = end + 1;
    }
  }
  return out;
}

/// The card by its permanent address, wherever that is known; else why it is not.
Fact card_fact(const Host& host, const std::string& card, const std::string& bus, const Addresses& bonded,
               const PermanentAddressSource* permanent) {
  if (const auto found = bonded.find(card); found != bonded.end())
    return judge_card(bus, {State::usable, found->second, "/proc/net/bonding"});
  const std::string source = net + card + "/address";
  const Reading kind = read_value(host, net + card + "/addr_assign_type");
  // Old kernels and trimmed copies don't say how the address came about; then its own bits have to.
  if (kind.value == "0" || kind.state == State::absent) return judge_card(bus, read_value(host, source));
  if (!permanent)
    return missing_fact(Component::mac, State::unreadable, source, "not its own address, and the permanent one can't be seen from here");
  std::string address = permanent->permanent_address(card);
  if (address.empty()) return missing_fact(Component::mac, State::absent, source, "no permanent address");
  return judge_card(bus, {State::usable, std::move(address), "ETHTOOL_GPERMADDR"});
}

/// Why a card with hardware behind it is none that counts; empty where it counts.
std::string reason_to_leave_out(const Host& host, const std::string& card) {
  const Reading type = read_value(host, net + card + "/type");
  if (!type.value.empty() && type.value != ethernet_type) return "not an Ethernet card";
  if (!host.resolve(net + card + "/device/physfn").empty()) return "virtual function of another card";
  // The kernel says so of what is plugged into an external port: docks.
  return read_value(host, net + card + "/device/removable").value == "removable" ? "removable" : "";
}

}  // namespace

void collect_network(const Host& host, const PermanentAddressSource* permanent, Facts& out) {
  const Addresses bonded = bonded_addresses(host);
  for (const std::string& card : list_of(host, "/sys/class/net", Component::mac, out)) {
    const std::string path = device_path(host, net + card), bus = bus_of(path);
    if (path.empty() && !host.read(net + card + "/address")) continue;  // "bonding_masters" is a file, no card
    const bool has_hardware = bus != "virtual" && bus != "usb";
    const std::string reason = has_hardware ? reason_to_leave_out(host, card) : std::string();
    if (!reason.empty())
      add_member(out, missing_fact(Component::mac, State::absent, net + card, reason), card, bus);
    else if (!has_hardware)
      add_member(out, judge_card(bus, {State::absent, {}, net + card}), card, bus);
    else
      add_member(out, card_fact(host, card, bus, bonded, permanent), card, bus);
  }
}

}  // namespace oak
