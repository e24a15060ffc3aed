// oak-request create.

#include "request/main.h"

#include "machine-id/permanent_mac.h"
#include "request/ask.h"
#include "request/create.h"
#include "request/qr_render.h"

namespace oak::site_tool {
namespace {

/// Writes the request in every form asked for, and says so.
int hand_out(World& world, const Options& options, const Created& created) {
  Carriers carriers{options.out, options.qr, options.sheet};
  if (carriers.out.empty()) carriers.out = default_file_name(world, options, options.product, ".request.oak");
  const auto contact = contact_of_vendor(world, options);
  if (!contact) return report(options, contact.error());
  const auto files = carrier_files(created.document, carriers, request_comments(created.request), *contact);
  if (!files) return report(options, files.error());
  const auto page = options.qr == "-" ? qr_terminal_page(created.document) : Result<std::string>();
  if (!page) return report(options, explain(page.error(), "--qr -"));
  if (const auto written = write_carriers(world.disk, *files, existing_of(options)); !written) return report(options, written.error());
  warn(created.warnings);
  const bool output_is_taken = carriers.out == "-" || carriers.sheet == "-" || carriers.qr == "-";
  if (options.json)
    print(created_json(created, carriers.out));
  else
    (output_is_taken ? say : print)(created_text(created, *files, state_and_trust_options(options)));
  print(*page);
  return 0;
}

/// What is missing is asked for on a terminal; in a script it is an error that names the option.
Outcome<void> complete(World& world, Options& options) {
  const std::string_view missing = options.product.empty() ? "--product" : options.version.empty() ? "--version" : "";
  if (missing.empty()) return {};
  if (!world.terminal.interactive())
    return tl::unexpected(Failure{Code::usage, std::string(missing) + " is missing", "for example --product planner --version 3.5"});
  if (options.product.empty()) {
    OAK_ASSIGN(options.product, ask_product(world.terminal, world.disk, TrustSource{}.site_folder));
  }
  if (options.version.empty()) {
    OAK_ASSIGN(options.version, ask_version(world.terminal, options.product));
  }
  return {};
}

int create(World& world, Options& options) {
  if (const auto checked = check_carriers({options.out, options.qr, options.sheet}, options.json); !checked)
    return report(options, checked.error());
  if (const auto completed = complete(world, options); !completed) return report(options, completed.error());
  const Machine machine = world.machine(options);
  auto key = read_licence_key(world, options);
  if (!key) return report(options, key.error());
  const auto secret = read_site_secret(world, options);
  if (!secret) return report(options, secret.error());
  if (!*key && !world.terminal.interactive() && !can_create_without_licence_key(machine, options.product))
    return report(options, {Code::usage, "--licence-key-file is missing, and this machine has no activation that could speak for it",
                            "put the licence key into a file, and name it: --licence-key-file FILE"});
  if (!*key && world.terminal.interactive() && !can_create_without_licence_key(machine, options.product)) {
    auto typed = ask_licence_key(world.terminal);
    if (!typed) return report(options, typed.error());
    *key = std::move(*typed);
    if (options.site.empty()) {
      auto site = ask_site(world.terminal);
      if (!site) return report(options, site.error());
      options.site = *site;
    }
  }
  const CreateInput input{options.product, options.version, options.seats, options.site, options.reason, *key ? &**key : nullptr, *secret};
  const PermanentAddresses permanent;
  auto created = create_request(machine, collect(world.host, permanent), world.random, input);
  if (!created) return report(options, created.error());
  if (!created->strong)
    created->warnings.push_back("the fingerprint is weak: your vendor must approve it by hand (see: oak-machine-id show)");
  if (!secret->empty())
    created->warnings.push_back("keep the site secret file: without it this machine can't be re-activated from its old answer");
  return hand_out(world, options, *created);
}

}  // namespace

void add_create_command(Commands& commands, Options& options) {
  CLI::App* command = commands.app.add_subcommand("create", "make a signed request");
  command->add_option("--product", options.product, "the product, as the vendor names it");
  // `--version` means the product's version here; the tool's own is asked for without a command.
  command->add_option("--version", options.version, "the product's version");
  command->add_option("--seats", options.seats, "seats wanted")->capture_default_str();
  command->add_option("--site", options.site, "a label for the vendor: site, machine");
  command->add_option("--reason", options.reason, "why, in one line");
  add_carrier_options(*command, options, "the request's");
  add_trust_option(*command, options);
  add_state_options(*command, options);
  commands.add(command, [&options](World& world) { return create(world, options); });
}

}  // namespace oak::site_tool
