// oak-issuer: commands that make a desk and hand out what products ship with.

#include "issuer/main.h"

#include <fmt/core.h>

#include "core/armour.h"
#include "issuer/published_trust.h"

namespace oak::desk_tool {
namespace {

int init(World& world, const Options& options) {
  const auto said = init_desk(world.desk(options), {options.desk, options.roots, options.threshold_roots, options.root_dirs});
  if (!said) return report(options, said.error());
  for (std::size_t i = 1; i < said->size(); ++i) say(fmt::format("{}: {}\n", tool, (*said)[i]));
  return show(options, new_desk_report({options.desk, options.roots, options.threshold_roots, {}}, said->front(), desk_option(options)));
}

int trust(World& world, const Options& options) {
  return with_desk(world, options, DeskUse::read, [&](Desk& desk) -> Outcome<int> {
    OAK_ASSIGN(const Bytes document, make_trust(world.desk(options), desk, {options.product, options.contact, options.root_dirs}));
    const std::string file = options.format == "c" ? as_c_header(document) : armour_encode("OAK TRUST", document);
    OAK_TRY(write_file(world, options, options.out, file));
    if (const auto kept = keep_published_trust(world.disk, desk, options.product, document); !kept)
      warn({kept.error().message + ": sheets of paper won't name the contact"});
    if (options.out == "-") return 0;
    return show(options, trust_report(document, options.product, options.out));
  });
}

int product(World& world, const Options& options, const CLI::App& command, bool is_new) {
  if (!is_new && !is_any_given(command, {"--weights", "--threshold", "--grace"}))
    return report(options, {Code::usage, "nothing is to be changed", "see: oak-issuer product change --help"});
  return with_desk(world, options, DeskUse::write, [&](Desk& desk) -> Outcome<int> {
    ProductChange change;
    change.product = options.product;
    change.must_be_new = is_new;
    change.must_exist = !is_new;
    if (command.count("--weights") > 0) change.weights = options.weights;
    if (command.count("--threshold") > 0) change.threshold_percent = options.threshold;
    if (command.count("--grace") > 0) change.grace_days = options.grace;
    OAK_ASSIGN(const ProductTerms terms, change_product(desk, world.desk(options), change));
    return show(options, product_report(terms));
  });
}

}  // namespace

void add_desk_commands(Commands& commands, Options& options) {
  CLI::App* init_app = commands.app.add_subcommand("init", "make a desk: root keys, issuer key, ledger");
  init_app->add_option("--roots", options.roots, "how many root keys")->capture_default_str();
  init_app->add_option("--threshold", options.threshold_roots, "how many of them must sign")->capture_default_str();
  init_app->add_option("--root-dir", options.root_dirs, "a folder for each root key (default: DESK/roots/1..N)")->expected(1)->take_all();
  commands.add(init_app, [&options](World& world) { return init(world, options); });

  CLI::App* trust_app = commands.app.add_subcommand("trust", "write the trust document that products ship with");
  trust_app->add_option("--out", options.out, "the file; - is standard output")->required();
  trust_app->add_option("--product", options.product, "for this product only");
  trust_app->add_option("--contact", options.contact, "how customers reach you");
  trust_app->add_option("--format", options.format, "oak, or c for a C array")->check(CLI::IsMember({"oak", "c"}));
  trust_app->add_option("--root-dir", options.root_dirs, "where a root key is")->expected(1)->take_all();
  commands.add(trust_app, [&options](World& world) { return trust(world, options); });

  CLI::App* product_app = commands.app.add_subcommand("product", "binding policy of a product");
  product_app->require_subcommand(1);
  for (const bool is_new : {true, false}) {
    CLI::App* command = product_app->add_subcommand(is_new ? "add" : "change", is_new ? "a new product" : "an existing one");
    command->add_option("PRODUCT", options.product, "its name")->required();
    command->add_option("--weights", options.weights, "platform,network,disks,tpm,os,model");
    command->add_option("--threshold", options.threshold, "percent of the enrolled weight that must match");
    command->add_option("--grace", options.grace, "days after a hardware mismatch");
    commands.add(command, [&options, command, is_new](World& world) { return product(world, options, *command, is_new); });
  }
}

}  // namespace oak::desk_tool
