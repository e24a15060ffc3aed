#pragma once
// What a licence may say. Each term has one name: as an option it is --NAME, in a table of licences it is the column NAME.

#include <optional>
#include <string>
#include <vector>

#include "core/failure.h"
#include "issuer/licence.h"

namespace oak {

struct NewLicence {
  std::string id;  ///< empty: one is made
  std::string customer, product, versions;
  std::uint64_t seats = 1;
  std::vector<std::string> features;
  std::optional<std::uint64_t> rehosts, certificates;
  std::vector<std::string> forbidden;  ///< "vm", "container"
};

struct TermFault {
  std::string term, message, remedy;  ///< "seats", "is out of range", "1 to 1,000,000"
};
/// usage where a reason is longer than a line, or has control characters.
Outcome<void> check_reason(std::string_view reason);
/// For messages: in quotes, and no more of it than tells which it is.
std::string quoted_briefly(std::string_view text);
/// The fault of an option.
Failure usage_of(const TermFault& fault);

/// Licence ids have no small letters (core/licence_key.h): whoever types some means the capitals.
std::string licence_id_as_meant(std::string typed);
/// The licence, and all that is wrong with it added to `faults`; without an id where it is to be made.
Licence licence_of(const NewLicence& input, std::vector<TermFault>& faults);
void set_versions(Licence& licence, std::string_view text, std::vector<TermFault>& faults);
void set_forbidden(Licence& licence, const std::vector<std::string>& names, std::vector<TermFault>& faults);
/// Of all other terms; features come out ascending, each once.
void check_terms(Licence& licence, std::vector<TermFault>& faults);

}  // namespace oak
