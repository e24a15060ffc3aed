#pragma once
// What a desk holds, looked up and made ready to be reported. Reads alone: no lock is taken, and no writer waits for more than one
// short read.

#include "issuer/licence_history.h"
#include "issuer/report.h"
#include "issuer/timeline.h"

namespace oak {

/// By its id as typed: any case, with or without dashes. Usage, unknown_activation.
Outcome<ActivationRecord> find_activation(Desk& desk, const std::string& typed);
Outcome<ActivationView> look_at_activation(Desk& desk, const std::string& typed, std::uint64_t now_unix_s);

/// Which activations; what is empty leaves none out.
struct ActivationSearch {
  std::string licence;  ///< an id, in any case
  std::string state;    ///< as list shows it
  std::string site;     ///< part of the label, in any case
};
/// Those to look at first in front, else the newest first; without their documents. Usage, unknown_licence.
Outcome<std::vector<ActivationRecord>> list_activations(Desk& desk, const ActivationSearch& search, std::uint64_t now_unix_s);

struct LicencePage {
  LicenceView view;
  std::vector<ActivationRecord> machines;  ///< live ones, in the order of list_activations
  struct Unreturned {
    ActivationId activation{};
    std::vector<Owed> owed;
  };
  std::vector<Unreturned> unreturned;
  std::vector<TermsChange> history;
};
Outcome<LicencePage> look_at_licence(Desk& desk, const std::string& id, std::uint64_t now_unix_s);
/// Those to look at first in front, else as they were added.
Outcome<std::vector<LicenceView>> list_licences(Desk& desk, std::uint64_t now_unix_s);

}  // namespace oak
