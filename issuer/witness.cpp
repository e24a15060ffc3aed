#include "issuer/witness.h"

#include <fmt/core.h>

#include <algorithm>

#include "core/text.h"
#include "issuer/checkpointing.h"
#include "issuer/desk_files.h"

namespace oak {
namespace {

constexpr std::string_view key_name = "witness", key_file = "witness.key";

tl::unexpected<Failure> refuse(std::string message, std::string hint) {
  return tl::unexpected(Failure{Code::refused, std::move(message), std::move(hint)});
}

/// A desk's two files are named by its origin's hash: an origin may hold anything.
std::string file_stem(const std::string& origin) { return to_hex(ByteView(sha256(as_bytes(origin))).first(16)); }

class Witness {
 public:
  Witness(const DeskWorld& world, const WitnessInput& input) : world_(world), input_(input) {}

  Outcome<Witnessed> run() {
    OAK_TRY(read_shown());
    OAK_TRY(open_folder());
    OAK_TRY(recall());
    OAK_TRY(know_desk());
    OAK_TRY(compare());
    return cosign();
  }

 private:
  Outcome<void> read_shown() {
    const auto file = world_.disk.read(input_.checkpoint, max_note_bytes);
    if (!file) return tl::unexpected(explain({file.error().code, {}}, "cannot read the checkpoint " + in_quotes(input_.checkpoint)));
    auto note = parse_checkpoint_note(as_text(file->bytes));
    if (!note) return tl::unexpected(explain(note.error(), "the checkpoint " + in_quotes(input_.checkpoint)));
    shown_ = std::move(*note);
    const auto beside = world_.disk.read(input_.checkpoint + ".proofs", max_proofs_file_bytes);
    if (!beside && beside.error().code == Code::not_found) return {};
    const std::string what = "the proofs " + in_quotes(input_.checkpoint + ".proofs");
    if (!beside) return tl::unexpected(explain({beside.error().code, {}}, "cannot read " + what));
    auto proofs = decode_checkpoint_proofs(as_text(beside->bytes));
    if (!proofs) return tl::unexpected(explain(proofs.error(), what));
    proofs_ = std::move(*proofs);
    return {};
  }

  Outcome<void> open_folder() {
    if (const auto made = world_.disk.make_folder(input_.folder, 0700); !made && !world_.disk.exists(input_.folder))
      return tl::unexpected(explain({made.error().code, {}}, "cannot make the witness's folder " + in_quotes(input_.folder)));
    OAK_TRY(check_not_writable_by_others(input_.folder));
    OAK_ASSIGN(lock_, lock_desk(world_.disk, input_.folder, world_.lock_wait_ms));
    return {};
  }

  /// What is remembered of this desk.
  Outcome<void> recall() {
    const std::string stem = file_stem(shown_.checkpoint.origin);
    const auto remembered = [&](const std::string& name) { return tl::unexpected(in_folder({Code::damaged_state, {}}, name)); };
    const auto key = world_.disk.read_beneath(input_.folder, stem + ".vkey", max_note_bytes);
    if (!key && key.error().code != Code::not_found) return tl::unexpected(in_folder(key.error(), stem + ".vkey"));
    if (key) known_key_ = trimmed(as_text(key->bytes));
    const auto note = world_.disk.read_beneath(input_.folder, stem + ".note", max_note_bytes);
    if (!note && note.error().code != Code::not_found) return tl::unexpected(in_folder(note.error(), stem + ".note"));
    if (!note) return {};
    auto last = parse_checkpoint_note(as_text(note->bytes));
    if (!last || last->checkpoint.origin != shown_.checkpoint.origin || !key) return remembered(stem + ".note");
    last_ = std::move(*last);
    return {};
  }

  Failure in_folder(const Error& error, const std::string& name) const {
    return explain({error.code, {}}, "what the witness remembers, " + in_quotes(input_.folder + "/" + name),
                   "take the witness's folder from a backup, and no older one than the last checkpoint it cosigned");
  }

  Outcome<void> know_desk() {
    desk_key_ = !input_.desk_key.empty() ? input_.desk_key : !known_key_.empty() ? known_key_ : proofs_.verifier_key;
    if (!known_key_.empty() && desk_key_ != known_key_)
      return refuse(
          "--key is not the key that this witness knows for " + in_quotes(shown_.checkpoint.origin) + ": " + in_quotes(known_key_),
          "a desk's key never changes: find out who says otherwise");
    if (desk_key_.empty())
      return refuse("the witness does not know this desk yet, and there are no proofs beside the checkpoint that name its key",
                    "bring FILE.proofs too, or give the desk's verifier key: --key VKEY");
    const auto key = desk_key_for(shown_.checkpoint.origin, desk_key_);
    if (!key)
      return refuse("the key " + in_quotes(desk_key_) + " is not that of " + in_quotes(shown_.checkpoint.origin),
                    "ask the desk for its verifier key");
    if (!is_note_signed_by(shown_.note, shown_.checkpoint.origin, *key))
      return tl::unexpected(explain({Code::bad_signature, {}}, "the checkpoint " + in_quotes(input_.checkpoint),
                                    "copy the file again; it must come from the desk as it is"));
    return {};
  }

  Outcome<void> compare() {
    if (!last_) return {};
    const Checkpoint &last = last_->checkpoint, &shown = shown_.checkpoint;
    if (shown.size < last.size) return contradicted(fmt::format("it has {} entries, and the last one had {}", shown.size, last.size));
    if (shown.size == last.size)
      return shown.root == last.root ? Outcome<void>{} : contradicted("it has as many entries as the last one, and other ones");
    const auto proof = std::find_if(proofs_.proofs.begin(), proofs_.proofs.end(),
                                    [&](const CheckpointProofs::Proof& one) { return one.old_size == last.size; });
    if (proof == proofs_.proofs.end() && last.size > 0)
      return refuse(fmt::format("there is no proof beside it that its ledger goes on from the last one, of {} entries", last.size),
                    fmt::format("ask the desk for one: oak-issuer checkpoint --out FILE --old {}", last.size));
    const std::vector<Digest> hashes = proof == proofs_.proofs.end() ? std::vector<Digest>{} : proof->hashes;
    if (!is_consistent(last.size, last.root, shown.size, shown.root, hashes))
      return contradicted(
          fmt::format("the proof beside it does not show that its ledger goes on from the last one, of {} entries", last.size));
    return {};
  }

  /// Two notes signed by one desk that can't both be of one ledger are the evidence: neither is lost.
  Outcome<void> contradicted(const std::string& why) {
    const std::string last = format_note(last_->note), shown = format_note(shown_.note);
    const std::string stem = "conflict-" + to_hex(ByteView(sha256(as_bytes(last + shown))).first(8));
    for (const auto& [ending, text] : {std::pair(std::string("-known.note"), &last), std::pair(std::string("-shown.note"), &shown)})
      if (const auto kept = world_.disk.write_beneath(input_.folder, stem + ending, as_bytes(*text), 0600, Existing::replace); !kept)
        return tl::unexpected(in_folder(kept.error(), stem + ending));
    return tl::unexpected(
        Failure{Code::ledger_rolled_back,
                "not cosigned: the checkpoint " + in_quotes(input_.checkpoint) + " does not go on from the last one: " + why,
                "the ledger was set back or written anew; both notes are kept: " + in_quotes(input_.folder + "/" + stem + "-known.note") +
                    " and " + in_quotes(input_.folder + "/" + stem + "-shown.note")});
  }

  Outcome<void> unlock(KeyPair& key) {
    if (!world_.disk.exists(input_.folder + "/" + std::string(key_file))) {
      KeyPair fresh = make_key_pair(world_.random);
      OAK_TRY(
          write_key(world_, input_.folder, key_file, {std::string(key_name), KeyPurpose::witness, fresh.public_key}, fresh.seed.view()));
    }
    return unlock_key_pair(world_, input_.folder, key_file, key);
  }

  Outcome<Witnessed> cosign() {
    KeyPair key;
    OAK_TRY(unlock(key));
    const std::string name = witness_name(key.public_key);
    auto& signatures = shown_.note.signatures;
    // A later one of its own takes the earlier one's place.
    signatures.erase(std::remove_if(signatures.begin(), signatures.end(), [&](const NoteSignature& one) { return one.name == name; }),
                     signatures.end());
    if (signatures.size() == max_note_signatures)
      return refuse("the note has 32 signatures, and there is no room for another", "bring the note as the desk made it");
    signatures.push_back(cosign_note(shown_.note.text, name, key, world_.clock.now_unix_s()));
    Witnessed out;
    out.note = format_note(shown_.note);
    out.witness_key = format_verifier_key({name, NoteKeyType::cosignature, key.public_key});
    out.desk_key = desk_key_;
    out.origin = shown_.checkpoint.origin;
    out.entries = shown_.checkpoint.size;
    if (last_) out.entries_before = last_->checkpoint.size;
    // Remembered before it leaves: a cosignature that is out and forgotten could be contradicted.
    OAK_TRY(remember(".vkey", desk_key_ + "\n"));
    OAK_TRY(remember(".note", out.note));
    return out;
  }

  Outcome<void> remember(const std::string& ending, std::string_view text) {
    const std::string name = file_stem(shown_.checkpoint.origin) + ending;
    const auto kept = world_.disk.write_beneath(input_.folder, name, as_bytes(text), 0600, Existing::replace);
    if (!kept) return tl::unexpected(explain({kept.error().code, {}}, "cannot write " + in_quotes(input_.folder + "/" + name)));
    return {};
  }

  const DeskWorld& world_;
  const WitnessInput& input_;
  CheckpointNote shown_;
  CheckpointProofs proofs_;
  std::optional<CheckpointNote> last_;
  std::string known_key_, desk_key_;
  FileLock lock_;
};

}  // namespace

Outcome<Witnessed> witness_checkpoint(const DeskWorld& world, const WitnessInput& input) { return Witness(world, input).run(); }

}  // namespace oak
