#pragma once
// One transaction of the ledger, rolled back unless it was committed.

#include "issuer/ledger.h"

namespace oak {

class Transaction {
 public:
  explicit Transaction(Ledger& ledger) : ledger_(ledger) {}
  ~Transaction() {
    if (open_) ledger_.roll_back();
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  Status begin() {
    OAK_TRY(ledger_.begin());
    open_ = true;
    return {};
  }
  Status commit() {
    OAK_TRY(ledger_.commit());
    open_ = false;
    return {};
  }

 private:
  Ledger& ledger_;
  bool open_ = false;
};

}  // namespace oak
