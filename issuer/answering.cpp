#include "issuer/answering.h"

#include <fmt/core.h>

#include "core/document_page.h"
#include "core/site_page.h"
#include "core/text.h"
#include "issuer/unsealing.h"

namespace oak {
namespace {

std::vector<std::string> codes_of(const Decision& decision) {
  std::vector<std::string> codes;
  for (const Refusal& refusal : decision.refusals) codes.push_back(refusal.code);
  return codes;
}

/// Whether what an operator has confirmed is still what would happen. The end of a new certificate and the generation move on
/// with time and with other activations of the licence: nobody decides by them.
bool is_same_answer(const Inspected& a, const Inspected& b) {
  if (codes_of(a.decision) != codes_of(b.decision) || a.earlier_answer.has_value() != b.earlier_answer.has_value()) return false;
  if (a.earlier_answer) return a.earlier_answer->id == b.earlier_answer->id;
  const Grant &one = a.decision.grant, &other = b.decision.grant;
  return one.supersedes == other.supersedes && one.kind == other.kind && one.counted_seats == other.counted_seats &&
         one.uses_quota == other.uses_quota && one.approvals == other.approvals;
}

/// What the ledger knows of a receipt: only an activation of this desk, by the key of its own machine, can be given back.
Result<std::string> receipt_line(Ledger& ledger, const Receipt& receipt) {
  OAK_ASSIGN(const auto record, ledger.activation(receipt.activation));
  if (!record) return std::string("at this desk: no such activation\n");
  if (record->activation.machine_key != receipt.machine_key)
    return std::string("at this desk: NOT by the machine that has the activation\n");
  return fmt::format("at this desk: by the machine that has the activation, which is {}\n", activation_state_name(record->state));
}

Failure named(Failure failure, const std::string& what) {
  failure.message = in_quotes(what) + ": " + failure.message;
  return failure;
}

}  // namespace

Outcome<Report> inspect_document(Desk& desk, const IssuingKeys& keys, std::uint64_t now_unix_s, const IssueTerms& terms,
                                 const std::string& what, ByteView carried) {
  OAK_ASSIGN(const Bytes document, unsealed(carried, keys, what));
  const auto type = claimed_type(document);
  if (type && *type != DocumentType::request) {
    OAK_ASSIGN(Page page, document_page(what, document, &desk.trust()));
    if (const auto receipt = *type == DocumentType::receipt ? open_receipt(document) : fail(Code::wrong_type)) {
      const auto line = receipt_line(desk.ledger(), *receipt->receipt);
      if (!line) return tl::unexpected(ledger_failure(line.error(), desk.folder()));
      page.text += *line;
    }
    return Report{std::move(page.text), std::move(page.json)};
  }
  auto inspected = inspect_request(desk, keys, now_unix_s, terms, document);
  if (!inspected) return tl::unexpected(named(std::move(inspected).error(), what));
  return inspected_report(*inspected);
}

Outcome<Issued> answer_request(Desk& reading, const DeskWorld& world, const IssuingKeys& keys, const IssueTerms& terms, ByteView document) {
  if (reading.rolled_back()) return Issued{{}, false, {rolled_back_refusal(*reading.rolled_back())}};
  const bool asks = world.terminal.interactive();
  for (bool again = false;; again = true) {
    std::optional<Inspected> shown;
    if (asks) {
      OAK_ASSIGN(shown, inspect_request(reading, keys, world.clock.now_unix_s(), terms, document));
      if (again) world.terminal.say("\nMeanwhile the desk's ledger has changed, and so has the answer. Now it is:\n\n");
      if (!shown->decision.refusals.empty()) {
        world.terminal.say(request_page(shown->request));
        return Issued{{}, false, std::move(shown->decision.refusals)};
      }
      world.terminal.say(inspected_report(*shown).text);
      const auto answer = world.terminal.ask("Issue this activation? [y/N] ");
      if (!answer || (*answer != "y" && *answer != "yes")) return tl::unexpected(Failure{Code::refused, "not issued, as you answered", {}});
    }
    OAK_ASSIGN(Desk writing, Desk::open(world, reading.folder(), DeskUse::write));
    if (shown) {
      OAK_ASSIGN(const Inspected now, inspect_request(writing, keys, world.clock.now_unix_s(), terms, document));
      if (!is_same_answer(*shown, now)) continue;
    }
    return issue(writing, world, keys, terms, document);
  }
}

Result<std::optional<Refusal>> refuse_to_export(Desk& desk, const ActivationRecord& record, std::uint64_t now_unix_s) {
  if (record.is_live(now_unix_s)) return std::optional<Refusal>{};
  const std::string id = activation_id_text(record.id);
  const Activation& activation = record.activation;
  if (record.state == ActivationState::superseded && record.successor) {
    OAK_ASSIGN(const ActivationRecord last, end_of_chain(desk.ledger(), record));
    const std::string last_id = activation_id_text(last.id);
    if (last.is_live(now_unix_s))
      return std::optional(Refusal{"answer-no-longer-live", "activation " + id + " is superseded: " + last_id + " took its place",
                                   "oak-issuer export " + last_id + " --out FILE" + desk.option()});
  }
  const bool ended = record.state == ActivationState::live && activation.not_after_unix_s.has_value();
  const std::string how =
      ended ? "expired: it ended at " + utc_text(*activation.not_after_unix_s) : std::string(activation_state_name(record.state));
  return std::optional(
      Refusal{"answer-no-longer-live", "activation " + id + " is " + how,
              "ask the site for a new request: oak-request create --product " + activation.product + " --version VERSION"});
}

}  // namespace oak
