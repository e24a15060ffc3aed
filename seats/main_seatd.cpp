// oak-seatd: lends this host's seats to computers. Flags and printing; nothing else.

#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/armour.h"
#include "core/http/server.h"
#include "core/json_writer.h"
#include "core/main_tool.h"
#include "core/text.h"
#include "seats/authority.h"
#include "seats/enrolment_code.h"
#include "seats/service.h"
#include "verifier/store.h"

namespace {

using namespace oak;
using namespace oak::seats;

constexpr std::string_view tool = "oak-seatd";
constexpr std::uint64_t look_again_ms = 60'000;

struct Options : ToolOptions {
  Options() : ToolOptions{tool} {}
  std::string product, listen, state_dir = state_dir_of_environment(), trust, server_key;
  bool plain = false;
  std::uint64_t ttl_s = 120, borrow_days = 30;
};

struct World {
  PosixDisk disk;
  LinuxHost host;
  SystemClock clock;
  SystemBootClock boot;
  SystemRandom random;
  Machine machine(const Options& options) { return {disk, host, clock, static_cast<std::uint32_t>(::geteuid()), options.state_dir}; }
};

Failure no_boot_id() {
  return {Code::internal, "the kernel does not say which boot this is", "mount /proc, or run it outside of the container"};
}

std::string store_folder(const std::string& state_dir, const std::string& product) { return state_dir + "/" + product + "/seats"; }

/// In a folder of its own, which may belong to a user that is not root.
template <typename Open>
Result<std::unique_ptr<seats::Store>> open_store(World& world, const Options& options, Open open) {
  const std::string folder = store_folder(options.state_dir, options.product);
  OAK_TRY(world.disk.make_folder(folder, 0700));
  return open(folder + "/seats.sqlite");
}

Failure store_problem(const Error& error) {
  return explain(error, "the server's state",
                 error.code == Code::damaged_state
                     ? "docs/seats.md, \"When the state is damaged\": what was lent must be over before a new one is begun"
                     : std::string_view{});
}

/// The one product that this host lends seats of, where none was named.
Outcome<std::string> only_product(World& world, const Options& options) {
  const auto products = oak::Store(world.disk, options.state_dir, static_cast<std::uint32_t>(::geteuid())).products();
  std::vector<std::string> lent;
  for (const std::string& product : products.value_or(std::vector<std::string>{}))
    if (world.disk.exists(store_folder(options.state_dir, product) + "/seats.sqlite")) lent.push_back(product);
  if (lent.size() == 1) return lent.front();
  if (lent.empty())
    return tl::unexpected(Failure{Code::not_found, "no seats are lent on this host",
                                  "start the server first: oak-seatd serve --product P --listen ADDR:PORT"});
  return tl::unexpected(
      Failure{Code::usage, "--product is missing: seats of several products are lent here", "for example --product " + lent.front()});
}

Rules rules_of(const Options& options, const Authority& authority) {
  Rules rules;
  rules.seats = authority.answer.activation ? authority.answer.activation->seats : 0;
  rules.ttl_ms = options.ttl_s * 1000;
  rules.retry_ms = std::max<std::uint64_t>(rules.ttl_ms / 12, 100);
  rules.borrow_days = options.borrow_days;
  rules.active = authority.is_active();
  return rules;
}

Lending lending_of(Authority&& authority) {
  Lending out;
  out.product = authority.answer.product;
  out.licence = authority.answer.activation->licence;
  out.activation = authority.answer.id;
  out.activation_text = armour_encode("OAK ACTIVATION", authority.document);
  out.document = std::move(authority.document);
  out.key = std::move(authority.key);
  return out;
}

TrustSource trust_of(const Options& options) {
  TrustSource source;
  if (!options.trust.empty()) source.argument_file = options.trust;
  return source;
}

/// While it runs: another activation may have come, or this one gone.
void look_again(World& world, const Options& options, Service& service) {
  if (const auto noted = service.note_time(); !noted) say(failure_text(tool, store_problem(noted.error())));
  auto found = find_authority(world.machine(options), trust_of(options), options.product, options.server_key);
  const bool was_active = service.rules().active;
  if (found && found->is_active()) {
    const Rules rules = rules_of(options, *found);
    if (!was_active) note(tool, "the activation is active again");
    return service.set_lending(rules, lending_of(std::move(*found)));
  }
  Rules rules = service.rules();
  rules.active = false;
  service.set_rules(rules);
  if (!was_active) return;
  warn(tool, fmt::format("the activation is no longer active ({}): held seats go on to their end, nothing new is lent",
                         found ? std::string(verdict_name(found->answer.verdict)) : found.error().message));
}

/// The first look: without an active activation there is nothing to lend.
Outcome<Authority> first_look(World& world, const Options& options) {
  OAK_ASSIGN(Authority authority, find_authority(world.machine(options), trust_of(options), options.product, options.server_key));
  if (authority.is_active()) return authority;
  std::string why =
      "this host's activation of " + in_quotes(options.product) + " is not active: " + std::string(verdict_name(authority.answer.verdict));
  for (const std::string& detail : authority.answer.details) why += "; " + detail;
  return tl::unexpected(Failure{Code::not_activated, why, authority.answer.next});
}

int serve(World& world, const Options& options) {
  const auto endpoint = http::parse_endpoint(options.listen);
  if (!endpoint) return report(options, {Code::usage, "--listen: " + endpoint.error().context, "for example --listen 0.0.0.0:7443"});
  if (options.plain && !http::is_loopback(endpoint->host))
    return report(options,
                  {Code::usage, "--plain is for loopback only: " + in_quotes(endpoint->host), "leave out --plain, or listen on 127.0.0.1"});
  auto authority = first_look(world, options);
  if (!authority) return report(options, authority.error());
  const Rules rules = rules_of(options, *authority);
  std::optional<http::TlsContext> tls;
  if (!options.plain) {
    auto made = http::TlsContext::server_with_key(authority->key);
    if (!made) return report(options, explain(made.error(), "cannot start"));
    tls = std::move(*made);
  }
  const auto boot_id = world.boot.boot_id();
  if (!boot_id) return report(options, no_boot_id());
  auto store = open_store(world, options, seats::Store::open_as_server);
  if (!store) return report(options, store_problem(store.error()));

  std::function<void(std::function<void()>)> post;
  auto service = Service::start({world.clock, world.boot, world.random, **store, *boot_id, [&](auto work) { post(std::move(work)); }},
                                rules, lending_of(std::move(*authority)));
  if (!service) return report(options, store_problem(service.error()));
  for (const std::string& row : (*service)->damage()) warn(tool, "seats.sqlite is damaged: " + row);
  http::ServerLimits limits;
  limits.connections = 4096;
  auto server = http::Server::listen(*endpoint, std::move(tls), **service, limits);
  if (!server)
    return report(options, explain(server.error(), "cannot listen on " + in_quotes(options.listen),
                                   "name an address of this machine and a free port"));
  post = [&](std::function<void()> work) { server->post(std::move(work)); };
  server->every(look_again_ms, [&] { look_again(world, options, **service); });
  server->stop_on_signals();
  note(tool, fmt::format("lending {} seats of {} on {}:{}", rules.seats, options.product, endpoint->host, server->port()));
  server->run();
  return 0;
}

int code(World& world, Options& options) {
  if (options.product.empty()) {
    auto product = only_product(world, options);
    if (!product) return report(options, product.error());
    options.product = std::move(*product);
  }
  const oak::Store state(world.disk, options.state_dir, static_cast<std::uint32_t>(::geteuid()));
  const auto key = state.key_pair(options.product, MachineKey::seat_server);
  if (!key) return report(options, state_failure(key.error()));
  const auto boot_id = world.boot.boot_id();
  if (!boot_id) return report(options, no_boot_id());
  auto store = open_store(world, options, seats::Store::open_beside);
  if (!store) return report(options, store_problem(store.error()));
  const EnrolmentCode made = make_enrolment_code(key->public_key, world.random);
  const std::uint64_t now_ms = world.boot.now_boot_ms();
  const auto put = (*store)->put_code({sha256(made.secret), *boot_id, now_ms + code_lifetime_s * 1000, std::nullopt}, now_ms);
  if (!put) return report(options, explain(put.error(), "cannot keep the code"));
  const std::string text = format_enrolment_code(made);
  if (options.json) {
    JsonWriter json;
    json.begin_object().key("code").text(text).key("expires_in_s").number(code_lifetime_s).end_object();
    print(json.str() + "\n");
  } else {
    print(fmt::format("{}\nfor one computer, within 10 minutes: oak-seat enrol --server https://THIS-HOST:PORT --product {} --code {}\n",
                      text, options.product, text));
  }
  return 0;
}

int run(int argc, char** argv) {
  rlimit files = {};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;  // a connection is a descriptor
    ::setrlimit(RLIMIT_NOFILE, &files);
  }
  Options options;
  CommandLine<World> commands("Lends the seats of this host's activation to computers on the network.", options);
  commands.app.add_option("--state-dir", options.state_dir, "where this machine keeps its state (or OAK_STATE_DIR)")->capture_default_str();
  CLI::App* serve_app = commands.app.add_subcommand("serve", "lend seats, until stopped by a signal");
  serve_app->add_option("--product", options.product, "the product, as the vendor names it")->required();
  serve_app->add_option("--listen", options.listen, "ADDRESS:PORT")->required();
  serve_app->add_flag("--plain", options.plain, "without TLS, on loopback only");
  serve_app->add_option("--trust", options.trust, "the vendor's trust file");
  serve_app->add_option("--server-key", options.server_key,
                        "a copy of the seat server's key that this user may read (default: the state's)");
  serve_app->add_option("--ttl", options.ttl_s, "seconds that a seat is held without a heartbeat")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  serve_app->add_option("--borrow-days", options.borrow_days, "the longest that a seat may be borrowed; 0: not at all")
      ->check(CLI::Range(0, 365))
      ->capture_default_str();
  CLI::App* code_app = commands.app.add_subcommand("code", "a one-time code that enrols a computer");
  code_app->add_option("--product", options.product, "where seats of several products are lent here");
  commands.add(serve_app, [&](World& world) { return serve(world, options); });
  commands.add(code_app, [&](World& world) { return code(world, options); });
  if (const auto ended = parse(commands.app, argc, argv, options)) return *ended;
  if (!options.product.empty())
    if (const auto checked = check_product_name(options.product); !checked) return report(options, checked.error());
  World world;
  return commands.run(world, options);
}

}  // namespace

int main(int argc, char** argv) {
  return run_tool(tool, [&] { return run(argc, argv); });
}
