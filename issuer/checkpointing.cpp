#include "issuer/checkpointing.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "core/text.h"
#include "issuer/desk_files.h"
#include "issuer/ledger_audit.h"

namespace oak {
namespace {

constexpr std::string_view note_ending = ".note", leaf_ending = ".leaf", verifier_key_name = "desk.vkey";
constexpr std::size_t entries_at_once = 4096, max_small_file_bytes = 4096;

std::string folder_of(const std::string& desk) { return desk + "/" + std::string(checkpoints_folder); }

std::optional<std::uint64_t> size_in_name(std::string_view name) {
  if (!name.ends_with(note_ending)) return std::nullopt;
  name.remove_suffix(note_ending.size());
  std::uint64_t size = 0;
  const auto parsed = std::from_chars(name.data(), name.data() + name.size(), size);
  if (parsed.ec != std::errc() || parsed.ptr != name.data() + name.size() || std::to_string(size) != name) return std::nullopt;
  return size;
}

Result<std::string> read_small(Disk& disk, const std::string& desk, const std::string& name) {
  OAK_ASSIGN(const FileBytes file, disk.read_beneath(folder_of(desk), name, max_small_file_bytes));
  return std::string(trimmed(as_text(file.bytes)));
}

struct WholeLedger {
  MerkleTree tree;
  Digest last_leaf{};
};

Result<WholeLedger> read_ledger(const std::string& desk) {
  OAK_ASSIGN(const auto reader, open_sqlite_ledger_reader(desk + "/" + std::string(ledger_file)));
  WholeLedger out;
  for (;;) {
    OAK_ASSIGN(const auto entries, reader->entries(out.tree.size(), entries_at_once));
    if (entries.empty()) break;
    for (const RawEntry& entry : entries) {
      if (entry.index != out.tree.size()) return fail(Code::ledger_damaged, "entry " + std::to_string(out.tree.size()) + " is missing");
      out.last_leaf = merkle_leaf_hash(entry.leaf);
      out.tree.append_leaf_hash(out.last_leaf);
    }
  }
  if (out.tree.size() == 0) return fail(Code::ledger_damaged, "it has no entries");
  return out;
}

tl::unexpected<Failure> not_read(const Error& error, const std::string& what) {
  return tl::unexpected(
      explain(error, what, "a checkpoint is kept so that a ledger which was set back is found: take the file from a backup"));
}

/// Each kept one is signed by this desk, and the ledger begins with it.
Outcome<std::vector<std::uint64_t>> check_kept(const Desk& desk, Disk& disk, const MerkleTree& tree, const PublicKey& key) {
  auto sizes = kept_checkpoint_sizes(disk, desk.folder());
  if (!sizes) return not_read(sizes.error(), "the desk's checkpoints");
  for (const std::uint64_t size : *sizes) {
    const std::string path = kept_checkpoint_path(desk.folder(), size);
    const auto kept = read_kept_checkpoint(disk, desk.folder(), size);
    if (!kept) return not_read(kept.error(), "the checkpoint " + in_quotes(path));
    if (kept->checkpoint.size != size || !is_note_signed_by(kept->note, desk_origin(key), key))
      return not_read({Code::bad_signature, {}}, "the checkpoint " + in_quotes(path));
    if (size > tree.size() || tree.root_at(size) != kept->checkpoint.root)
      return tl::unexpected(rolled_back_failure("the ledger does not begin with the checkpoint " + in_quotes(path)));
  }
  return std::move(*sizes);
}

Outcome<void> keep(const Desk& desk, Disk& disk, const MadeCheckpoint& made, const Digest& last_leaf) {
  const std::string folder = folder_of(desk.folder());
  const std::string size = std::to_string(made.checkpoint.size);
  const auto put = [&](const std::string& name, std::string_view text) {
    return disk.write_beneath(folder, name, as_bytes(text), 0600, Existing::replace);
  };
  Status kept = disk.make_folder(folder, 0700);
  if (kept) kept = put(std::string(verifier_key_name), made.verifier_key + "\n");
  if (kept) kept = put(size + std::string(leaf_ending), to_hex(last_leaf) + "\n");
  // Last: from here on the ledger may not fall behind it.
  if (kept) kept = put(size + std::string(note_ending), made.note);
  if (!kept) return tl::unexpected(explain({kept.error().code, {}}, "cannot keep the checkpoint in " + in_quotes(folder)));
  return {};
}

}  // namespace

Result<CheckpointNote> parse_checkpoint_note(std::string_view text) {
  OAK_ASSIGN(SignedNote note, parse_note(text));
  OAK_ASSIGN(Checkpoint checkpoint, decode_checkpoint(note.text));
  return CheckpointNote{std::move(note), std::move(checkpoint)};
}

std::optional<PublicKey> desk_key_for(std::string_view origin, std::string_view verifier_key) {
  const auto key = parse_verifier_key(verifier_key);
  if (!key || key->type != NoteKeyType::ed25519 || key->name != origin || desk_origin(key->key) != origin) return std::nullopt;
  return key->key;
}

Result<std::vector<std::uint64_t>> kept_checkpoint_sizes(Disk& disk, const std::string& desk) {
  const auto names = disk.list(folder_of(desk));
  if (!names && names.error().code == Code::not_found) return std::vector<std::uint64_t>{};
  if (!names) return tl::unexpected(names.error());
  std::vector<std::uint64_t> sizes;
  for (const std::string& name : *names)
    if (const auto size = size_in_name(name)) sizes.push_back(*size);
  std::sort(sizes.begin(), sizes.end());
  return sizes;
}

std::string kept_checkpoint_path(const std::string& desk, std::uint64_t size) {
  return folder_of(desk) + "/" + std::to_string(size) + std::string(note_ending);
}

Result<CheckpointNote> read_kept_checkpoint(Disk& disk, const std::string& desk, std::uint64_t size) {
  OAK_ASSIGN(const FileBytes file, disk.read_beneath(folder_of(desk), std::to_string(size) + std::string(note_ending), max_note_bytes));
  return parse_checkpoint_note(as_text(file.bytes));
}

Result<std::string> kept_verifier_key(Disk& disk, const std::string& desk) {
  auto key = read_small(disk, desk, std::string(verifier_key_name));
  if (!key && key.error().code == Code::not_found) return std::string();
  return key;
}

Result<std::optional<std::string>> find_rollback(Disk& disk, const std::string& desk, Ledger& ledger) {
  OAK_ASSIGN(const auto sizes, kept_checkpoint_sizes(disk, desk));
  if (sizes.empty() || sizes.back() == 0) return std::optional<std::string>{};
  const std::uint64_t kept = sizes.back();
  const std::string path = in_quotes(kept_checkpoint_path(desk, kept));
  OAK_ASSIGN(const std::uint64_t size, ledger.size());
  if (size < kept)
    return std::optional("the ledger has " + std::to_string(size) + " entries, and the desk's checkpoint " + path + " " +
                         std::to_string(kept));
  const auto last = read_small(disk, desk, std::to_string(kept) + std::string(leaf_ending));
  if (!last && last.error().code == Code::not_found) return std::optional<std::string>{};
  if (!last) return tl::unexpected(last.error());
  OAK_ASSIGN(const Leaf leaf, ledger.leaf(kept - 1));
  if (to_hex(merkle_leaf_hash(encode_leaf(leaf))) == *last) return std::optional<std::string>{};
  return std::optional("entry " + std::to_string(kept - 1) + " of the ledger is another than when the desk made its checkpoint " + path);
}

Failure rolled_back_failure(const std::string& why) {
  return {Code::ledger_rolled_back, why, "this ledger went on from an old copy: restore the newest backup (docs/ledger.md, \"Restore\")"};
}

Outcome<MadeCheckpoint> make_checkpoint(const Desk& desk, const DeskWorld& world, const SymmetricKey& ledger_key,
                                        const std::vector<std::uint64_t>& old_sizes) {
  const KeyPair key = checkpoint_key_of(ledger_key);
  const auto ledger = read_ledger(desk.folder());
  if (!ledger) return tl::unexpected(ledger_failure(ledger.error(), desk.folder()));
  const MerkleTree& tree = ledger->tree;
  OAK_ASSIGN(const std::vector<std::uint64_t> kept, check_kept(desk, world.disk, tree, key.public_key));
  MadeCheckpoint made;
  made.checkpoint = {desk_origin(key.public_key), tree.size(), tree.root()};
  made.verifier_key = format_verifier_key({made.checkpoint.origin, NoteKeyType::ed25519, key.public_key});
  const std::string text = encode_checkpoint(made.checkpoint);
  made.note = format_note({text, {sign_note(text, made.checkpoint.origin, key)}});
  std::set<std::uint64_t> from(old_sizes.begin(), old_sizes.end());
  for (auto size = kept.rbegin(); size != kept.rend() && from.size() < max_proofs; ++size) from.insert(*size);
  CheckpointProofs proofs{made.verifier_key, {}};
  for (const std::uint64_t size : from) {
    if (size > tree.size())
      return tl::unexpected(Failure{Code::usage, "--old " + std::to_string(size) + " is more than the ledger has",
                                    "give the number of entries that the witness saw last"});
    if (size > 0 && size < tree.size()) proofs.proofs.push_back({size, tree.consistency_proof(size, tree.size())});
  }
  made.proofs = encode_checkpoint_proofs(proofs);
  OAK_TRY(keep(desk, world.disk, made, ledger->last_leaf));
  return made;
}

}  // namespace oak
