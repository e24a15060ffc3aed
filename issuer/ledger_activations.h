#pragma once
// Activations as they are read from the ledger's file: what the tables say of them, and the leaf that holds them. Throws what SQLite
// throws: ledger_sqlite.cpp turns it into errors.

#include <functional>
#include <string>
#include <vector>

#include "issuer/ledger.h"

namespace SQLite {
class Statement;
}

namespace oak {

class StatementCache;

class StoredActivations {
 public:
  /// `statements` must outlive it.
  explicit StoredActivations(StatementCache& statements) : statements_(statements) {}
  Result<Leaf> leaf(std::uint64_t index);
  /// `where` is SQL behind FROM activations, whose parameters `bind` sets.
  Result<std::vector<ActivationRecord>> find(const std::string& where, const std::function<void(SQLite::Statement&)>& bind);
  /// As Ledger::each_activation.
  Status each(const ActivationFilter& filter, const std::function<void(ActivationRecord)>& take);

 private:
  Result<ActivationRecord> read_record(SQLite::Statement& row);
  Result<std::vector<std::uint64_t>> entries(const ActivationFilter& filter);
  StatementCache& statements_;
};

}  // namespace oak
