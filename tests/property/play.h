#pragma once
// Plays a history on the real desk and real machines, and compares with the model after each step.

#include <memory>

#include "issuer/returning.h"
#include "tests/property/computer.h"
#include "tests/property/history.h"
#include "tests/unit/issuer_desk_world.h"

namespace oak::property {

/// The desk that every history starts from: made once, its ledger put back each time.
class FreshDesk {
 public:
  FreshDesk();
  void start_again();
  /// What licence L1 has from now on.
  void sell(std::uint64_t seats, std::uint64_t rehosts);
  Bytes ledger();
  void put_ledger(ByteView bytes);
  /// The ledger as it was at the start, under the desk's feet; and back.
  void swap_in_old_ledger();
  void swap_back();

  desk_test::OpenDesk office;
  LicenceKey licence_key;
  Bytes trust_document;

 private:
  std::string ledger_path_;
  Bytes pristine_, newest_;
};

class Playing {
 public:
  /// `only`: this kind of fault, and no other; empty: any.
  Playing(FreshDesk& desk, const History& history, std::string_view only = {});
  /// The first fault, if there is one.
  std::optional<Fault> run();

 private:
  struct Asked {
    Bytes document;
    IssueTerms terms;
    std::size_t machine = 0;
  };
  struct Answered {
    Bytes document;
    Id id;
    bool late = false;  ///< the activation had ended when the desk handed it out
  };

  void take(const Step& step);
  void ask(const Step& step, bool imports);
  void claim(const Step& step);
  std::optional<Answered> bring(const Asked& asked);
  void note_issue(const ActivationRecord& record, const Asked& asked, std::uint64_t quota_before);
  void import(const Answered& answer, std::size_t machine);
  void note_receipts(std::vector<Returned> returned, Ids others, Computer& computer);
  void accept(const Bytes& receipt);
  void revoke(unsigned number);
  void change(unsigned number);
  void ask_old_ledger(Computer& computer);
  void move_parts(const Step& step);
  void compare();
  void audit_ledger();
  std::uint64_t seats_run_by(std::size_t machine);
  IssueTerms terms_of(const Step& step) const;
  std::uint64_t quota_used();
  std::uint64_t live_seats() { return desk_.office.live_seats_of("L1"); }
  std::uint64_t now() const { return desk_.office.clock.now; }
  void wrong(std::string kind, std::string text) {
    if (!fault_ && (only_.empty() || kind == only_)) fault_ = Fault{std::move(kind), std::move(text)};
  }

  FreshDesk& desk_;
  const History& history_;
  std::string_view only_;
  desk_test::SeededRandom random_;
  Site site_;
  std::vector<std::unique_ptr<Computer>> computers_;
  Model model_;
  std::uint64_t bought_, rehosts_;
  std::vector<Asked> asked_;
  std::vector<Answered> answered_;
  std::vector<Bytes> receipts_;
  std::vector<std::optional<Runs>> runs_;  ///< nullopt: something has changed
  std::optional<Fault> fault_;
};

}  // namespace oak::property
