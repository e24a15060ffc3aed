// oak-issuer: commands that make a desk and hand out what products ship with.

#include "issuer/main.h"

#include "core/armour.h"
#include "issuer/key_report.h"
#include "issuer/published_trust.h"
#include "issuer/revoking.h"

namespace oak::desk_tool {
namespace {

/// Where the roots lie elsewhere, the threshold and their number are theirs.
Outcome<InitInput> init_input(World& world, const Options& options, const CLI::App& command) {
  InitInput input;
  input.desk = options.desk, input.roots = options.roots, input.threshold = options.threshold_roots, input.root_dirs = options.root_dirs;
  for (const std::string& hex : options.root_keys) {
    OAK_ASSIGN(const PublicKey key, public_key_from(hex, "--root-key"));
    input.root_keys.push_back(key);
  }
  if (!input.root_keys.empty()) input.roots = input.root_keys.size();
  if (options.roots_of.empty()) return input;
  if (is_any_given(command, {"--roots", "--threshold"}))
    return tl::unexpected(
        Failure{Code::usage, "--roots and --threshold can't stand beside --roots-of", "the roots are those of that trust"});
  OAK_ASSIGN(input.roots_of, known_trust(world.desk(options), options.roots_of, {}));
  input.roots = input.roots_of->roots.size();
  input.threshold = input.roots_of->threshold;
  return input;
}

int init(World& world, const Options& options, const CLI::App& command) {
  const auto input = init_input(world, options, command);
  if (!input) return report(options, input.error());
  const auto said = init_desk(world.desk(options), *input);
  if (!said) return report(options, said.error());
  for (std::size_t i = 1; i < said->size(); ++i) note(tool, (*said)[i]);
  return show(options, new_desk_report(*input, said->front(), desk_option(options)));
}

/// Without the earlier roots, what an issuer key signs from now on would be refused where this trust ships.
Outcome<void> warn_of_issuers(World& world, const Desk& desk, ByteView payload) {
  const auto trust = decode_trust(payload);
  if (!trust) return tl::unexpected(explain(trust.error(), "the trust"));
  OAK_ASSIGN(const std::vector<std::string> names, issuers_not_under(world.disk, desk, *trust));
  for (const std::string& name : names)
    warn(tool, "under this trust nothing counts that " + name + " signs: let the new roots certify it, oak-issuer key certify --issuer " +
                   name + " --out DRAFT");
  return {};
}

int draft_trust(World& world, const Options& options) {
  return with_desk(world, options, DeskUse::read, [&](Desk& desk) -> Outcome<int> {
    OAK_ASSIGN(const std::vector<std::string> warnings, check_lowest_bulletin(desk, options.product, options.lowest_bulletin));
    warn(tool, warnings);
    const TrustInput input{options.product, options.contact, {}, options.without_earlier, options.lowest_bulletin};
    Draft draft{DocumentType::trust, {}, {}};
    OAK_ASSIGN(draft.payload, trust_to_sign(world.desk(options), desk, input));
    OAK_TRY(warn_of_issuers(world, desk, draft.payload));
    OAK_ASSIGN(const std::vector<Quorum> quorums, quorums_of(draft, &desk.trust()));
    OAK_TRY(write_file(world, options, options.out, draft_file(draft)));
    const Report written = draft_report("draft of a trust to ship", draft, quorums, options.out);
    if (options.out == "-") return say(written.text), 0;
    return show(options, written);
  });
}

int trust(World& world, const Options& options) {
  if (options.is_unsigned && (options.format != "oak" || !options.root_dirs.empty()))
    return report(options, {Code::usage, "--unsigned stands with neither --root-dir nor --format c",
                            "the roots sign it in turn: oak-issuer key sign"});
  if (options.is_unsigned) return draft_trust(world, options);
  return with_desk(world, options, DeskUse::read, [&](Desk& desk) -> Outcome<int> {
    OAK_ASSIGN(const std::vector<std::string> warnings, check_lowest_bulletin(desk, options.product, options.lowest_bulletin));
    const TrustInput input{options.product, options.contact, options.root_dirs, options.without_earlier, options.lowest_bulletin};
    OAK_ASSIGN(const Bytes document, make_trust(world.desk(options), desk, input));
    warn(tool, warnings);
    if (const auto envelope = split(document, DocumentType::trust)) OAK_TRY(warn_of_issuers(world, desk, envelope->payload));
    const std::string file = options.format == "c" ? as_c_header(document) : armour_encode("OAK TRUST", document);
    OAK_TRY(write_file(world, options, options.out, file));
    if (const auto kept = keep_published_trust(world.disk, desk, options.product, document); !kept)
      warn(tool, kept.error().message + ": sheets of paper won't name the contact");
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
  init_app->add_option("--root-key", options.root_keys, "the public key of a root that lies elsewhere, as key root printed it")
      ->expected(1)
      ->take_all();
  init_app->add_option("--roots-of", options.roots_of, "the trust file of another desk, whose roots this one shares");
  commands.add(init_app, [&options, init_app](World& world) { return init(world, options, *init_app); });

  CLI::App* trust_app = commands.app.add_subcommand("trust", "write the trust document that products ship with");
  trust_app->add_option("--out", options.out, "the file; - is standard output")->required();
  trust_app->add_option("--product", options.product, "for this product only");
  trust_app->add_option("--contact", options.contact, "how customers reach you");
  trust_app->add_option("--lowest-bulletin", options.lowest_bulletin, "sites take in no bulletin with a lower number (default: any)");
  trust_app->add_option("--format", options.format, "oak, or c for a C array")->check(CLI::IsMember({"oak", "c"}));
  trust_app->add_flag("--unsigned", options.is_unsigned, "a draft, for the roots to sign in turn");
  trust_app->add_flag("--without-earlier", options.without_earlier,
                      "what replaced roots have signed no longer counts: k of them were stolen");
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
