#include "issuer/ledger.h"

namespace oak {

std::string_view activation_state_name(ActivationState state) {
  switch (state) {
    case ActivationState::live: return "live";
    case ActivationState::superseded: return "superseded";
    case ActivationState::returned: return "returned";
    case ActivationState::revoked: return "revoked";
  }
  return "unknown";
}

Result<std::vector<ActivationRecord>> successors_of(Ledger& ledger, const ActivationRecord& record) {
  std::vector<ActivationRecord> out;
  for (std::optional<ActivationId> at = record.successor; at; at = out.back().successor) {
    OAK_ASSIGN(auto next, ledger.activation(*at));
    if (!next) return fail(Code::ledger_damaged, "a successor is missing");
    out.push_back(std::move(*next));
  }
  return out;
}

Result<ActivationRecord> end_of_chain(Ledger& ledger, ActivationRecord record) {
  OAK_ASSIGN(std::vector<ActivationRecord> successors, successors_of(ledger, record));
  return successors.empty() ? std::move(record) : std::move(successors.back());
}

std::string_view state_word(const ActivationRecord& record, std::uint64_t now_unix_s) {
  const bool has_ended = record.state == ActivationState::live && !record.is_live(now_unix_s);
  return has_ended ? "expired" : activation_state_name(record.state);
}

}  // namespace oak
