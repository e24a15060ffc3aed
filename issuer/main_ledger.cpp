// oak-issuer: commands about the ledger itself: for auditors, witnesses, and whoever keeps its copies.

#include "issuer/main.h"

#include <fmt/core.h>

#include <memory>

#include "core/text.h"
#include "issuer/audit.h"
#include "issuer/backup.h"
#include "issuer/checkpointing.h"
#include "issuer/dump.h"
#include "issuer/witness.h"

namespace oak::desk_tool {
namespace {

struct LedgerOptions {
  std::vector<std::string> against, keys, trusts;
  std::vector<std::uint64_t> old_sizes;
  std::string witness_dir, checkpoint, desk_key;
  bool csv = false;
};

int audit_command(World& world, const Options& options, const LedgerOptions& wanted) {
  AuditInput input{options.desk, wanted.against, wanted.keys, wanted.trusts, world.clock.now_unix_s(), nullptr};
  HeldKeys keys;
  // Whoever gives a passphrase has the licence secrets opened too; nobody is asked for one.
  if (!options.passphrase_file.empty()) {
    auto desk = Desk::open(world.desk(options), options.desk, DeskUse::read);
    auto unlocked = desk ? keys.unlock_ledger(*desk, world.desk(options)) : tl::unexpected(desk.error());
    if (unlocked)
      input.ledger_key = &keys.ledger_key();
    else
      warn(tool, unlocked.error().message + ": the licence secrets were not opened");
  }
  const auto done = audit(world.disk, input);
  if (!done) return report(options, done.error());
  warn(tool, done->warnings);
  return show(options, audit_report(*done), done->faults.empty() ? 0 : 1);
}

/// What would be in the way is found before anything is recorded.
Outcome<void> check_not_there(World& world, const Options& options, const std::string& path) {
  if (options.force || path == "-" || !world.disk.exists(path)) return {};
  return tl::unexpected(explain({Code::already_exists, {}}, "cannot write " + in_quotes(path)));
}

Report checkpoint_report(const MadeCheckpoint& made, const std::string& out) {
  JsonWriter json;
  json.begin_object().key("origin").text(made.checkpoint.origin).key("entries").number(made.checkpoint.size);
  json.key("root").text(to_base64(made.checkpoint.root)).key("key").text(made.verifier_key).key("out").text(out).end_object();
  return {fmt::format("checkpoint of {} entries: {}\nfor witnesses, the proofs: {}.proofs\nthe desk's verifier key: {}\n",
                      made.checkpoint.size, out, out, made.verifier_key),
          json.str() + "\n"};
}

int checkpoint_command(World& world, const Options& options, const LedgerOptions& wanted) {
  const std::string proofs = options.out + ".proofs";
  for (const std::string& path : {options.out, options.out == "-" ? options.out : proofs})
    if (const auto free = check_not_there(world, options, path); !free) return report(options, free.error());
  return with_unlocked_desk(world, options, [&](Desk& desk, const SymmetricKey& ledger_key) -> Outcome<int> {
    OAK_ASSIGN(const MadeCheckpoint made, make_checkpoint(desk, world.desk(options), ledger_key, wanted.old_sizes));
    if (options.out != "-") OAK_TRY(write_file(world, options, proofs, made.proofs));
    OAK_TRY(write_file(world, options, options.out, made.note));
    if (options.out != "-") return show(options, checkpoint_report(made, options.out));
    note(tool, "the desk's verifier key: " + made.verifier_key);
    return 0;
  });
}

Report witness_report(const Witnessed& done, const std::string& out) {
  JsonWriter json;
  json.begin_object().key("origin").text(done.origin).key("entries").number(done.entries).key("entries_before");
  done.entries_before ? json.number(*done.entries_before) : json.null();
  json.key("desk_key").text(done.desk_key).key("witness_key").text(done.witness_key).key("out").text(out).end_object();
  const std::string before =
      done.entries_before ? fmt::format("goes on from the last one, of {} entries", *done.entries_before) : "is the first of this desk";
  return {fmt::format("cosigned: {} entries of {}, which {}\nthe witness's verifier key: {}\n", done.entries, done.origin, before,
                      done.witness_key),
          json.str() + "\n"};
}

int witness_command(World& world, const Options& options, const LedgerOptions& wanted) {
  if (const auto free = check_not_there(world, options, options.out); !free) return report(options, free.error());
  const auto done = witness_checkpoint(world.desk(options), {wanted.witness_dir, wanted.checkpoint, wanted.desk_key});
  if (!done) return report(options, done.error());
  if (!done->entries_before && wanted.desk_key.empty())
    warn(tool, "the desk's key was taken on trust, from the file of proofs; compare it with what the desk prints: " + done->desk_key);
  if (const auto written = write_file(world, options, options.out, done->note); !written) return report(options, written.error());
  if (options.out != "-") return show(options, witness_report(*done, options.out));
  note(tool, "the witness's verifier key: " + done->witness_key);
  return 0;
}

int backup_command(World& world, const Options& options) {
  if (options.out == "-") return report(options, {Code::usage, "a backup is a file", "say where it goes: --out FILE"});
  if (const auto free = check_not_there(world, options, options.out); !free) return report(options, free.error());
  const auto done = back_up(options.desk, options.out, options.force ? Existing::replace : Existing::refuse);
  if (!done) return report(options, done.error());
  JsonWriter json;
  json.begin_object()
      .key("out")
      .text(options.out)
      .key("entries")
      .number(done->entries)
      .key("root")
      .text(to_base64(done->root))
      .end_object();
  return show(
      options,
      {fmt::format("backup of {} entries: {}\nit holds the ledger; keys, trust.oak and checkpoints are files of the desk's folder\n",
                   done->entries, options.out),
       json.str() + "\n"});
}

int dump_command(World& world, const Options& options, const LedgerOptions& wanted) {
  if (wanted.csv == options.json)
    return report(options, {Code::usage, "either --json or --csv is needed", "for a spreadsheet: oak-issuer dump --csv --out FILE"});
  if (const auto free = check_not_there(world, options, options.out); !options.out.empty() && !free) return report(options, free.error());
  const auto dumped = dump_ledger(options.desk, wanted.csv ? DumpFormat::csv : DumpFormat::json);
  if (!dumped) return report(options, dumped.error());
  if (options.out.empty()) return print(*dumped), 0;
  if (const auto written = write_file(world, options, options.out, *dumped); !written) return report(options, written.error());
  return 0;
}

}  // namespace

void add_ledger_commands(Commands& commands, Options& options) {
  const auto wanted = std::make_shared<LedgerOptions>();
  CLI::App* audit_app = commands.app.add_subcommand("audit", "reckon everything again from the ledger's entries and their signatures");
  audit_app->add_option("--against", wanted->against, "a checkpoint that the ledger must go on from; may be repeated");
  audit_app->add_option("--key", wanted->keys, "a witness's verifier key; may be repeated")->expected(1)->take_all();
  audit_app->add_option("--trust", wanted->trusts, "a trust file, in place of the desk's own; may be repeated")->expected(1)->take_all();
  commands.add(audit_app, [&options, wanted](World& world) { return audit_command(world, options, *wanted); });

  CLI::App* checkpoint_app = commands.app.add_subcommand("checkpoint", "sign what the ledger is now, to be kept elsewhere");
  checkpoint_app->add_option("--out", options.out, "the file; - is standard output")->required();
  checkpoint_app->add_option("--old", wanted->old_sizes, "prove it for a witness who last saw so many entries; may be repeated")
      ->expected(1)
      ->take_all();
  commands.add(checkpoint_app, [&options, wanted](World& world) { return checkpoint_command(world, options, *wanted); });

  CLI::App* witness_app = commands.app.add_subcommand("witness", "cosign a desk's checkpoint, where it goes on from the last one");
  witness_app->add_option("CHECKPOINT", wanted->checkpoint, "the note, with FILE.proofs beside it")->required();
  witness_app->add_option("--witness-dir", wanted->witness_dir, "the witness's own folder")->required();
  witness_app->add_option("--out", options.out, "the cosigned note; - is standard output")->required();
  witness_app->add_option("--key", wanted->desk_key, "the desk's verifier key, where it was told by word of mouth");
  commands.add(witness_app, [&options, wanted](World& world) { return witness_command(world, options, *wanted); });

  CLI::App* backup_app = commands.app.add_subcommand("backup", "the ledger in one file, read again before it counts");
  backup_app->add_option("--out", options.out, "the file")->required();
  commands.add(backup_app, [&options](World& world) { return backup_command(world, options); });

  CLI::App* dump_app = commands.app.add_subcommand("dump", "every entry of the ledger, for other programs");
  dump_app->add_flag("--csv", wanted->csv, "for a spreadsheet, in place of --json");
  dump_app->add_option("--out", options.out, "a file (default: standard output)");
  commands.add(dump_app, [&options, wanted](World& world) { return dump_command(world, options, *wanted); });
}

}  // namespace oak::desk_tool
