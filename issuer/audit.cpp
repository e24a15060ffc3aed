#include "issuer/audit.h"

#include <fmt/core.h>

#include <algorithm>
#include <future>
#include <memory>
#include <thread>

#include "core/armour.h"
#include "core/text.h"
#include "issuer/audit_documents.h"
#include "issuer/audit_rules.h"
#include "issuer/audit_tables.h"
#include "issuer/checkpointing.h"
#include "issuer/desk_files.h"
#include "issuer/licence_desk.h"

namespace oak {
namespace {

constexpr std::size_t entries_at_once = 4096, max_clock_warnings = 10;
constexpr std::uint64_t clock_tolerance_s = 26 * 3600;

/// Entries that are being read, on every processor; their order is kept.
class Reading {
 public:
  Reading() = default;
  explicit Reading(std::vector<RawEntry> entries)
      : entries_(std::make_unique<std::vector<RawEntry>>(std::move(entries))), read_(entries_->size()) {
    const std::size_t workers = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 16);
    const std::size_t share = (read_.size() + workers - 1) / workers;
    for (std::size_t begin = 0; begin < read_.size(); begin += share)
      running_.push_back(
          std::async(std::launch::async, [from = entries_->data(), to = read_.data(), begin, end = std::min(begin + share, read_.size())] {
            for (std::size_t i = begin; i < end; ++i) to[i] = read_entry(from[i]);
          }));
  }
  /// Waits for all of them.
  std::vector<ReadEntry> get() {
    for (std::future<void>& one : running_) one.get();
    running_.clear();
    return std::move(read_);
  }

 private:
  std::unique_ptr<std::vector<RawEntry>> entries_;
  std::vector<ReadEntry> read_;             // moving a vector leaves its elements where they are
  std::vector<std::future<void>> running_;  // first to go: they end before what they work on
};

class Audit {
 public:
  Audit(Disk& disk, const AuditInput& input, LedgerReader& reader, std::vector<Trust> trusts)
      : disk_(disk),
        input_(input),
        reader_(reader),
        signers_(std::move(trusts), [this](std::uint64_t entry, std::string message) { fault(entry, std::move(message)); }) {}

  Outcome<AuditResult> run() {
    if (const auto known = learn_proof_keys(); !known) return tl::unexpected(ledger_failure(known.error(), input_.desk));
    if (const auto read = read_ledger(); !read) return tl::unexpected(ledger_failure(read.error(), input_.desk));
    OAK_TRY(check_kept());
    for (const std::string& path : input_.against) OAK_TRY(check_given(path));
    if (const auto checked = check_beside_leaves(); !checked) return tl::unexpected(ledger_failure(checked.error(), input_.desk));
    result_.entries = tree_.size();
    result_.licences = reckoning_.sums(input_.now_unix_s);
    return std::move(result_);
  }

 private:
  void fault(std::optional<std::uint64_t> entry, std::string message) {
    if (result_.faults.size() == max_faults) return static_cast<void>(++result_.faults_left_out);
    if (entry) message = "entry " + std::to_string(*entry) + " " + message;
    result_.faults.push_back({entry, std::move(message)});
  }

  /// In short statements, so that no writer waits; the last of them, and the tables, as of one moment. While signatures of one lot
  /// of entries are checked, the lot before is reckoned.
  Status read_ledger() {
    Reading reading;
    for (bool held = false;;) {
      OAK_ASSIGN(auto entries, reader_.entries(begun_, entries_at_once));
      const bool is_end = entries.empty();
      if (!is_end) begun_ = entries.back().index + 1;
      Reading following(std::move(entries));
      OAK_TRY(take_in(reading.get()));
      reading = std::move(following);
      if (!is_end) continue;
      if (held) break;
      OAK_TRY(reader_.hold());
      held = true;
    }
    reckoning_.finish();
    signers_.finish();
    // What is wrong with the entries themselves comes first, the first of them at the front.
    std::stable_sort(result_.faults.begin(), result_.faults.end(),
                     [](const AuditFault& a, const AuditFault& b) { return a.entry < b.entry; });
    return {};
  }

  Status take_in(const std::vector<ReadEntry>& entries) {
    for (const ReadEntry& entry : entries) {
      if (entry.index != next_) fault(next_, "is missing");
      next_ = entry.index + 1;
      OAK_TRY(take_in(entry.index, entry));
    }
    return {};
  }

  Status take_in(std::uint64_t index, const ReadEntry& entry) {
    tree_.append_leaf_hash(entry.leaf_hash);
    for (const std::string& message : entry.faults) fault(index, message);
    signers_.take_in(index, entry);
    if (!entry.leaf || entry.leaf->index != index) return {};
    look_at_clock(*entry.leaf);
    OAK_TRY(rules_.take_in(index, entry));
    reckoning_.take_in(*entry.leaf,
                       {entry.activation ? &*entry.activation : nullptr, entry.issuer_serial, entry.receipt ? &*entry.receipt : nullptr});
    return {};
  }

  /// The ends of certificates and the moves of a year were judged by that clock. It may have been put right: no fault.
  void look_at_clock(const Leaf& leaf) {
    const bool is_back = leaf.at_unix_s + clock_tolerance_s < before_unix_s_;
    if (is_back && ++clock_warnings_ <= max_clock_warnings)
      result_.warnings.push_back(fmt::format("entry {} is of {}, and the one before it of {}: at one of them the desk's clock was wrong",
                                             leaf.index, utc_text(leaf.at_unix_s), utc_text(before_unix_s_)));
    before_unix_s_ = leaf.at_unix_s;
  }

  /// Derived tables, secrets, and whatever else is in the file.
  Status check_beside_leaves() {
    OAK_ASSIGN(const auto of_form, reader_.faults_of_form());
    for (const std::string& said : of_form) fault(std::nullopt, "the ledger's file: " + printable(said));
    const auto tables = check_tables(reader_, reckoning_, [this](std::optional<std::uint64_t> entry, std::string message) {
      fault(entry, (entry ? "" : "an activation ") + std::move(message));
    });
    if (!tables && tables.error().code == Code::ledger_damaged)
      fault(std::nullopt, "a derived table can't be read: " + printable(tables.error().context));
    else
      OAK_TRY(tables);
    return check_secrets();
  }

  Status check_secrets() {
    auto due = reckoning_.key_numbers();
    std::vector<std::pair<std::string, std::uint64_t>> expected;
    for (const auto& [licence, newest] : due)
      for (std::uint64_t number = 1; number <= newest; ++number) expected.emplace_back(licence, number);
    std::vector<std::pair<std::string, std::uint64_t>> found;
    OAK_TRY(reader_.each_secret([&](SecretRow row) {
      found.emplace_back(row.licence, row.number);
      if (input_.ledger_key && !open(row))
        fault(std::nullopt, fmt::format("the secret of licence {}, key number {}, was altered", printable(row.licence), row.number));
    }));
    const auto differences = [&](const auto& from, const auto& without, const char* what) {
      std::vector<std::pair<std::string, std::uint64_t>> out;
      std::set_difference(from.begin(), from.end(), without.begin(), without.end(), std::back_inserter(out));
      for (const auto& [licence, number] : out)
        fault(std::nullopt, fmt::format("the secret of licence {}, key number {}, {}", printable(licence), number, what));
    };
    std::sort(found.begin(), found.end());
    differences(expected, found, "is missing");
    differences(found, expected, "belongs to no licence");
    return {};
  }

  Result<LicenceKey> open(const SecretRow& row) const {
    const auto nonce = to_array<24>(row.nonce);
    if (!nonce) return fail(Code::ledger_damaged);
    return open_licence_secret(row.licence, row.number, {*nonce, row.sealed}, *input_.ledger_key);
  }

  /// What a request was proved with, where the desk's key is here.
  Status learn_proof_keys() {
    if (!input_.ledger_key) return {};
    return reader_.each_secret([&](const SecretRow& row) {
      if (const auto key = open(row)) rules_.know_proof_key(row.licence, row.number, proof_key_of(*key));
    });
  }

  Outcome<void> check_kept() {
    const auto sizes = kept_checkpoint_sizes(disk_, input_.desk);
    if (!sizes && sizes.error().code == Code::permission_denied) {
      result_.warnings.push_back("the desk's own checkpoints can't be read here, and were not checked");
      return {};
    }
    if (!sizes) return tl::unexpected(explain(sizes.error(), "the desk's checkpoints"));
    desk_verifier_key_ = kept_verifier_key(disk_, input_.desk).value_or("");
    for (const std::uint64_t size : *sizes) {
      const std::string path = kept_checkpoint_path(input_.desk, size);
      const auto kept = read_kept_checkpoint(disk_, input_.desk, size);
      if (!kept)
        fault(std::nullopt, "the checkpoint " + in_quotes(path) + " can't be read: " + std::string(code_cause(kept.error().code)));
      else if (kept->checkpoint.size != size)
        fault(std::nullopt, "the checkpoint " + in_quotes(path) + " is of another size than its name says");
      else
        check_checkpoint(path, *kept, desk_verifier_key_);
    }
    return {};
  }

  Outcome<void> check_given(const std::string& path) {
    const auto file = disk_.read(path, max_note_bytes);
    if (!file) return tl::unexpected(explain({file.error().code, {}}, "cannot read the checkpoint " + in_quotes(path)));
    const auto given = parse_checkpoint_note(as_text(file->bytes));
    if (!given) return tl::unexpected(explain(given.error(), "the checkpoint " + in_quotes(path)));
    std::string key = desk_verifier_key_;
    if (const auto beside = disk_.read(path + ".proofs", max_proofs_file_bytes); key.empty() && beside)
      if (const auto proofs = decode_checkpoint_proofs(as_text(beside->bytes))) key = proofs->verifier_key;
    check_checkpoint(path, *given, key);
    return {};
  }

  void check_checkpoint(const std::string& path, const CheckpointNote& note, const std::string& verifier_key) {
    const Checkpoint& said = note.checkpoint;
    const std::string name = "the checkpoint " + in_quotes(path);
    AuditedCheckpoint audited{path, said.size, false, cosigners_of(name, note)};
    const auto key = desk_key_for(said.origin, verifier_key);
    if (!key && !verifier_key.empty()) return fault(std::nullopt, name + " is another desk's: " + in_quotes(said.origin));
    if (key && !is_note_signed_by(note.note, said.origin, *key)) return fault(std::nullopt, name + " is not signed by the desk");
    audited.is_signed = key.has_value();
    result_.checkpoints.push_back(std::move(audited));
    if (said.size > tree_.size())
      return fault(tree_.size(), "and those after it are missing: " + name + " has " + std::to_string(said.size) + " entries");
    if (tree_.root_at(said.size) == said.root) return static_cast<void>(agreed_ = std::max(agreed_, said.size));
    fault(std::nullopt, name + " was made of other entries: one of " + std::to_string(agreed_ < said.size ? agreed_ : 0) + " to " +
                            std::to_string(said.size - 1) + " was changed, or went");
  }

  std::vector<std::string> cosigners_of(const std::string& name, const CheckpointNote& note) {
    std::vector<std::string> out;
    for (const NoteSignature& one : note.note.signatures)
      if (one.name != note.checkpoint.origin) out.push_back(one.name);
    for (const std::string& text : input_.keys) {
      const auto key = parse_verifier_key(text);
      const auto named = key ? std::find(out.begin(), out.end(), key->name) : out.end();
      if (named == out.end()) continue;
      const auto at = cosigned_at(note.note, key->name, key->key);
      if (at)
        *named += " at " + utc_text(*at);
      else
        fault(std::nullopt, name + " has a cosignature by " + in_quotes(key->name) + " that does not verify");
    }
    return out;
  }

  Disk& disk_;
  const AuditInput& input_;
  LedgerReader& reader_;
  AuditResult result_;
  std::uint64_t begun_ = 0, next_ = 0;
  std::uint64_t before_unix_s_ = 0;  ///< the time of the entry before
  std::size_t clock_warnings_ = 0;
  std::uint64_t agreed_ = 0;  ///< entries of the largest checkpoint that the ledger begins with
  std::string desk_verifier_key_;
  MerkleTree tree_;
  SignerAudit signers_;
  Reckoning reckoning_{[this](std::uint64_t entry, std::string message) { fault(entry, std::move(message)); }};
  RuleAudit rules_{reader_, reckoning_, [this](std::uint64_t entry, std::string message) { fault(entry, std::move(message)); }};
};

Outcome<std::vector<Trust>> read_trusts(Disk& disk, const AuditInput& input) {
  std::vector<Trust> out;
  if (input.trusts.empty()) {
    auto own = read_desk_trust(disk, input.desk);
    if (!own && own.error().code == Code::not_found)
      own.error().hint = "name the trust that the products of this desk ship with: --trust FILE";
    if (!own) return tl::unexpected(std::move(own).error());
    out.push_back(std::move(own->trust));
  }
  for (const std::string& path : input.trusts) {
    const auto file = disk.read(path, max_armoured_bytes);
    if (!file) return tl::unexpected(explain({file.error().code, {}}, "cannot read the trust " + in_quotes(path)));
    const auto armoured = document_from_file_bytes(file->bytes);
    if (!armoured) return tl::unexpected(explain(armoured.error(), in_quotes(path)));
    const auto trust = open_trust(armoured->document, {});
    if (!trust) return tl::unexpected(explain(trust.error(), in_quotes(path)));
    out.push_back(**trust);
  }
  return out;
}

}  // namespace

Outcome<AuditResult> audit(Disk& disk, const AuditInput& input) {
  OAK_TRY(check_desk_folder(input.desk));
  for (const std::string& key : input.keys)
    if (!parse_verifier_key(key))
      return tl::unexpected(
          Failure{Code::usage, "--key " + in_quotes(key) + " is not a verifier key", "the line that oak-issuer witness prints"});
  OAK_ASSIGN(std::vector<Trust> trusts, read_trusts(disk, input));
  const auto reader = open_sqlite_ledger_reader(input.desk + "/" + std::string(ledger_file));
  if (!reader) return tl::unexpected(ledger_failure(reader.error(), input.desk));
  return Audit(disk, input, **reader, std::move(trusts)).run();
}

}  // namespace oak
