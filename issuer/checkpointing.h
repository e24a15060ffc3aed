#pragma once
// The desk's checkpoints: made, kept in its folder, and held against its ledger (docs/format-desk.md, "Tree and checkpoints").

#include <optional>
#include <string>
#include <vector>

#include "issuer/checkpoint.h"
#include "issuer/desk.h"
#include "issuer/merkle.h"
#include "issuer/signed_note.h"

namespace oak {

inline constexpr std::string_view checkpoints_folder = "checkpoints";

struct CheckpointNote {
  SignedNote note;
  Checkpoint checkpoint;
};
Result<CheckpointNote> parse_checkpoint_note(std::string_view text);
/// The key that a verifier key gives for this origin: the origin holds its hash. nullopt where it is another.
std::optional<PublicKey> desk_key_for(std::string_view origin, std::string_view verifier_key);

/// Sizes of the checkpoints that the desk keeps, ascending; none where there is no such folder.
Result<std::vector<std::uint64_t>> kept_checkpoint_sizes(Disk& disk, const std::string& desk);
std::string kept_checkpoint_path(const std::string& desk, std::uint64_t size);
Result<CheckpointNote> read_kept_checkpoint(Disk& disk, const std::string& desk, std::uint64_t size);
/// The desk's verifier key, as kept with the first checkpoint; empty where there is none.
Result<std::string> kept_verifier_key(Disk& disk, const std::string& desk);

/// Why the ledger does not go on from the newest checkpoint that is kept; nullopt where it does. Cheap at any size: compares
/// the number of entries, and the one entry that the checkpoint ends with.
Result<std::optional<std::string>> find_rollback(Disk& disk, const std::string& desk, Ledger& ledger);
Failure rolled_back_failure(const std::string& why);

struct MadeCheckpoint {
  Checkpoint checkpoint;
  std::string note, proofs;  ///< the files
  std::string verifier_key;
};
/// Reads the whole ledger, holds it against each checkpoint that is kept (ledger_rolled_back), and keeps the new one before it
/// returns it. Proofs from the newest kept ones, and from `old_sizes`. `desk` is open for writing.
Outcome<MadeCheckpoint> make_checkpoint(const Desk& desk, const DeskWorld& world, const SymmetricKey& ledger_key,
                                        const std::vector<std::uint64_t>& old_sizes);

}  // namespace oak
