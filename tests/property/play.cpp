#include "tests/property/play.h"

#include <algorithm>

#include "issuer/audit.h"
#include "verifier/store.h"

namespace oak::property {

using desk_test::day;

namespace {

const std::string licence = "L1";
constexpr std::size_t max_ledger_bytes = 1 << 26;

bool contains(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

FreshDesk::FreshDesk() : ledger_path_(office.desk_folder + "/ledger.sqlite") {
  licence_key = *parse_licence_key(show_licence_key(*office.desk, office.ledger_key, licence)->key_text);
  trust_document = *make_trust(office.world, *office.desk, {});
  office.desk.reset();
  pristine_ = ledger();
}

Bytes FreshDesk::ledger() { return office.disk.read(ledger_path_, max_ledger_bytes)->bytes; }

void FreshDesk::sell(std::uint64_t seats, std::uint64_t rehosts) {
  LicenceChange change;
  change.seats = seats;
  change.rehosts = rehosts;
  if (!change_licence(*office.desk, office.world, licence, change)) throw std::runtime_error("no licence");
}

void FreshDesk::put_ledger(ByteView bytes) {
  office.desk.reset();
  if (!office.disk.write(ledger_path_, bytes, 0600, Existing::replace)) throw std::runtime_error("no room for the ledger");
  office.desk = std::make_unique<Desk>(std::move(*Desk::open(office.world, office.desk_folder)));
}

void FreshDesk::start_again() {
  office.clock.now = desk_test::start_of_tests;
  put_ledger(pristine_);
}

void FreshDesk::swap_in_old_ledger() {
  newest_ = ledger();
  put_ledger(pristine_);
}

void FreshDesk::swap_back() { put_ledger(newest_); }

Playing::Playing(FreshDesk& desk, const History& history, std::string_view only)
    : desk_(desk),
      history_(history),
      only_(only),
      random_(history.seed),
      site_{{}, {}, {}, random_},
      bought_(history.seats),
      rehosts_(history.rehosts) {
  desk_.start_again();
  site_.clock.now = now();
  site_.trust.argument_bytes = desk_.trust_document;
  site_.licence_key = *parse_licence_key(format_licence_key(desk_.licence_key));
  for (unsigned i = 0; i < history.machines; ++i) computers_.push_back(std::make_unique<Computer>(site_, i + 1));
  runs_.resize(history.machines);
  desk_.sell(history.seats, history.rehosts);
}

std::optional<Fault> Playing::run() {
  for (std::size_t i = 0; i < history_.steps.size() && !fault_; ++i) {
    take(history_.steps[i]);
    if (!fault_) compare();
    if (fault_) fault_->step = i;
  }
  if (!fault_) audit_ledger();
  return fault_;
}

/// Whatever the desk did was allowed, by leaves and signatures alone.
void Playing::audit_ledger() {
  if (!only_.empty()) return;
  const auto result = audit(desk_.office.disk, {desk_.office.desk_folder, {}, {}, {}, now(), &desk_.office.ledger_key});
  if (!result) return wrong("no answer", "no audit: " + result.error().message);
  if (!result->faults.empty()) wrong("audit", result->faults.front().message);
  if (fault_) fault_->step = history_.steps.empty() ? 0 : history_.steps.size() - 1;
}

void Playing::take(const Step& step) {
  Computer& computer = *computers_[step.machine];
  Computer& other = *computers_[step.other % computers_.size()];
  runs_[step.machine].reset();
  switch (step.act) {
    case Act::activate: return ask(step, true);
    case Act::ask: return ask(step, false);
    case Act::claim: return claim(step);
    case Act::repeat:
      if (!asked_.empty()) bring(asked_[step.other % asked_.size()]);
      return;
    case Act::import:
      if (!answered_.empty()) import(answered_[answered_.size() - 1 - step.other % answered_.size()], step.machine);
      return;
    case Act::start: return computer.start();
    case Act::replace_part:
    case Act::move_board: return move_parts(step);
    case Act::reinstall: computer.state = {}; return;
    case Act::save: computer.image = computer.state; return;
    case Act::restore:
      if (computer.image) computer.state = *computer.image;
      return;
    case Act::clone:
      if (&other != &computer) other.state = computer.state, runs_[step.other % computers_.size()].reset();
      return;
    case Act::give_back:
      return step.number % 4 == 0 ? note_receipts(computer.give_back_replaced(), {}, computer)
                                  : note_receipts(computer.give_back(), computer.state.memory.imported, computer);
    case Act::accept:
      if (!receipts_.empty()) accept(receipts_[step.other % receipts_.size()]);
      return;
    case Act::revoke: return revoke(step.number);
    case Act::change: return change(step.number);
    case Act::wait:
      site_.clock.now = desk_.office.clock.now += (1 + step.number) * day;
      for (auto& runs : runs_) runs.reset();
      return;
    case Act::old_ledger: return ask_old_ledger(computer);
  }
}

void Playing::move_parts(const Step& step) {
  Computer& computer = *computers_[step.machine];
  const std::size_t other = step.other % computers_.size();
  if (step.act == Act::move_board) {
    if (other != step.machine) computer.take_board_of(*computers_[other]);
    runs_[other].reset();
    return;
  }
  switch (step.number % 4) {
    case 0: return computer.replace_board();
    case 1: return computer.replace_network();
    case 2: return computer.replace_disk();
    default: return computer.replace_system();
  }
}

/// Now and then the operator believes what the site says. What a site says of a reinstalled machine is true.
IssueTerms Playing::terms_of(const Step& step) const {
  IssueTerms terms;
  terms.reason = "test";
  if (step.number & 4) terms.approvals.emplace_back("hardware-already-active");
  if (step.other % 4 == 0) terms.approvals.emplace_back("needs-receipt");
  if (step.other % 5 == 0) terms.days = 30;
  return terms;
}

void Playing::ask(const Step& step, bool imports) {
  const auto created = computers_[step.machine]->ask(1 + step.number % 3);
  if (!created) return;
  asked_.push_back({created->document, terms_of(step), step.machine});
  const auto answer = bring(asked_.back());
  if (answer && imports) import(*answer, step.machine);
}

/// Whoever has seen an activation can name it; the request is signed by the machine's own key.
void Playing::claim(const Step& step) {
  Computer& computer = *computers_[step.machine];
  const auto created = computer.ask(1 + step.number % 3);
  const auto others = computers_[step.other % computers_.size()]->ask(1);
  if (!created || !others || !others->request.supersedes) return;
  Request request = created->request;
  request.supersedes = others->request.supersedes;
  const SymmetricKey proof = proof_key_of(site_.licence_key);
  asked_.push_back({seal_request(request, computer.machine_key(), &proof), terms_of(step), step.machine});
  if (const auto answer = bring(asked_.back())) import(*answer, step.machine);
}

std::optional<Playing::Answered> Playing::bring(const Asked& asked) {
  const std::uint64_t quota_before = quota_used();
  const auto issued = issue(*desk_.office.desk, desk_.office.world, desk_.office.keys, asked.terms, asked.document);
  if (!issued) {
    wrong("no answer", "the desk could not answer: " + issued.error().message);
    return std::nullopt;
  }
  if (!issued->refusals.empty()) return std::nullopt;
  const Id id = name_of(issued->record.id);
  if (!issued->repeat) note_issue(issued->record, asked, quota_before);
  for (const Answered& before : answered_)
    if (issued->repeat && before.id == id && before.document != issued->record.document)
      wrong("other bytes", "the same request got other bytes");
  answered_.push_back({issued->record.document, id, !model_.is_live(id, now())});
  return answered_.back();
}

void Playing::note_issue(const ActivationRecord& record, const Asked& asked, std::uint64_t quota_before) {
  const Activation& activation = record.activation;
  Granted granted{activation.seats, activation.not_after_unix_s, {}, {}, Fate::live, false};
  if (activation.supersedes) granted.supersedes = name_of(*activation.supersedes);
  const bool is_move = quota_used() > quota_before;
  granted.operator_freed = is_move && std::any_of(record.approvals.begin(), record.approvals.end(),
                                                  [&](const std::string& code) { return contains(asked.terms.approvals, code); });
  if (contains(record.approvals, "needs-receipt") && !is_move)
    wrong("uncounted move", "an operator freed seats, and the quota does not know");
  if (is_move && quota_before >= rehosts_) wrong("over quota", "an operator freed seats beyond the quota");
  model_.issue(name_of(record.id), std::move(granted));
}

void Playing::import(const Answered& answer, std::size_t machine) {
  Computer& computer = *computers_[machine];
  if (!computer.import(answer.document)) return;
  computer.state.memory.imported.insert(answer.id);
  if (answer.late) computer.state.memory.handed_late.insert(answer.id);
  note_receipts(computer.give_back_replaced(), {}, computer);
}

/// With the activation that a receipt names, `others` end too.
void Playing::note_receipts(std::vector<Returned> returned, Ids others, Computer& computer) {
  if (returned.empty()) return;
  for (Returned& one : returned) {
    others.insert(one.id);
    receipts_.push_back(std::move(one.receipt));
  }
  model_.give_back(others, computer.state.memory);
}

void Playing::accept(const Bytes& receipt) {
  const std::uint64_t quota_before = quota_used(), seats_before = live_seats();
  const auto accepted = accept_receipt(*desk_.office.desk, desk_.office.world, {{}, "test", {}}, receipt);
  if (!accepted) return wrong("no answer", "the desk could not take a receipt: " + accepted.error().message);
  if (!accepted->refusals.empty()) return;
  if (accepted->repeat) {
    if (live_seats() != seats_before || quota_used() != quota_before) wrong("twice", "a receipt counted twice");
    return;
  }
  model_.end(name_of(accepted->record.id), Fate::returned);
  if (live_seats() < seats_before && quota_used() == quota_before)
    wrong("uncounted move", "an unattested receipt freed seats, and the quota does not know");
  if (quota_used() != quota_before && quota_before >= rehosts_) wrong("over quota", "a receipt freed seats beyond the quota");
}

void Playing::revoke(unsigned number) {
  const auto live = desk_.office.desk->ledger().live_activations(licence);
  if (!live || live->empty()) return;
  const ActivationId id = (*live)[number % live->size()].id;
  Ledger& ledger = desk_.office.desk->ledger();
  if (!ledger.append(desk_test::end_of(*ledger.size(), LeafKind::revoked, now(), id)))
    return wrong("no answer", "the desk could not revoke");
  model_.end(name_of(id), Fate::revoked);
}

void Playing::change(unsigned number) {
  LicenceChange change;
  if (number % 2 == 0)
    change.seats = 1 + number / 2 % 4;
  else
    change.rehosts = number / 2 % 4;
  const auto changed = change_licence(*desk_.office.desk, desk_.office.world, licence, change);
  if (changed) bought_ = changed->seats, rehosts_ = *changed->rehosts;
}

/// A machine whose activation the old copy has not must be refused by name.
void Playing::ask_old_ledger(Computer& computer) {
  const auto created = computer.ask(1);
  if (!created || !created->request.supersedes) return;
  desk_.swap_in_old_ledger();
  const auto issued = issue(*desk_.office.desk, desk_.office.world, desk_.office.keys, {}, created->document);
  if (!issued || !contains(desk_test::codes_of(issued->refusals), "ledger-rolled-back"))
    wrong("rolled back", "a ledger that does not know what it issued went on issuing");
  desk_.swap_back();
}

std::uint64_t Playing::quota_used() { return *desk_.office.desk->ledger().quota_used_since(licence, now() - 365 * day); }

/// What nobody could have kept from running is left out.
std::uint64_t Playing::seats_run_by(std::size_t machine) {
  Computer& computer = *computers_[machine];
  auto& runs = runs_[machine];
  if (!runs) runs = computer.runs(model_);
  for (std::size_t seats = runs->size(); seats > 0; --seats) {
    const Id& by = (*runs)[seats - 1];
    if (!by.empty() && !model_.is_excused(by, computer.state.memory)) return seats;
  }
  return 0;
}

void Playing::compare() {
  std::uint64_t run = 0;
  std::string who;
  for (std::size_t i = 0; i < computers_.size(); ++i) {
    const std::uint64_t seats = seats_run_by(i);
    run += seats;
    if (seats > 0) who += " " + std::string(1, static_cast<char>('A' + i)) + " " + std::to_string(seats);
  }
  const std::uint64_t live = live_seats(), counted = model_.counted(now());
  const std::string seats = std::to_string(bought_) + " bought, " + std::to_string(live) + " live in the ledger, " +
                            std::to_string(counted) + " by the model, " + std::to_string(run) + " run:" + who;
  if (run > bought_) wrong("double seat", seats);
  if (live > bought_) wrong("too many live", seats);
  if (live < counted) wrong("miscounted", seats);
  if (run > live) wrong("uncounted seat", seats);
}

}  // namespace oak::property
