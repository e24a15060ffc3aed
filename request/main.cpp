// oak-request: what a site admin runs on the machine that asks. Flags, prompts and printing; nothing else.

#include "request/main.h"

#include <unistd.h>

#include <array>

#include "core/text.h"
#include "verifier/advice.h"
#include "verifier/store.h"

namespace oak::site_tool {
namespace {

constexpr std::size_t max_key_text_bytes = 4096, max_site_secret_bytes = 65536;

Outcome<Bytes> read_file(World& world, const std::string& path, std::size_t max_bytes) {
  auto file = world.disk.read(path, max_bytes);
  if (!file) return tl::unexpected(explain({file.error().code, {}}, "cannot read " + in_quotes(path)));
  return std::move(file->bytes);
}

}  // namespace

Machine World::machine(const Options& options) { return {disk, host, clock, static_cast<std::uint32_t>(::geteuid()), options.state_dir}; }

Outcome<std::optional<LicenceKey>> read_licence_key(World& world, const Options& options) {
  if (options.licence_key_file.empty()) return std::optional<LicenceKey>{};
  OAK_ASSIGN(Bytes text, read_file(world, options.licence_key_file, max_key_text_bytes));
  auto key = parse_licence_key(as_text(text));
  wipe(text.data(), text.size());
  if (!key) return tl::unexpected(explain(key.error(), "the licence key in " + in_quotes(options.licence_key_file)));
  return std::optional<LicenceKey>(std::move(*key));
}

Outcome<Bytes> read_site_secret(World& world, const Options& options) {
  if (options.site_secret_file.empty()) return Bytes{};
  OAK_ASSIGN(Bytes secret, read_file(world, options.site_secret_file, max_site_secret_bytes));
  if (secret.empty())
    return tl::unexpected(Failure{Code::empty_input, in_quotes(options.site_secret_file) + " is empty",
                                  "a site secret is any file of at least 32 random bytes, kept by the site"});
  return secret;
}

TrustSource trust_source(const Options& options) {
  TrustSource source;
  if (!options.trust.empty()) source.argument_file = options.trust;
  return source;
}

Outcome<std::string> contact_of_vendor(World& world, const Options& options) {
  const auto found = find_trust(world.disk, trust_source(options), options.product);
  if (!options.trust.empty() && !found) return tl::unexpected(found.error());
  if (!options.trust.empty() && found->problem) return tl::unexpected(*found->problem);
  return found && found->trust ? found->trust->contact : std::string();
}

Existing existing_of(const Options& options) { return options.force ? Existing::replace : Existing::refuse; }

std::string default_file_name(World& world, const Options& options, std::string_view product, std::string_view ending) {
  std::array<char, 256> host{};
  const bool is_known = ::gethostname(host.data(), host.size() - 1) == 0 && is_name(host.data(), 64);
  const std::string stem = std::string(product) + "-" + (is_known ? host.data() : "machine") + "-" + utc_date(world.clock.now_unix_s());
  std::string name = stem + std::string(ending);
  for (int i = 2; !options.force && world.disk.exists(name) && i < 1000; ++i) name = stem + "-" + std::to_string(i) + std::string(ending);
  return name;
}

std::string state_option(const Options& options) {
  return options.state_dir == default_state_dir ? std::string() : " --state-dir " + shell_word(options.state_dir);
}

std::string state_and_trust_options(const Options& options) {
  return state_option(options) + (options.trust.empty() ? std::string() : " --trust " + shell_word(options.trust));
}

void add_state_option(CLI::App& command, Options& options) {
  command.add_option("--state-dir", options.state_dir, "where this machine keeps its state (or OAK_STATE_DIR)")->capture_default_str();
}

void add_state_options(CLI::App& command, Options& options) {
  add_state_option(command, options);
  command.add_option("--licence-key-file", options.licence_key_file, "a file that holds the licence key");
  command.add_option("--site-secret-file", options.site_secret_file, "the site's own secret, which keeps hardware digests from the vendor");
}

void add_trust_option(CLI::App& command, Options& options) { command.add_option("--trust", options.trust, "the vendor's trust file"); }

void add_carrier_options(CLI::App& command, Options& options, const std::string& what) {
  command.add_option("--out", options.out, what + " file; - is standard output");
  command.add_option("--qr", options.qr, "QR symbols too: a .png or .svg file, or - for the terminal");
  command.add_option("--sheet", options.sheet, "a page to print, too: an .html file");
}

namespace {

int run(int argc, char** argv) {
  World world;
  Options options;
  Commands commands("Asks for an activation of this machine, stores the vendor's answer, and gives it back.", options);
  commands.app.add_flag("--force", options.force, "replace an existing file");
  add_create_command(commands, options);
  add_document_commands(commands, options);
  add_import_command(commands, options);
  add_return_command(commands, options);
  add_refresh_command(commands, options);
  if (const auto ended = parse(commands.app, argc, argv, options)) return *ended;
  return commands.run(world, options);
}

}  // namespace
}  // namespace oak::site_tool

int main(int argc, char** argv) {
  using namespace oak::site_tool;
  return oak::run_tool(tool, [&] { return run(argc, argv); });
}
