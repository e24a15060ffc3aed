#include "issuer/returning.h"

#include <algorithm>

#include "core/receipt.h"
#include "core/text.h"
#include "issuer/licence_desk.h"
#include "issuer/transaction.h"

namespace oak {
namespace {

constexpr std::string_view over_quota = "rehost-quota";

std::optional<Refusal> refuse_other_activation(const Receipt& receipt, const std::optional<ActivationRecord>& found) {
  const std::string name = activation_id_text(receipt.activation);
  if (!found)
    return Refusal{"unknown-activation", "the ledger has no activation " + name,
                   "ask which desk issued it; where it was this one, the ledger is older than it: restore the newest backup"};
  const Activation& activation = found->activation;
  if (activation.machine_key != receipt.machine_key)
    return Refusal{"wrong-machine", "the receipt is not signed by the machine that holds activation " + name,
                   "ask the site for the receipt of the machine that holds it: oak-request return --product " + activation.product};
  if (activation.licence != receipt.licence || activation.product != receipt.product || activation.generation != receipt.generation)
    return Refusal{"receipt-mismatch",
                   "the receipt says licence " + receipt.licence + ", product " + in_quotes(receipt.product) + ", generation " +
                       std::to_string(receipt.generation) + "; activation " + name + " is of licence " + activation.licence + ", product " +
                       in_quotes(activation.product) + ", generation " + std::to_string(activation.generation),
                   "ask the site to make the receipt again: oak-request return --product " + activation.product};
  if (found->state == ActivationState::revoked)
    return Refusal{"revoked", "activation " + name + " was revoked", "its seats are free already; nothing is left to be given back"};
  return std::nullopt;
}

/// Seats are freed because another activation took this one's place: that one has to be counted here.
Result<std::optional<Refusal>> refuse_other_successor(Ledger& ledger, const Receipt& receipt, const ActivationRecord& record) {
  if (!receipt.successor) return std::optional<Refusal>{};
  // Not only the next one: where that never reached the site, the one after it took the place.
  OAK_ASSIGN(const auto successors, successors_of(ledger, record));
  for (const ActivationRecord& one : successors)
    if (one.id == *receipt.successor) return std::optional<Refusal>{};
  const std::string says =
      "the receipt says that activation " + activation_id_text(*receipt.successor) + " took the place of " + activation_id_text(record.id);
  OAK_ASSIGN(const auto named, ledger.activation(*receipt.successor));
  if (!named)
    return std::optional(Refusal{"ledger-rolled-back", says + ", and this ledger has no such activation",
                                 "this ledger is older than what it has issued: restore the newest backup"});
  return std::optional(Refusal{"receipt-mismatch", says + ", which in this ledger it did not",
                               "ask the site to make the receipt again: oak-request return --product " + record.activation.product});
}

/// What takes up as much for as long: while it is counted, the other one makes no difference to the sum.
bool covers(const Activation& head, const Activation& owed) {
  if (owed.seats > head.seats) return false;
  return !head.not_after_unix_s || (owed.not_after_unix_s && *owed.not_after_unix_s <= *head.not_after_unix_s);
}

/// Whether the sum falls by it, now or later. Only what falls counts as a move: else each renewal's receipt would.
Result<bool> frees_seats(Ledger& ledger, const ActivationRecord& record, std::uint64_t now_unix_s) {
  if (record.state == ActivationState::live) return record.is_live(now_unix_s);
  OAK_ASSIGN(const auto successors, successors_of(ledger, record));
  const ActivationRecord& head = successors.empty() ? record : successors.back();
  const bool operator_freed = std::any_of(successors.begin(), successors.end(), [](const ActivationRecord& one) { return one.uses_quota; });
  const auto& not_after = record.activation.not_after_unix_s;
  const bool has_ended = not_after && *not_after < now_unix_s;
  return !operator_freed && !has_ended && head.is_live(now_unix_s) && !covers(head.activation, record.activation);
}

/// One receipt, with the ledger's writer to itself.
class Accepting {
 public:
  Accepting(Ledger& ledger, const DeskWorld& world, const AcceptTerms& terms, const Receipt& receipt)
      : ledger_(ledger), world_(world), terms_(terms), receipt_(receipt), now_(world.clock.now_unix_s()) {}

  Result<Accepted> run(ByteView document) {
    OAK_ASSIGN(auto found, ledger_.activation(receipt_.activation));
    if (auto refusal = refuse_other_activation(receipt_, found)) return refused(std::move(*refusal));
    OAK_ASSIGN(auto refusal, refuse_other_successor(ledger_, receipt_, *found));
    if (refusal) return refused(std::move(*refusal));
    OAK_ASSIGN(const auto licence, ledger_.licence(receipt_.licence));
    if (!licence) return fail(Code::ledger_damaged, "licence " + receipt_.licence + " is missing");
    out_.record = std::move(*found);
    out_.successor = receipt_.successor;
    out_.rehosts_a_year = licence->rehosts_a_year();
    OAK_ASSIGN(out_.rehosts_left, rehosts_left(ledger_, *licence, now_));
    out_.repeat = out_.record.state == ActivationState::returned;
    if (out_.repeat) return std::move(out_);
    OAK_ASSIGN(out_.uses_quota, frees_seats(ledger_, out_.record, now_));
    if (auto over = judge_quota()) return refused(std::move(*over));
    OAK_TRY(record_return(document));
    OAK_ASSIGN(out_.rehosts_left, rehosts_left(ledger_, *licence, now_));
    return std::move(out_);
  }

 private:
  static Accepted refused(Refusal refusal) {
    Accepted out;
    out.refusals.push_back(std::move(refusal));
    return out;
  }

  std::optional<Refusal> judge_quota() {
    if (!out_.uses_quota || out_.rehosts_left > 0) return std::nullopt;
    if (std::find(terms_.approvals.begin(), terms_.approvals.end(), over_quota) != terms_.approvals.end()) {
      approvals_.emplace_back(over_quota);
      return std::nullopt;
    }
    return Refusal{std::string(over_quota),
                   "the receipt is unattested and counts as a move, and all " + std::to_string(out_.rehosts_a_year) + " of licence " +
                       receipt_.licence + " are used up in the last year",
                   terms_.approve_command + " --approve rehost-quota --reason TEXT"};
  }

  Status record_return(ByteView document) {
    OAK_ASSIGN(const LicenceTotals before, ledger_.totals(receipt_.licence, now_));
    OAK_ASSIGN(const std::uint64_t index, ledger_.size());
    const Leaf leaf{index,         LeafKind::returned,
                    now_,          world_.operator_name,
                    terms_.reason, ReturnedLeaf{receipt_.activation, Bytes(document.begin(), document.end()), approvals_, out_.uses_quota}};
    OAK_TRY(ledger_.append(leaf));
    OAK_ASSIGN(const LicenceTotals after, ledger_.totals(receipt_.licence, now_));
    out_.seats_freed = before.live_seats - after.live_seats;
    out_.record.state = ActivationState::returned;
    return {};
  }

  Ledger& ledger_;
  const DeskWorld& world_;
  const AcceptTerms& terms_;
  const Receipt& receipt_;
  const std::uint64_t now_;
  Accepted out_;
  std::vector<std::string> approvals_;
};

Result<Accepted> accept_in_transaction(Ledger& ledger, const DeskWorld& world, const AcceptTerms& terms, const Receipt& receipt,
                                       ByteView document) {
  Transaction transaction(ledger);
  OAK_TRY(transaction.begin());
  OAK_ASSIGN(Accepted accepted, Accepting(ledger, world, terms, receipt).run(document));
  if (accepted.refusals.empty()) OAK_TRY(transaction.commit());
  return accepted;
}

}  // namespace

Outcome<Accepted> accept_receipt(Desk& desk, const DeskWorld& world, const AcceptTerms& terms, ByteView document) {
  const auto opened = open_receipt(document);
  if (!opened) return tl::unexpected(explain(opened.error(), "the receipt"));
  auto accepted = accept_in_transaction(desk.ledger(), world, terms, *opened->receipt, document);
  if (!accepted) return tl::unexpected(ledger_failure(accepted.error(), desk.folder()));
  return std::move(*accepted);
}

}  // namespace oak
