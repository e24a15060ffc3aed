#pragma once
// A captured machine in a temporary folder: files and links as Linux shows them.

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "machine-id/collect.h"
#include "tests/unit/temporary_folder.h"

namespace oak::test {

namespace fs = std::filesystem;

class Tree {
 public:
  const std::string& root() const { return folder_.path(); }
  std::string at(const std::string& path) const { return folder_.path() + path; }

  Tree& file(const std::string& path, const std::string& content) {
    fs::create_directories(fs::path(at(path)).parent_path());
    std::ofstream(at(path), std::ios::binary) << content;
    return *this;
  }
  Tree& folder(const std::string& path) {
    fs::create_directories(at(path));
    return *this;
  }
  Tree& link(const std::string& path, const std::string& target) {
    fs::create_directories(fs::path(at(path)).parent_path());
    fs::create_symlink(target, at(path));
    return *this;
  }
  Tree& pipe(const std::string& path) {
    fs::create_directories(fs::path(at(path)).parent_path());
    if (::mkfifo(at(path).c_str(), 0600) != 0) std::abort();
    return *this;
  }
  Tree& remove(const std::string& path) {
    fs::remove_all(at(path));
    return *this;
  }

  /// A card below "/devices/<device>", with its link from /sys/class/net.
  Tree& card(const std::string& name, const std::string& device, const std::string& address, int assign_type = 0) {
    const std::string folder = "/sys/devices/" + device + "/net/" + name;
    file(folder + "/address", address + "\n").file(folder + "/type", "1\n");
    file(folder + "/addr_assign_type", std::to_string(assign_type) + "\n");
    return link("/sys/class/net/" + name, "../../devices/" + device + "/net/" + name);
  }
  /// A disk below "/devices/<device>", with its link from /sys/block; `number_file` is below the disk.
  Tree& disk(const std::string& name, const std::string& device, const std::string& number_file, const std::string& number,
             bool removable = false) {
    const std::string folder = "/sys/devices/" + device + "/block/" + name;
    file(folder + "/removable", removable ? "1\n" : "0\n");
    if (!number_file.empty()) file(folder + "/" + number_file, number);
    return link("/sys/block/" + name, "../devices/" + device + "/block/" + name);
  }

 private:
  TemporaryFolder folder_;
};

/// A tree of which nothing that begins with `locked` may be read. Root could read it all, so a host refuses instead.
class Locked final : public Host {
 public:
  Locked(const Tree& tree, std::string locked) : host_(tree.root()), locked_(std::move(locked)) {}
  Result<std::string> read(const std::string& path) const override {
    return path.starts_with(locked_) ? fail(Code::permission_denied, path) : host_.read(path);
  }
  std::vector<std::string> list(const std::string& path) const override {
    return path.starts_with(locked_) ? std::vector<std::string>() : host_.list(path);
  }
  std::string resolve(const std::string& path) const override { return path.starts_with(locked_) ? std::string() : host_.resolve(path); }

 private:
  LinuxHost host_;
  std::string locked_;
};

inline Facts facts_of(const Tree& tree) { return collect(LinuxHost(tree.root())); }

/// The facts of one component, in order.
inline std::vector<Fact> all_of(const Facts& facts, Component component) {
  std::vector<Fact> out;
  std::copy_if(facts.facts.begin(), facts.facts.end(), std::back_inserter(out),
               [&](const Fact& fact) { return fact.component == component; });
  return out;
}

/// The first fact of a component. There is always one.
inline Fact one_of(const Facts& facts, Component component) { return all_of(facts, component).at(0); }

/// The reason for which a card or disk was left out, or empty.
inline std::string why_left_out(const Facts& facts, const std::string& label) {
  for (const Fact& fact : facts.left_out)
    if (fact.label == label) return fact.reason;
  return {};
}

/// "component label value" of each usable fact.
inline std::vector<std::string> usable(const Facts& facts) {
  std::vector<std::string> out;
  for (const Fact& fact : facts.facts)
    if (fact.state == State::usable) out.push_back(std::string(component_name(fact.component)) + " " + fact.label + " " + fact.value);
  return out;
}

inline bool has_usable(const Facts& facts, const std::string& entry) {
  const auto all = usable(facts);
  return std::find(all.begin(), all.end(), entry) != all.end();
}

/// A plain server: DMI, two cards, an NVMe disk and a SATA disk.
inline void make_server(Tree& tree) {
  const std::string dmi = "/sys/class/dmi/id/";
  tree.file(dmi + "product_uuid", "4c4c4544-0042-3510-8052-b4c04f4d4e32\n").file(dmi + "product_serial", "  b5rmn42 \n");
  tree.file(dmi + "board_serial", ".B5RMN42.CN7016384P00GM.\n").file(dmi + "sys_vendor", "Dell Inc.\n");
  tree.file(dmi + "product_name", "PowerEdge R740\n").file(dmi + "board_name", "0DY2X0\n");
  tree.file("/etc/machine-id", "6e1c9a4b7d0f4c2e9b8a35d1f0c4e7aa\n");
  tree.file("/proc/cpuinfo",
            "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\nmodel name\t: Some Name\nstepping\t: "
            "7\nflags\t\t: fpu vme\n\nprocessor\t: 1\ncpu family\t: 9\n");
  tree.card("eno1", "pci0000:00/0000:00:1c.4/0000:02:00.0", "B0:26:28:5A:01:10");
  tree.card("eno2", "pci0000:00/0000:00:1c.4/0000:02:00.1", "b0:26:28:5a:01:11");
  tree.disk("nvme0n1", "pci0000:00/0000:00:1d.0/0000:04:00.0/nvme/nvme0", "device/serial", "S4EVNX0M812345  \n");
  tree.disk("sda", "pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0", "device/wwid", "naa.5000c500a1b2c3d4\n");
}

}  // namespace oak::test
