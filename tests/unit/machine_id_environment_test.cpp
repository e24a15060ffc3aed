// Goal: what a machine runs in is told from files alone. These are hints: that nobody can fake them is not claimed.

#include <catch2/catch.hpp>

#include "tests/unit/machine_id_tree.h"

using namespace oak;
using namespace oak::test;

namespace {

std::string virtual_machine_by(const std::string& path, const std::string& content) {
  Tree tree;
  tree.file(path, content);
  return facts_of(tree).environment.virtual_machine;
}

std::string container_by(const std::string& path, const std::string& content) {
  Tree tree;
  tree.file(path, content);
  return facts_of(tree).environment.container;
}

}  // namespace

TEST_CASE("hypervisors are known by the firmware that they make up") {
  const std::string dmi = "/sys/class/dmi/id/";
  CHECK(virtual_machine_by(dmi + "sys_vendor", "QEMU\n") == "qemu");
  CHECK(virtual_machine_by(dmi + "product_name", "KVM\n") == "kvm");
  CHECK(virtual_machine_by(dmi + "sys_vendor", "VMware, Inc.\n") == "vmware");
  CHECK(virtual_machine_by(dmi + "sys_vendor", "innotek GmbH\n") == "virtualbox");
  CHECK(virtual_machine_by(dmi + "product_name", "Virtual Machine\n") == "hyperv");
  CHECK(virtual_machine_by(dmi + "sys_vendor", "Xen\n") == "xen");
  CHECK(virtual_machine_by(dmi + "sys_vendor", "Dell Inc.\n").empty());
}

TEST_CASE("and by the processor's flag where there is no firmware to see") {
  CHECK(virtual_machine_by("/proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu hypervisor lahf_lm\n") == "hypervisor");
  CHECK(virtual_machine_by("/proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu lahf_lm\n").empty());
}

TEST_CASE("a whole machine of a cloud is none") {
  Tree tree;
  tree.file("/sys/class/dmi/id/sys_vendor", "Amazon EC2\n").file("/sys/class/dmi/id/product_name", "m5.metal\n");
  CHECK(facts_of(tree).environment.virtual_machine.empty());
  tree.file("/sys/class/dmi/id/product_name", "m5.large\n");
  CHECK(facts_of(tree).environment.virtual_machine == "ec2");
}

TEST_CASE("containers are known by the marks that their managers leave") {
  CHECK(container_by("/.dockerenv", "") == "docker");
  CHECK(container_by("/run/.containerenv", "engine=\"podman\"\n") == "podman");
  CHECK(container_by("/run/systemd/container", "systemd-nspawn\n") == "systemd-nspawn");
  CHECK(container_by("/proc/1/environ", std::string("PATH=/bin\0container=lxc\0", 24)) == "lxc");
  CHECK(container_by("/proc/1/cgroup", "0::/kubepods/burstable/pod1\n") == "kubepods");
  CHECK(container_by("/proc/1/cgroup", "0::/init.scope\n").empty());
}

TEST_CASE("a hint that is no name is not taken") {
  CHECK(container_by("/run/systemd/container", "a name\x1b[31m of many words\n").empty());
  CHECK(container_by("/run/systemd/container", std::string(500, 'a')).empty());
}
