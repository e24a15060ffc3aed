// oak-request create.

#include "request/main.h"

#include "core/site_page.h"
#include "core/sealed_request.h"
#include "machine-id/permanent_mac.h"
#include "request/ask.h"
#include "request/create.h"
#include "request/qr_render.h"

namespace oak::site_tool {
namespace {

/// The trust that says which desk the request is sealed for.
Outcome<Trust> trust_to_seal_by(World& world, const Options& options) {
  OAK_ASSIGN(const FoundTrust found, find_trust(world.disk, trust_source(options), options.product));
  auto trust = require_trust(found, options.product);
  if (!trust) trust.error().message = "--seal needs the vendor's trust, which names the key to seal for: " + trust.error().message;
  return trust;
}

bool is_output_taken(const Options& options) { return options.out == "-" || options.sheet == "-" || options.qr == "-"; }

/// What leaves: the request, or the sealed one, whose content is shown first.
Outcome<Bytes> leaving(World& world, const Options& options, const Created& created, const std::optional<Trust>& trust) {
  if (!trust) return created.document;
  const auto opened = open_request(created.document);
  if (!opened) return tl::unexpected(explain(opened.error(), "the request"));
  (options.json || is_output_taken(options) ? say : print)(request_page(*opened));
  auto sealed = seal_for_desk(created.document, trust->sealing_key, world.random);
  if (!sealed) return tl::unexpected(explain(sealed.error(), "the sealing key in the vendor's trust"));
  return std::move(*sealed);
}

/// Writes the request in every form asked for, and says so.
Outcome<void> hand_out(World& world, const Options& options, const Created& created, const std::optional<Trust>& trust) {
  Carriers carriers{options.out, options.qr, options.sheet};
  if (carriers.out.empty()) carriers.out = default_file_name(world, options, options.product, ".request.oak");
  OAK_ASSIGN(const std::string contact, contact_of_vendor(world, options));
  OAK_ASSIGN(const Bytes document, leaving(world, options, created, trust));
  const std::vector<std::string> comments = trust ? sealed_comments() : request_comments(created.request);
  OAK_ASSIGN(const std::vector<CarrierFile> files, carrier_files(document, carriers, comments, contact));
  const auto page = options.qr == "-" ? qr_terminal_page(document) : Result<std::string>();
  if (!page) return tl::unexpected(explain(page.error(), "--qr -"));
  OAK_TRY(write_carriers(world.disk, files, existing_of(options)));
  warn(tool, created.warnings);
  const std::optional<PublicKey> sealing_key = trust ? std::optional(trust->sealing_key) : std::nullopt;
  if (options.json)
    print(created_json(created, carriers.out, sealing_key));
  else
    (is_output_taken(options) ? say : print)(created_text(created, files, state_and_trust_options(options), sealing_key));
  print(*page);
  return {};
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
  std::optional<Trust> trust;
  if (options.seal) {
    auto found = trust_to_seal_by(world, options);
    if (!found) return report(options, found.error());
    trust = std::move(*found);
  }
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
  const auto handed_out = hand_out(world, options, *created, trust);
  return handed_out ? 0 : report(options, handed_out.error());
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
  command->add_flag("--seal", options.seal, "hide it from whoever carries it: only the vendor's desk can open it");
  add_trust_option(*command, options);
  add_state_options(*command, options);
  commands.add(command, [&options](World& world) { return create(world, options); });
}

}  // namespace oak::site_tool
