// oak-issuer: commands about the desk's keys, and what roots sign in turn.

#include "issuer/main.h"

#include <fmt/core.h>

#include <memory>

#include "core/armour.h"
#include "core/text.h"
#include "issuer/key_report.h"
#include "issuer/rotate.h"

namespace oak::desk_tool {
namespace {

/// What only these commands take.
struct KeyOptions {
  std::string file, trust, public_key, versions, from, until, name;
  std::vector<std::string> products, kinds, remove, new_roots, new_root_dirs, except;
  std::uint64_t max_days = 0, max_seats = 0, threshold = 0;
  bool rotates_issuer = false;
};
using Shared = std::shared_ptr<KeyOptions>;

/// Before anything is made that a name in the way would leave behind.
Outcome<void> check_free(World& world, const Options& options) {
  if (options.out == "-" || options.force || !world.disk.exists(options.out)) return {};
  return tl::unexpected(explain({Code::already_exists, {}}, "cannot write " + in_quotes(options.out)));
}

Outcome<int> hand_out_draft(World& world, const Options& options, const Draft& draft, const Report& report) {
  OAK_TRY(write_file(world, options, options.out, draft_file(draft)));
  if (options.out == "-") return say(report.text), 0;
  return show(options, report);
}

Outcome<Draft> read_draft_file(World& world, const std::string& name) {
  const auto file = world.disk.read(name, max_armoured_bytes);
  if (!file) return tl::unexpected(explain({file.error().code, {}}, "cannot read " + in_quotes(name)));
  return read_draft(file->bytes, name);
}

int list(World& world, const Options& options) {
  return with_desk(world, options, DeskUse::read, [&](Desk& desk) -> Outcome<int> {
    OAK_ASSIGN(const KeyList keys, list_keys(world.desk(options), desk, options.root_dirs));
    warn(tool, keys.warnings);
    return show(options, keys.report);
  });
}

int draft_for_issuer(World& world, const Options& options, const CertifyInput& input) {
  return with_desk(world, options, DeskUse::write, [&](Desk& desk) -> Outcome<int> {
    OAK_TRY(check_free(world, options));
    OAK_ASSIGN(const NewDraft made, draft_certificate(desk, world.desk(options), input));
    OAK_ASSIGN(const std::vector<Quorum> quorums, quorums_of(made.draft, &desk.trust()));
    const std::string what = fmt::format("draft of the certificate of {}, serial {}", made.name, made.serial);
    return hand_out_draft(world, options, made.draft, draft_report(what, made.draft, quorums, options.out, made.name, made.serial));
  });
}

int certify(World& world, const Options& options, const KeyOptions& given, const CLI::App& command) {
  CertifyInput input;
  input.issuer = options.issuer;
  if (!given.public_key.empty()) {
    const auto key = public_key_from(given.public_key, "--public-key");
    if (!key) return report(options, key.error());
    if (!input.issuer.empty())
      return report(options, {Code::usage, "--issuer and --public-key can't stand together", "--issuer names a key of this desk"});
    input.holder = *key;
  }
  input.products = given.products, input.kinds = given.kinds, input.versions = given.versions;
  input.from = given.from, input.until = given.until;
  if (command.count("--max-days") > 0) input.max_days = given.max_days;
  if (command.count("--max-seats") > 0) input.max_seats = given.max_seats;
  // A new certificate for a key that has one must not widen what it may sign by what was left unsaid.
  const bool says_caps = is_any_given(command, {"--products", "--kinds", "--max-days", "--max-seats", "--versions"});
  input.like_before = !input.issuer.empty() && !says_caps;
  return draft_for_issuer(world, options, input);
}

/// The page first: on a terminal, the root that signs is asked.
Outcome<void> confirm(World& world, const Draft& draft, const std::vector<Quorum>& quorums, const Trust* known) {
  say(draft_page(draft, quorums, known));
  if (!world.terminal.interactive()) return {};
  const auto answer = world.terminal.ask("Sign this with the root key? [y/N] ");
  if (answer && (*answer == "y" || *answer == "yes")) return {};
  return tl::unexpected(Failure{Code::refused, "not signed, as you answered", {}});
}

Outcome<int> sign(World& world, const Options& options, const KeyOptions& given) {
  const DeskWorld desk = world.desk(options);
  OAK_ASSIGN(Draft draft, read_draft_file(world, given.file));
  OAK_ASSIGN(const std::optional<Trust> known, known_trust(desk, given.trust, options.desk));
  OAK_ASSIGN(const std::vector<Quorum> quorums, quorums_of(draft, known ? &*known : nullptr));
  OAK_TRY(check_signatures(draft, quorums, given.file));
  OAK_TRY(check_free(world, options));
  OAK_TRY(confirm(world, draft, quorums, known ? &*known : nullptr));
  OAK_TRY(sign_draft(desk, options.root_dirs.front(), quorums, draft));
  return hand_out_draft(world, options, draft, draft_report("signed by one more root", draft, quorums, options.out));
}

int import(World& world, const Options& options, const KeyOptions& given) {
  return with_desk(world, options, DeskUse::write, [&](Desk& desk) -> Outcome<int> {
    const auto file = world.disk.read(given.file, max_armoured_bytes);
    if (!file) return tl::unexpected(explain({file.error().code, {}}, "cannot read " + in_quotes(given.file)));
    OAK_ASSIGN(const ImportedKeys imported, import_root_document(desk, world.desk(options), file->bytes, given.file));
    return show(options, imported_keys_report(imported));
  });
}

Outcome<void> check_root_name(const std::string& name) {
  const bool fine =
      name.starts_with("root-") && name.size() > 5 && name.size() < 15 && name.find_first_not_of("0123456789", 5) == std::string::npos;
  if (fine) return {};
  return tl::unexpected(Failure{Code::usage, "--name " + in_quotes(name) + " is not a root's name", "root- and a number, such as root-4"});
}

int make_root_key(World& world, const Options& options, const KeyOptions& given) {
  const auto made =
      check_root_name(given.name).and_then([&] { return make_root(world.desk(options), options.root_dirs.front(), given.name); });
  if (!made) return report(options, made.error());
  return show(options, root_report(given.name, *made, options.root_dirs.front()));
}

/// A key that lies in the folder already is taken as it is; else one is made there.
Outcome<PublicKey> new_root_in(World& world, const Options& options, const std::string& folder, const std::string& name) {
  if (world.disk.exists(folder + "/root.key")) return shown_key(world.disk, folder, "root.key");
  OAK_ASSIGN(const PublicKey made, make_root(world.desk(options), folder, name));
  note(tool, fmt::format("root key {} made in {}, as {}", key_id_text(made), in_quotes(folder), name));
  return made;
}

Outcome<int> rotate_roots(World& world, const Options& options, const KeyOptions& given, Desk& desk) {
  RotateInput input;
  input.remove = given.remove;
  if (given.threshold > 0) input.threshold = given.threshold;
  for (const std::string& hex : given.new_roots) {
    OAK_ASSIGN(const PublicKey key, public_key_from(hex, "--new-root"));
    input.add.push_back(key);
  }
  std::uint64_t number = desk.trust().roots.size() + desk.trust().number;
  for (const std::string& folder : given.new_root_dirs) {
    OAK_ASSIGN(const PublicKey key, new_root_in(world, options, folder, "root-" + std::to_string(number++)));
    input.add.push_back(key);
  }
  OAK_ASSIGN(const Draft draft, draft_new_trust(desk, world.desk(options), input));
  if (desk.trust().earlier.size() == max_earlier)
    warn(tool,
         "roots have changed more often than a trust can name: what the oldest of them certified counts no more in a release with this "
         "one");
  OAK_ASSIGN(const std::vector<Quorum> quorums, quorums_of(draft, &desk.trust()));
  return hand_out_draft(world, options, draft, draft_report("draft of a new trust", draft, quorums, options.out));
}

int rotate(World& world, const Options& options, const KeyOptions& given) {
  const bool roots = !given.remove.empty() || !given.new_roots.empty() || !given.new_root_dirs.empty() || given.threshold > 0;
  if (given.rotates_issuer == roots)
    return report(options, {Code::usage, roots ? "--issuer and what changes roots can't stand together" : "what is to be rotated?",
                            "--issuer for the issuer key; --root KEY-ID with --new-root-dir DIR for a root"});
  if (given.rotates_issuer) {
    CertifyInput input;
    input.like_before = true;
    input.until = given.until;
    return draft_for_issuer(world, options, input);
  }
  return with_desk(world, options, DeskUse::read, [&](Desk& desk) -> Outcome<int> {
    OAK_TRY(check_free(world, options));
    return rotate_roots(world, options, given, desk);
  });
}

int bulletin(World& world, const Options& options) {
  return with_desk(world, options, DeskUse::read, [&](Desk& desk) -> Outcome<int> {
    OAK_ASSIGN(const Draft draft, draft_key_bulletin(desk, world.desk(options)));
    OAK_ASSIGN(const std::vector<Quorum> quorums, quorums_of(draft, &desk.trust()));
    return hand_out_draft(world, options, draft, draft_report("draft of a key bulletin", draft, quorums, options.out));
  });
}

int revoke(World& world, const Options& options, const KeyOptions& given) {
  return with_desk(world, options, DeskUse::read, [&](Desk& desk) -> Outcome<int> {
    OAK_ASSIGN(const Revocation revocation, draft_revocation(desk, world.desk(options), given.name, given.except));
    OAK_ASSIGN(const std::vector<Quorum> quorums, quorums_of(revocation.draft, &desk.trust()));
    std::string serials;
    for (const std::uint64_t serial : revocation.serials) serials += (serials.empty() ? "" : ", ") + std::to_string(serial);
    const std::string what = fmt::format("draft of a key bulletin: issuer serial {} is revoked, {} activations of it still count", serials,
                                         revocation.survivors);
    return hand_out_draft(world, options, revocation.draft, draft_report(what, revocation.draft, quorums, options.out));
  });
}

void add_out(CLI::App& command, Options& options) {
  command.add_option("--out", options.out, "the draft's file, for the roots to sign in turn; - is standard output")->required();
}

void add_certify(Commands& commands, CLI::App& key, Options& options, const Shared& given) {
  CLI::App* app = key.add_subcommand("certify", "draft a certificate: of a new issuer key, or with --issuer of one that is here");
  app->add_option("--public-key", given->public_key, "of a new issuer key that lies elsewhere (hex)");
  app->add_option("--products", given->products, "products it may sign for (default: all)")->delimiter(',');
  app->add_option("--kinds", given->kinds, "permanent,certificate (default: both)")->delimiter(',');
  app->add_option("--max-days", given->max_days, "of a certificate at most so many days")->check(CLI::Range(1, 3660));
  app->add_option("--max-seats", given->max_seats, "of an activation at most so many seats")->check(CLI::Range(1, 1000000));
  app->add_option("--versions", given->versions, "a range, such as 3.*");
  app->add_option("--from", given->from, "first day on which it may sign: 2027-01-31 (default: the day before yesterday)");
  app->add_option("--until", given->until, "last day (default: ten years on)");
  add_out(*app, options);
  commands.add(app, [&options, given, app](World& world) { return certify(world, options, *given, *app); });
}

void add_sign(Commands& commands, CLI::App& key, Options& options, const Shared& given) {
  CLI::App* app = key.add_subcommand("sign", "one root signs a draft; the next one goes on from what is written");
  app->add_option("FILE", given->file, "the draft, with the signatures so far; - is standard input")->required();
  app->add_option("--root-dir", options.root_dirs, "the folder of the root key that signs")->expected(1)->required();
  app->add_option("--trust", given->trust, "a trust of these roots (default: the desk's)");
  app->add_option("--out", options.out, "the file with one signature more; - is standard output")->required();
  commands.add(app, [&options, given](World& world) {
    const Outcome<int> done = sign(world, options, *given);
    return done ? *done : report(options, done.error());
  });
}

void add_root(Commands& commands, CLI::App& key, Options& options, const Shared& given) {
  CLI::App* app = key.add_subcommand("root", "make one root key in a folder, and print its public key");
  app->add_option("--root-dir", options.root_dirs, "the folder, best on a medium of its own")->expected(1)->required();
  app->add_option("--name", given->name, "its name, for passphrase files")->default_str("root-1");
  given->name = "root-1";
  commands.add(app, [&options, given](World& world) { return make_root_key(world, options, *given); });
}

void add_rotate(Commands& commands, CLI::App& key, Options& options, const Shared& given) {
  CLI::App* app = key.add_subcommand("rotate", "draft what takes the place of an issuer key, or of roots");
  app->add_flag("--issuer", given->rotates_issuer, "a new issuer key with the caps of the newest one");
  app->add_option("--until", given->until, "with --issuer: last day (default: ten years on)");
  app->add_option("--root", given->remove, "the key id of a root that goes; may be repeated")->expected(1)->take_all();
  app->add_option("--new-root-dir", given->new_root_dirs, "the folder of a new root, whose key is made where there is none")
      ->expected(1)
      ->take_all();
  app->add_option("--new-root", given->new_roots, "the public key of a new root that lies elsewhere")->expected(1)->take_all();
  app->add_option("--threshold", given->threshold, "how many of the new roots must sign (default: as before)")->check(CLI::Range(1, 16));
  add_out(*app, options);
  commands.add(app, [&options, given](World& world) { return rotate(world, options, *given); });
}

void add_bulletins(Commands& commands, CLI::App& key, Options& options, const Shared& given) {
  CLI::App* bulletin_app = key.add_subcommand("bulletin", "draft what tells the field of new roots and of revoked keys");
  add_out(*bulletin_app, options);
  commands.add(bulletin_app, [&options](World& world) { return bulletin(world, options); });
  CLI::App* revoke_app = key.add_subcommand("revoke", "draft what takes an issuer key back, with the list of what survives");
  revoke_app->add_option("ISSUER", given->name, "its name or serial, as key list shows it")->required();
  revoke_app->add_option("--except", given->except, "an activation of it that does not survive; may be repeated")->expected(1)->take_all();
  add_out(*revoke_app, options);
  commands.add(revoke_app, [&options, given](World& world) { return revoke(world, options, *given); });
}

}  // namespace

void add_key_commands(Commands& commands, Options& options) {
  CLI::App* key = commands.app.add_subcommand("key", "root keys and issuer keys");
  key->require_subcommand(1);
  const auto given = std::make_shared<KeyOptions>();
  CLI::App* list_app = key->add_subcommand("list", "which keys there are, and what they may sign");
  list_app->add_option("--root-dir", options.root_dirs, "where else root keys may be")->expected(1)->take_all();
  commands.add(list_app, [&options](World& world) { return list(world, options); });
  add_certify(commands, *key, options, given);
  add_root(commands, *key, options, given);
  add_sign(commands, *key, options, given);
  add_rotate(commands, *key, options, given);
  add_bulletins(commands, *key, options, given);
  CLI::App* import_app = key->add_subcommand("import", "put what enough roots have signed in its place at the desk");
  import_app->add_option("FILE", given->file, "an issuer certificate, a trust or a key bulletin")->required();
  commands.add(import_app, [&options, given](World& world) { return import(world, options, *given); });
}

}  // namespace oak::desk_tool
