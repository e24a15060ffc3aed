#pragma once
// A licence as the desk knows it, without its secret.

#include <optional>
#include <string>
#include <vector>

#include "core/tolerance.h"
#include "core/version.h"

namespace oak {

struct Licence {
  std::string id;
  std::string customer;
  std::string product;
  std::uint64_t seats = 1;
  VersionRange versions;
  std::vector<std::string> features;     ///< ascending
  std::optional<std::uint64_t> rehosts;  ///< moves a year that need no more than an operator; nullopt: the default
  std::uint64_t certificates = 3;        ///< active at one time
  bool forbids_virtual_machines = false;
  bool forbids_containers = false;
  std::uint64_t key_number = 1;  ///< grows when the key is changed

  std::uint64_t rehosts_a_year() const { return rehosts.value_or(seats < 2 ? 2 : seats); }
};

struct ProductTerms {
  std::string product;
  Policy policy;
  std::uint64_t grace_days = 0;
};

}  // namespace oak
