#pragma once
// Documents that roots have signed, put in their place at the desk, and recorded.

#include <string>
#include <vector>

#include "issuer/draft.h"

namespace oak {

struct ImportedKeys {
  DocumentType type{};
  std::vector<std::string> lines;  ///< what was done
  std::string next;                ///< the command that goes on, or empty
};
/// An issuer certificate, a key bulletin, or a trust: checked against the desk's trust first. A new trust must be signed by the
/// thresholds of old and new roots. not_enough_signatures says how many more must sign.
Outcome<ImportedKeys> import_root_document(Desk& desk, const DeskWorld& world, ByteView file, const std::string& name);

}  // namespace oak
