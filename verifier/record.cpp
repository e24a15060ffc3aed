#include "verifier/record.h"

#include "core/text.h"

namespace oak {
namespace {

bool time_is_due(const Marks& marks, const Seen& seen) { return seen.now_unix_s && *seen.now_unix_s >= marks.time_unix_s + time_step_s; }

bool generation_is_due(const Marks& marks, const Seen& seen) {
  if (seen.active == nullptr) return false;
  const LicenceMarks* licence = marks.find_licence(seen.active->activation->licence);
  return licence == nullptr || licence->generation < seen.active->activation->generation;
}

/// True where a new generation has become active.
bool advance(Marks& marks, const Seen& seen) {
  if (seen.now_unix_s) marks.advance_time(*seen.now_unix_s);
  return seen.active != nullptr &&
         marks.advance_generation(seen.active->activation->licence, seen.active->activation->generation, seen.active->id);
}

/// Its receipt is still to be made, and can't be without it.
bool owes_receipt(const Store& store, const Marks& marks, const OpenedActivation& older, const OpenedActivation& active) {
  const bool owes = older.activation->seats > active.activation->seats || marks.is_returned(older.id);
  return owes && !store.has_receipt(older.activation->product, older.id);
}

void remove_older(Store& store, const Chain& chain, const Marks& marks, const OpenedActivation& active) {
  for (const Candidate& candidate : chain.candidates)
    if (candidate.opened && candidate.opened->activation->licence == active.activation->licence &&
        candidate.opened->activation->generation < active.activation->generation && !owes_receipt(store, marks, *candidate.opened, active))
      // Left behind it is harmless: the mark has superseded it.
      static_cast<void>(store.remove_document(chain.product, candidate.name));
}

}  // namespace

std::vector<std::string> record(Store& store, const Chain& chain, const Marks& marks, const Seen& seen, bool is_root) {
  const bool generation_due = generation_is_due(marks, seen), due = generation_due || time_is_due(marks, seen);
  if (!due && !is_root) return {};
  const std::string folder = in_quotes(store.product_folder(chain.product));
  if (!store.may_write(chain.product)) {
    if (is_root) return {"the state can't be written, no mark advances: " + folder};
    if (generation_due) return {"it can't be recorded that this activation was active: run oak-verifier check once as root"};
    return {};
  }
  if (!due) return {};
  Marks advanced = marks;
  const bool new_generation = advance(advanced, seen);
  const auto written = store.put_marks(advanced);
  if (!written) return {"the marks were not advanced: " + std::string(code_cause(written.error().code)) + ": " + folder};
  if (new_generation) remove_older(store, chain, *written, *seen.active);
  return {};
}

Status record_grace(Store& store, const OpenedActivation& opened, std::uint64_t now_unix_s) {
  OAK_ASSIGN(auto marks, store.marks(opened.activation->product));
  if (!marks) return fail(Code::damaged_state);
  marks->advance_time(now_unix_s);
  if (marks->begin_grace(opened.activation->licence, opened.id, marks->time_unix_s)) {
    OAK_ASSIGN(marks, store.put_marks(*marks));
  }
  const LicenceMarks* licence = marks->find_licence(opened.activation->licence);
  if (licence == nullptr || licence->active_once != opened.id) return fail(Code::superseded);
  return {};
}

}  // namespace oak
