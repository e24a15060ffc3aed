// oak-issuer: commands about what was sold.

#include "issuer/main.h"

#include "core/text.h"
#include "issuer/issue_terms.h"
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

int licence_list(World& world, const Options& options) {
  return look_up(world, options, [&](Desk& desk) -> Outcome<Report> {
    OAK_ASSIGN(const std::vector<LicenceView> views, list_licences(desk, world.clock.now_unix_s()));
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

  commands.add(licence->add_subcommand("list", "all licences: those to look at first"),
               [&options](World& world) { return licence_list(world, options); });
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
