#include <map>

#include "machine-id/normalise.h"
#include "machine-id/placeholders.h"
#include "machine-id/sources.h"

namespace oak {
namespace {

const std::string net = "/sys/class/net/";
constexpr std::string_view ethernet_type = "1";  // ARPHRD_ETHER, which wireless cards have too

using Addresses = std::map<std::string, std::string>;

/// What the bonding driver knows of the cards that it took over: their addresses from before.
Addresses bonded_addresses(const Host& host) {
  Addresses out;
  for (const std::string& bond : host.list("/proc/net/bonding")) {
    const auto text = host.read("/proc/net/bonding/" + bond);
    if (!text) continue;
    std::string card;
    for (std::size_t at = 0; at < text->size();) {
      const std::size_t end = std::min(text->find('\n', at), text->size());
      const std::string_view line = std::string_view(*text).substr(at, end - at);
      constexpr std::string_view card_mark = "Slave Interface:", address_mark = "Permanent HW addr:";
      if (line.starts_with(card_mark)) card = folded(line.substr(card_mark.size()));
      if (line.starts_with(address_mark) && !card.empty()) out[card] = folded(line.substr(address_mark.size()));
      at = end + 1;
    }
  }
  return out;
}

std::string bus_of(const std::string& device_path) {
  const auto has = [&](std::string_view part) { return device_path.find(part) != std::string::npos; };
  if (device_path.empty() || has("/devices/virtual/")) return "virtual";
  if (has("/usb")) return "usb";
  if (has("/virtio")) return "virtio";
  return has("/pci") ? "pci" : "platform";
}

/// The card's permanent address, or why it is not known here.
struct Permanent {
  std::string address, source, problem;
};

Permanent find_permanent(const Host& host, const std::string& card, const Addresses& bonded,
                         const PermanentAddressSource* permanent) {
  if (const auto found = bonded.find(card); found != bonded.end()) return {found->second, "/proc/net/bonding", {}};
  const std::string source = net + card + "/address";
  const Reading assigned = read_value(host, net + card + "/addr_assign_type");
  if (assigned.value == "0") {
    const Reading address = read_value(host, source);
    return {address.value, source, address.state == State::unreadable ? std::string(no_permission) : std::string()};
  }
  if (permanent) {
    std::string address = permanent->permanent_address(card);
    if (!address.empty()) return {std::move(address), "ETHTOOL_GPERMADDR " + card, {}};
  }
  return {{}, source, "its address was changed, and the permanent one can't be seen from here"};
}

}  // namespace

CardRule judge_card(std::string_view label, std::string_view bus, std::string_view permanent_address, std::string source) {
  const auto left_out = [&](std::string reason) {
    return CardRule{true, missing_fact(Component::mac, State::absent, source, std::move(reason), std::string(label))};
  };
  if (bus == "virtual") return left_out("virtual device");
  if (bus == "usb") return left_out("USB device");
  const auto mac = normalised_mac(permanent_address);
  if (!mac) return left_out("no 48-bit address");
  const std::string_view second_digit = std::string_view(*mac).substr(1, 1);
  if (std::string_view("13579bdf").find(second_digit) != std::string_view::npos) return left_out("a group address");
  if (std::string_view("26ae").find(second_digit) != std::string_view::npos) return left_out("locally administered");
  return {false, fact_of(Component::mac, *mac, source, mac_placeholder(*mac), std::string(label))};
}

void collect_network(const Host& host, const PermanentAddressSource* permanent, Facts& out) {
  const Addresses bonded = bonded_addresses(host);
  for (const std::string& card : host.list("/sys/class/net")) {
    const std::string bus = bus_of(host.resolve(net + card));
    if (bus == "virtual" || bus == "usb") {
      out.left_out.push_back(judge_card(card, bus, {}, net + card).fact);
      continue;
    }
    const Reading type = read_value(host, net + card + "/type");
    const bool is_function = !host.resolve(net + card + "/device/physfn").empty();
    if (is_function || (!type.value.empty() && type.value != ethernet_type)) {
      out.left_out.push_back(missing_fact(Component::mac, State::absent, net + card,
                                          is_function ? "virtual function of another card" : "not an Ethernet card", card));
      continue;
    }
    const Permanent address = find_permanent(host, card, bonded, permanent);
    if (!address.problem.empty()) {
      out.facts.push_back(missing_fact(Component::mac, State::unreadable, address.source, address.problem, card));
      continue;
    }
    CardRule rule = judge_card(card, bus, address.address, address.source);
    (rule.left_out ? out.left_out : out.facts).push_back(std::move(rule.fact));
  }
}

}  // namespace oak
