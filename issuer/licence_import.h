#pragma once
// Many licences from one table (docs/changes.md, "Many licences at once"): all of them or none, in one transaction of the ledger.

#include "issuer/licence_desk.h"
#include "issuer/licence_table.h"

namespace oak {

struct ImportedLicence {
  Licence licence;
  std::string key_text;  ///< the caller wipes it
};
struct Imported {
  std::vector<ImportedLicence> licences;  ///< in the order of the table
  std::vector<std::string> new_products;  ///< made with the default policy
  bool repeat = false;                    ///< this very file was imported before: nothing was added, and the keys are those of today
  ImportTable refused;                    ///< its faults not empty: nothing was added
};
/// All that is wrong with a table at this desk; needs no key. Nothing is, where the very file was imported before.
Outcome<ImportTable> check_licence_table(Desk& desk, ByteView file);
/// What is returned without faults is on disk. A failure is the ledger's.
Outcome<Imported> import_licences(Desk& desk, const DeskWorld& world, const SymmetricKey& ledger_key, ByteView file);

}  // namespace oak
