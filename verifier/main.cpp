// oak-verifier: flags in, text or JSON out. getopt and stdio only, so that it starts fast.

#include <getopt.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <optional>
#include <string>

#include "core/armour.h"
#include "core/fields.h"
#include "core/key_file.h"
#include "core/text.h"
#include "machine-id/facts_json.h"
#include "verifier/doctor.h"
#include "verifier/install.h"
#include "verifier/rehearse.h"
#include "verifier/status.h"
#include "verifier/status_file.h"

namespace {

using oak::Code;
using oak::Failure;
using oak::Outcome;

constexpr std::size_t max_secret_file_bytes = 65536;

constexpr const char* help_text =
    "usage: oak-verifier COMMAND [OPTIONS]\n"
    "\n"
    "  install FILE                 check a document from the vendor, then store it\n"
    "      --licence-key-file F     brings back the fingerprint key of a reinstalled machine\n"
    "      --site-secret-file F     where the request was made with one\n"
    "  check --product P --version V [--seats N]\n"
    "                               is this start of the product covered? Exit 0: active\n"
    "  status [--product P]         what is activated on this machine\n"
    "  doctor [--product P]         why, step by step, and what next\n"
    "      --bundle FILE            a file for the vendor's support, without a secret in it\n"
    "      --force                  replace an existing one\n"
    "  rehearse --product P         would it hold on other hardware, and what would end it next? Exit 0: it would\n"
    "      --without COMPONENT[:LABEL]   without this part of the machine, as in mac:eth0; again for more\n"
    "      --facts FILE             on the machine of `oak-machine-id facts --out FILE`\n"
    "\n"
    "  --json                       one JSON object on standard output\n"
    "  --state-dir DIR              the machine's state (or OAK_STATE_DIR; default /var/lib/oak)\n"
    "  --trust FILE                 the vendor's trust (default: built in, else /etc/oak/trust/PRODUCT.oak)\n"
    "  --help, --version\n"
    "\n"
    "FILE may be -, standard input. Exit: 0 yes or done; 1 the answer is no; 2 there is no answer.\n";

constexpr const char* commands_hint = "one of install, check, status, doctor, rehearse; oak-verifier --help";

struct Options {
  std::string command;
  std::optional<std::string> product, version, seats, state_dir, trust, licence_key_file, site_secret_file, file, facts, bundle;
  std::vector<std::string> without;
  bool json = false, help = false, force = false;
};

tl::unexpected<Failure> usage(std::string message, std::string hint = "oak-verifier --help") {
  return tl::unexpected(Failure{Code::usage, std::move(message), std::move(hint)});
}

enum Flag {
  flag_product = 256,
  flag_version,
  flag_seats,
  flag_state_dir,
  flag_trust,
  flag_licence_key,
  flag_site_secret,
  flag_facts,
  flag_without,
  flag_bundle,
  flag_force,
  flag_json,
  flag_help
};

constexpr option flags[] = {{"product", required_argument, nullptr, flag_product},
                            {"version", required_argument, nullptr, flag_version},
                            {"seats", required_argument, nullptr, flag_seats},
                            {"state-dir", required_argument, nullptr, flag_state_dir},
                            {"trust", required_argument, nullptr, flag_trust},
                            {"licence-key-file", required_argument, nullptr, flag_licence_key},
                            {"site-secret-file", required_argument, nullptr, flag_site_secret},
                            {"facts", required_argument, nullptr, flag_facts},
                            {"without", required_argument, nullptr, flag_without},
                            {"bundle", required_argument, nullptr, flag_bundle},
                            {"force", no_argument, nullptr, flag_force},
                            {"json", no_argument, nullptr, flag_json},
                            {"help", no_argument, nullptr, flag_help},
                            {nullptr, 0, nullptr, 0}};

/// Where the value of a flag goes, and the commands that take it ("" for all).
std::optional<std::string>* place_of(int flag, Options& out, std::string_view& only_for) {
  only_for = {};
  switch (flag) {
    case flag_product: return &out.product;
    case flag_state_dir: return &out.state_dir;
    case flag_trust: return &out.trust;
    case flag_version: only_for = "check"; return &out.version;
    case flag_seats: only_for = "check"; return &out.seats;
    case flag_licence_key: only_for = "install"; return &out.licence_key_file;
    case flag_site_secret: only_for = "install"; return &out.site_secret_file;
    case flag_bundle: only_for = "doctor"; return &out.bundle;
    case flag_facts: only_for = "rehearse"; return &out.facts;
    default: return nullptr;
  }
}

/// `words` begins with the command, in the place where getopt expects the program's name.
Outcome<Options> parse(int count, char** words) {
  Options out;
  out.command = words[0];
  opterr = 0;
  int index = 0;
  for (int flag; (flag = getopt_long(count, words, ":", flags, &index)) != -1;) {
    if (flag == '?') return usage("unknown option " + oak::in_quotes(words[optind - 1]));
    if (flag == ':') return usage("option " + oak::in_quotes(words[optind - 1]) + " needs a value");
    out.json |= flag == flag_json;
    out.help |= flag == flag_help;
    out.force |= flag == flag_force;
    std::string_view only_for;
    std::optional<std::string>* place = place_of(flag, out, only_for);
    const std::string name = "option --" + std::string(flags[index].name);
    if (flag == flag_without) {
      if (out.command != "rehearse") return usage(name + " goes with rehearse only");
      out.without.emplace_back(optarg);
    }
    if (place == nullptr) continue;
    if (*place) return usage(name + " is given twice");
    if (!only_for.empty() && out.command != only_for) return usage(name + " goes with " + std::string(only_for) + " only");
    *place = optarg;
  }
  if (out.force && out.command != "doctor") return usage("option --force goes with doctor only");
  int next = optind;
  if (out.command == "install" && next < count) out.file = words[next++];
  if (next < count) return usage("unexpected argument " + oak::in_quotes(words[next]));
  return out;
}

Outcome<std::uint64_t> parse_seats(const std::optional<std::string>& text) {
  if (!text) return std::uint64_t{0};
  std::uint64_t value = 0;
  const char* end = text->data() + text->size();
  const auto [rest, error] = std::from_chars(text->data(), end, value);
  if (error != std::errc() || rest != end || value < 1 || value > oak::max_seats)
    return usage("--seats " + oak::in_quotes(*text) + " is not a number from 1 to " + std::to_string(oak::max_seats));
  return value;
}

/// The world that main hands in.
struct World {
  oak::PosixDisk disk;
  oak::LinuxHost host;
  oak::SystemClock clock;
  oak::SystemBootClock boot;
  oak::Machine machine(const Options& options) {
    const char* variable = std::getenv("OAK_STATE_DIR");
    std::string state_dir(oak::default_state_dir);
    if (options.state_dir)
      state_dir = *options.state_dir;
    else if (variable != nullptr && *variable != 0)
      state_dir = variable;
    while (state_dir.size() > 1 && state_dir.back() == '/') state_dir.pop_back();
    return {disk, host, clock, ::geteuid(), state_dir, &boot};
  }
};

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }
void warn(const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) std::fprintf(stderr, "oak-verifier: warning: %s\n", warning.c_str());
}

Outcome<oak::SecretBytes> read_secret(World& world, const std::string& file) {
  auto read = world.disk.read(file, max_secret_file_bytes);
  if (!read) return tl::unexpected(oak::explain({read.error().code, {}}, "cannot read " + oak::in_quotes(file)));
  return oak::SecretBytes(std::move(read->bytes));
}

Outcome<oak::Facts> read_one_machine(World& world, const std::string& file) {
  constexpr std::size_t max_bytes = 4U << 20;
  const auto read = world.disk.read(file, max_bytes);
  if (!read) return tl::unexpected(oak::explain({read.error().code, {}}, "cannot read " + oak::in_quotes(file)));
  auto facts = oak::read_facts(oak::as_text(read->bytes));
  if (!facts) return tl::unexpected(oak::explain(facts.error(), oak::in_quotes(file), "make it with: oak-machine-id facts --out FILE"));
  if (facts->machines.size() != 1)
    return tl::unexpected(Failure{Code::bad_facts, oak::in_quotes(file) + " holds " + std::to_string(facts->machines.size()) + " machines",
                                  "a rehearsal takes one"});
  return std::move(facts->machines.front().facts);
}

Outcome<int> run_check(World& world, const Options& options, const oak::TrustSource& source) {
  constexpr const char* whole = "oak-verifier check --product PRODUCT --version VERSION";
  if (!options.product) return usage("--product is missing", whole);
  if (!options.version) return usage("--version is missing", whole);
  OAK_ASSIGN(const std::uint64_t seats, parse_seats(options.seats));
  const auto question = oak::make_question(*options.version, seats);
  if (!question)
    return tl::unexpected(oak::explain({question.error().code, {}}, "--version " + oak::in_quotes(*options.version),
                                       "a version is up to four dotted numbers with an optional tag: 3.5.1, 4.0-rc1"));
  OAK_ASSIGN(oak::Check check, oak::Check::load(world.machine(options), source, *options.product));
  OAK_ASSIGN(const oak::Answer answer, check.answer(*question));
  oak::publish_status(world.machine(options), answer);
  print(options.json ? answer_json(answer) : answer_text(answer));
  if (!options.json) warn(answer.warnings);
  return answer.verdict == oak::Verdict::active ? 0 : 1;
}

Outcome<int> run_status(World& world, const Options& options, const oak::TrustSource& source) {
  OAK_ASSIGN(const auto products, oak::status(world.machine(options), source, options.product));
  print(options.json ? status_json(products) : status_text(products));
  for (const oak::ProductStatus& each : products)
    if (!options.json && each.answer) warn(each.answer->warnings);
  return status_exit_code(products);
}

Outcome<int> run_install(World& world, const Options& options, const oak::TrustSource& source) {
  if (!options.file) return usage("install needs a FILE", "oak-verifier install FILE");
  oak::InstallInput input;
  std::optional<oak::LicenceKey> licence_key;
  if (options.licence_key_file) {
    OAK_ASSIGN(const oak::SecretBytes text, read_secret(world, *options.licence_key_file));
    auto key = oak::parse_licence_key(oak::as_text(text.view()));
    if (!key) return tl::unexpected(oak::explain(key.error(), "licence key file " + oak::in_quotes(*options.licence_key_file)));
    licence_key.emplace(std::move(*key));
    input.licence_key = &*licence_key;
  }
  if (options.site_secret_file) {
    OAK_ASSIGN(const oak::SecretBytes secret, read_secret(world, *options.site_secret_file));
    input.site_secret.assign(secret.view().begin(), secret.view().end());
  }
  input.name = *options.file == "-" ? "standard input" : *options.file;
  const auto file = world.disk.read(*options.file, oak::max_armoured_bytes);
  if (!file) return tl::unexpected(oak::explain({file.error().code, {}}, "cannot open " + oak::in_quotes(input.name)));
  input.file = file->bytes;
  OAK_ASSIGN(oak::Installed installed, oak::install(world.machine(options), source, input));
  for (const std::string& product : installed.products) oak::publish_status(world.machine(options), source, product);
  installed.lines.insert(installed.lines.end(), installed.receipts_due.begin(), installed.receipts_due.end());
  if (options.json) {
    print(installed_json(installed));
    return 0;
  }
  warn(installed.warnings);
  for (const std::string& line : installed.lines) print(line + "\n");
  print("next: " + installed.next + "\n");
  return 0;
}

Outcome<int> run_doctor(World& world, const Options& options, const oak::TrustSource& source) {
  const oak::Machine machine = world.machine(options);
  std::vector<std::string> products;
  if (options.product) {
    OAK_TRY(oak::check_product_name(*options.product));
    products.push_back(*options.product);
  } else {
    auto found = oak::Store(machine.disk, machine.state_dir, machine.own_uid).products();
    if (!found) return tl::unexpected(oak::state_failure(found.error()));
    products = std::move(*found);
  }
  std::vector<oak::Diagnosis> diagnoses;
  for (const std::string& product : products) diagnoses.push_back(oak::diagnose(machine, source, product));
  if (options.bundle) {
    const auto existing = options.force ? oak::Existing::replace : oak::Existing::refuse;
    const std::string bundle = oak::bundle_json(machine, diagnoses);
    if (const auto written = world.disk.write(*options.bundle, oak::as_bytes(bundle), 0600, existing); !written)
      return tl::unexpected(oak::explain({written.error().code, {}}, "cannot write " + oak::in_quotes(*options.bundle)));
    if (*options.bundle == "-") return diagnosis_exit_code(diagnoses);
  }
  if (options.json) {
    print(diagnoses_json(diagnoses));
    return diagnosis_exit_code(diagnoses);
  }
  if (diagnoses.empty()) print("no product is activated on this machine\nnext: oak-request create --product PRODUCT --version VERSION\n");
  for (const oak::Diagnosis& each : diagnoses) print(diagnosis_text(each));
  if (options.bundle) print("for the vendor's support: " + *options.bundle + "\n");
  return diagnosis_exit_code(diagnoses);
}

Outcome<int> run_rehearse(World& world, const Options& options, const oak::TrustSource& source) {
  constexpr const char* whole = "oak-verifier rehearse --product PRODUCT [--facts FILE | --without COMPONENT[:LABEL]...]";
  if (!options.product) return usage("--product is missing", whole);
  if (options.facts && !options.without.empty()) return usage("--facts and --without don't go together", whole);
  oak::RehearsalInput input;
  for (const std::string& word : options.without) {
    OAK_ASSIGN(oak::Removal removal, oak::parse_removal(word));
    input.without.push_back(std::move(removal));
  }
  if (options.facts) {
    OAK_ASSIGN(input.facts, read_one_machine(world, *options.facts));
  }
  OAK_ASSIGN(const oak::Rehearsal rehearsal, oak::rehearse(world.machine(options), source, *options.product, input));
  print(options.json ? rehearsal_json(rehearsal) : rehearsal_text(rehearsal));
  if (!options.json) warn(rehearsal.warnings);
  return rehearsal.hardware.accept ? 0 : 1;
}

Outcome<int> run(const Options& options) {
  if (options.help) {
    print(help_text);
    return 0;
  }
  if (const auto started = oak::crypto_start(); !started) return tl::unexpected(oak::explain(started.error(), "cannot start"));
  World world;
  oak::TrustSource source;
  source.argument_file = options.trust;
  if (options.command == "check") return run_check(world, options, source);
  if (options.command == "status") return run_status(world, options, source);
  if (options.command == "doctor") return run_doctor(world, options, source);
  if (options.command == "install") return run_install(world, options, source);
  if (options.command == "rehearse") return run_rehearse(world, options, source);
  return usage("unknown command " + oak::in_quotes(options.command), commands_hint);
}

/// A check or a status that has no verdict could not answer, whatever the reason.
int exit_code(const std::string& command, const Failure& failure) { return command == "install" ? oak::exit_code_of(failure.code) : 2; }

int report(const std::string& command, bool json, const Failure& failure) {
  if (json) print(oak::failure_json(failure));
  std::fputs(oak::failure_text("oak-verifier", failure).c_str(), stderr);
  return exit_code(command, failure);
}

int run_words(int argc, char** argv, bool json) {
  const auto is = [&](const char* word) { return argc > 1 && std::strcmp(argv[1], word) == 0; };
  if (is("--version")) {
    print("oak-verifier " OAK_VERSION "\n");
    return 0;
  }
  if (is("--help") || is("help")) {
    print(help_text);
    return 0;
  }
  if (argc < 2 || argv[1][0] == '-') return report({}, json, {Code::usage, "a command is missing", commands_hint});
  const std::string command = argv[1];
  const auto done = parse(argc - 1, argv + 1).and_then(run);
  return done ? *done : report(command, json, done.error());
}

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IONBF, 0);  // an answer is one piece of text
  bool json = false;
  for (int i = 1; i < argc; ++i) json |= std::strcmp(argv[i], "--json") == 0;
  int code = 2;
  try {
    code = run_words(argc, argv, json);
  } catch (const std::exception& problem) {  // memory that the system would not give
    report({}, json, {Code::out_of_memory, problem.what(), {}});
  }
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    std::fputs("oak-verifier: error: cannot write to standard output\n", stderr);
    return 2;
  }
  return code;
}
