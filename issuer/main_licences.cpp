// oak-issuer: commands about what was sold.

#include "issuer/main.h"

#include <memory>

#include "core/text.h"
#include "issuer/issue_terms.h"
#include "issuer/report_import.h"
#include "issuer/report_lookup.h"

namespace oak::desk_tool {
namespace {

int licence_add(World& world, const Options& options, const CLI::App& command) {
  return with_unlocked_desk(world, options, [&](Desk& desk, const SymmetricKey& ledger_key) -> Outcome<int> {
    NewLicence input{options.id, options.customer, options.product, options.versions, options.seats, options.features, {}, {}, {}};
    if (command.count("--rehosts") > 0) input.rehosts = options.rehosts;
    if (command.count("--certificates") > 0) input.certificates = options.certificates;
    OAK_ASSIGN(input.forbidden, forbidden_environments(options.allow, options.forbid));
    OAK_ASSIGN(LicenceWithKey added, add_licence(desk, world.desk(options), ledger_key, input));
    const int code = show(options, licence_key_report(added));
    wipe(added.key_text.data(), added.key_text.size());
    return code;
  });
}

int licence_change(World& world, const Options& options, const CLI::App& command) {
  if (!is_any_given(command, {"--customer", "--versions", "--seats", "--rehosts", "--certificates", "--feature", "--allow", "--forbid"}))
    return report(options, {Code::usage, "nothing is to be changed", "see: oak-issuer licence change --help"});
  return with_desk(world, options, DeskUse::write, [&](Desk& desk) -> Outcome<int> {
    LicenceChange change;
    change.reason = options.reason;
    if (command.count("--customer") > 0) change.customer = options.customer;
    if (command.count("--versions") > 0) change.versions = options.versions;
    if (command.count("--seats") > 0) change.seats = options.seats;
    if (command.count("--rehosts") > 0) change.rehosts = options.rehosts;
    if (command.count("--certificates") > 0) change.certificates = options.certificates;
    if (command.count("--feature") > 0) change.features = options.features;
    if (command.count("--allow") + command.count("--forbid") > 0) {
      OAK_ASSIGN(change.forbidden, forbidden_environments(options.allow, options.forbid));
    }
    OAK_ASSIGN(const Licence licence, change_licence(desk, world.desk(options), options.id, change));
    OAK_ASSIGN(const LicenceView view, view_licence(desk, licence, world.clock.now_unix_s()));
    return show(options, licence_report(view));
  });
}

int licence_show(World& world, const Options& options) {
  return look_up(world, options, [&](Desk& desk) -> Outcome<Report> {
    const std::uint64_t now = world.clock.now_unix_s();
    OAK_ASSIGN(const LicencePage page, look_at_licence(desk, options.id, now));
    return licence_page_report(page, now, desk_option(options));
  });
}

int licence_list(World& world, const Options& options, bool as_table) {
  if (as_table && options.json)
    return report(options, {Code::usage, "--csv and --json can't stand together", "--csv is the table that licence import takes"});
  return look_up(world, options, [&](Desk& desk) -> Outcome<Report> {
    OAK_ASSIGN(const std::vector<LicenceView> views, list_licences(desk, world.clock.now_unix_s()));
    if (as_table) return Report{licences_csv(views), {}};
    return licences_report(views);
  });
}

Outcome<int> tell_key(const Options& options, Outcome<LicenceWithKey> found) {
  if (!found) return tl::unexpected(std::move(found).error());
  const int code = show(options, licence_key_report(*found));
  wipe(found->key_text.data(), found->key_text.size());
  return code;
}

int licence_key(World& world, const Options& options) {
  return with_desk(world, options, DeskUse::read, [&](Desk& desk) -> Outcome<int> {
    HeldKeys keys;
    warn_of_swap(keys);
    OAK_TRY(keys.unlock_ledger(desk, world.desk(options)));
    return tell_key(options, show_licence_key(desk, keys.ledger_key(), options.id));
  });
}

int licence_rekey(World& world, const Options& options) {
  return with_unlocked_desk(world, options, [&](Desk& desk, const SymmetricKey& ledger_key) {
    return tell_key(options, change_licence_key(desk, world.desk(options), ledger_key, options.id, options.reason));
  });
}

int say_refused(const Options& options, const ImportTable& table) {
  const RefusedTable refused = refused_table(tool, options.files.front(), table);
  say(refused.messages);
  return show(options, refused.report, 1);
}

Outcome<void> check_import_options(World& world, const Options& options) {
  OAK_TRY(check_carriers({options.out, {}, {}}, options.json));
  const Carriers carriers{options.out, {}, {}};
  OAK_TRY(check_folders(world.disk, carriers));
  return options.force ? Outcome<void>() : check_free(world.disk, carriers);
}

/// The licences are there by now, and stay: a failure says how to get the keys.
Outcome<int> hand_out_keys(World& world, const Options& options, const Imported& imported) {
  if (options.out.empty()) return show(options, imported_report(imported, {}));
  std::string keys = keys_as_csv(imported);
  const auto written = world.disk.write(options.out, as_bytes(keys), 0600, options.force ? Existing::replace : Existing::refuse);
  if (!written)
    return tl::unexpected(
        explain({written.error().code, {}}, "cannot write " + in_quotes(options.out),
                "the licences were added and lost nothing: the same command again, with another --out, writes their keys"));
  if (options.out != "-") return show(options, imported_report(imported, options.out));
  say(imported_report(imported, "standard output").text);
  return 0;
}

/// What is wrong with the table is said before a passphrase is asked for; what another command adds meanwhile is found after.
int licence_import(World& world, const Options& options) {
  if (const auto checked = check_import_options(world, options); !checked) return report(options, checked.error());
  const auto file = world.disk.read(options.files.front(), max_import_bytes);
  if (!file) return report(options, explain({file.error().code, {}}, "cannot read " + in_quotes(options.files.front())));
  return with_desk(world, options, DeskUse::read, [&](Desk& reading) -> Outcome<int> {
    OAK_ASSIGN(const ImportTable table, check_licence_table(reading, file->bytes));
    if (!table.faults.empty()) return say_refused(options, table);
    return with_unlocked_desk(world, options, [&](Desk& desk, const SymmetricKey& ledger_key) -> Outcome<int> {
      OAK_ASSIGN(Imported imported, import_licences(desk, world.desk(options), ledger_key, file->bytes));
      if (!imported.refused.faults.empty()) return say_refused(options, imported.refused);
      warn(tool, import_warnings(imported));
      Outcome<int> code = hand_out_keys(world, options, imported);
      for (ImportedLicence& one : imported.licences) wipe(one.key_text.data(), one.key_text.size());
      return code;
    });
  });
}

void add_licence_terms(CLI::App& command, Options& options) {
  command.add_option("--feature", options.features, "a feature that the licence grants; may be repeated");
  command.add_option("--rehosts", options.rehosts, "moves a year that need no more than an operator (default: the seats, at least 2)");
  command.add_option("--certificates", options.certificates, "certificates active at one time (default 3)");
  command.add_option("--allow", options.allow, "vm,container")->delimiter(',');
  command.add_option("--forbid", options.forbid, "vm,container")->delimiter(',');
}

}  // namespace

void add_licence_commands(Commands& commands, Options& options) {
  CLI::App* licence = commands.app.add_subcommand("licence", "what was sold");
  licence->require_subcommand(1);
  CLI::App* add_app = licence->add_subcommand("add", "a new licence; prints its id and key");
  add_app->add_option("--customer", options.customer, "who bought it")->required();
  add_app->add_option("--product", options.product, "a product's name")->required();
  add_app->add_option("--seats", options.seats, "how many computers at one time")->required();
  add_app->add_option("--versions", options.versions, "a range, such as 3.*")->required();
  add_app->add_option("--id", options.id, "the licence's id (default: made up)");
  add_licence_terms(*add_app, options);
  commands.add(add_app, [&options, add_app](World& world) { return licence_add(world, options, *add_app); });

  CLI::App* change_app = licence->add_subcommand("change", "other terms");
  change_app->add_option("ID", options.id, "the licence's id")->required();
  change_app->add_option("--customer", options.customer, "who has it");
  change_app->add_option("--seats", options.seats, "how many computers at one time");
  change_app->add_option("--versions", options.versions, "a range, such as 3.*");
  add_licence_terms(*change_app, options);
  change_app->add_option("--reason", options.reason, "why");
  commands.add(change_app, [&options, change_app](World& world) { return licence_change(world, options, *change_app); });

  const auto as_table = std::make_shared<bool>(false);
  CLI::App* list_app = licence->add_subcommand("list", "all licences: those to look at first");
  list_app->add_flag("--csv", *as_table, "their terms, as the table that licence import takes");
  commands.add(list_app, [&options, as_table](World& world) { return licence_list(world, options, *as_table); });
  CLI::App* import_app = licence->add_subcommand("import", "many new licences from a table, all or none; prints their ids and keys");
  import_app->add_option("FILE", options.files, "a CSV file whose first line names the columns; - is standard input")
      ->required()
      ->expected(1);
  import_app->add_option("--out", options.out, "the ids and keys as a CSV file that only you can read; - is standard output");
  commands.add(import_app, [&options](World& world) { return licence_import(world, options); });

  CLI::App* show_app = licence->add_subcommand("show", "one licence: its seats, machines and history");
  show_app->add_option("ID", options.id, "the licence's id")->required();
  commands.add(show_app, [&options](World& world) { return licence_show(world, options); });
  CLI::App* key_app = licence->add_subcommand("key", "print the licence key again");
  key_app->add_option("ID", options.id, "the licence's id")->required();
  commands.add(key_app, [&options](World& world) { return licence_key(world, options); });
  CLI::App* rekey_app = licence->add_subcommand("rekey", "a new licence key; the old one no longer serves");
  rekey_app->add_option("ID", options.id, "the licence's id")->required();
  rekey_app->add_option("--reason", options.reason, "why");
  commands.add(rekey_app, [&options](World& world) { return licence_rekey(world, options); });
}

}  // namespace oak::desk_tool
