// oak-issuer serve: the desk's issuing of certificates over the network, while nobody is at it.

#include "issuer/main.h"

#include <fmt/core.h>
#include <sys/resource.h>

#include <algorithm>

#include "core/json_writer.h"
#include "core/text.h"
#include "issuer/checkpointing.h"
#include "issuer/keys.h"
#include "issuer/serve.h"

namespace oak::desk_tool {
namespace {

constexpr std::uint64_t operator_wait_ms = 2'000, idle_ms = 15'000, warn_before_s = 30 * 86'400;
constexpr std::size_t max_pem_bytes = 1 << 20;

struct ServeOptions {
  std::string listen, tls_cert, tls_key;
  std::uint64_t days = 30, per_minute = 60;
  bool plain = false;
};

Outcome<http::Endpoint> endpoint_of(const ServeOptions& given) {
  const auto endpoint = http::parse_endpoint(given.listen);
  if (!endpoint) return tl::unexpected(Failure{Code::usage, "--listen: " + endpoint.error().context, "for example --listen 0.0.0.0:8443"});
  if (given.tls_cert.empty() != given.tls_key.empty())
    return tl::unexpected(
        Failure{Code::usage, "--tls-cert and --tls-key go together", "the certificate's chain and its private key, as PEM files"});
  if (given.plain && !given.tls_cert.empty())
    return tl::unexpected(
        Failure{Code::usage, "--plain and --tls-cert can't stand together", "--plain is for a proxy on this host that ends TLS"});
  if (given.plain && !http::is_loopback(endpoint->host))
    return tl::unexpected(
        Failure{Code::usage, "--plain is for loopback only: " + in_quotes(endpoint->host), "leave out --plain, or listen on 127.0.0.1"});
  return *endpoint;
}

Outcome<std::string> read_pem(World& world, const std::string& path) {
  auto file = world.disk.read(path, max_pem_bytes);
  if (!file) return tl::unexpected(explain({file.error().code, {}}, "cannot read " + in_quotes(path)));
  std::string text(as_text(file->bytes));
  wipe(file->bytes.data(), file->bytes.size());
  return text;
}

struct ServerTls {
  std::optional<http::TlsContext> context;  ///< nullopt: in the clear
  std::optional<PublicKey> pin;             ///< of the desk's own key
};
Outcome<ServerTls> server_tls(World& world, const ServeOptions& given, const HeldKeys& keys) {
  if (given.plain) return ServerTls{};
  if (given.tls_cert.empty()) {
    KeyPair own;
    own.seed = hkdf_sha256(keys.ledger_key().view(), as_bytes("oak/v1/desk"), as_bytes("oak/v1/serve-tls-key"));
    own.public_key = public_key_of(own.seed);
    auto context = http::TlsContext::server_with_key(own);
    if (!context) return tl::unexpected(explain(context.error(), "cannot start TLS"));
    return ServerTls{std::move(*context), own.public_key};
  }
  OAK_ASSIGN(const std::string chain, read_pem(world, given.tls_cert));
  OAK_ASSIGN(std::string key, read_pem(world, given.tls_key));
  auto context = http::TlsContext::server_with_chain(chain, key);
  wipe(key.data(), key.size());
  if (!context)
    return tl::unexpected(explain(context.error(), "--tls-cert " + in_quotes(given.tls_cert) + " and --tls-key " + in_quotes(given.tls_key),
                                  "the certificate first, then its chain; and the private key that belongs to it, without a passphrase"));
  return ServerTls{std::move(*context), std::nullopt};
}

/// A connection is a descriptor.
void raise_descriptors() {
  rlimit files = {};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

void log(const std::string& line) { say(line + "\n"); }

/// What the server is, once it listens: for people, and with --json for whoever started it.
void announce(const Options& options, const ServeOptions& given, const IssuerKey& issuer, const ServerTls& tls) {
  if (options.json) {
    JsonWriter json;
    json.begin_object().key("listen").text(given.listen).key("issuer").text(issuer.name).key("server_key");
    tls.pin ? json.text(to_hex(*tls.pin)) : json.null();
    print(json.end_object().str() + "\n");
    std::fflush(stdout);
  }
  note(tool, fmt::format("answering on {} with {}, for certificates of {} days", given.listen, issuer.name, given.days));
  if (tls.pin) note(tool, fmt::format("sites know this server by --server-key {}", to_hex(*tls.pin)));
}

Outcome<void> check_issuer(World& world, const IssuerKey& issuer, const ServeOptions& given) {
  const IssuerCertificate& terms = *issuer.terms;
  if (terms.max_days && given.days > *terms.max_days)
    return tl::unexpected(
        Failure{Code::issuer_not_allowed,
                fmt::format("issuer key {} may sign certificates of at most {} days", in_quotes(issuer.name), *terms.max_days),
                fmt::format("--days {}", *terms.max_days)});
  if (terms.not_after_unix_s < world.clock.now_unix_s() + warn_before_s)
    warn(tool, fmt::format("the certificate of {} ends at {}: renew it with oak-issuer key certify --issuer {}", issuer.name,
                           utc_text(terms.not_after_unix_s), issuer.name));
  return {};
}

Outcome<int> serve(World& world, const Options& options, const ServeOptions& given) {
  OAK_ASSIGN(const http::Endpoint endpoint, endpoint_of(given));
  DeskWorld desk_world = world.desk(options);
  desk_world.lock_wait_ms = operator_wait_ms;
  OAK_ASSIGN(const Desk reading, Desk::open(desk_world, options.desk, DeskUse::read));
  if (reading.rolled_back()) return tl::unexpected(rolled_back_failure(*reading.rolled_back()));
  OAK_ASSIGN(const IssuerKey issuer, certificate_issuer(world.disk, reading, options.issuer));
  OAK_TRY(check_issuer(world, issuer, given));
  desk_world.issuer = issuer.name;
  HeldKeys keys;
  warn_of_swap(keys);
  OAK_TRY(keys.unlock_all(reading, desk_world));
  OAK_ASSIGN(ServerTls tls, server_tls(world, given, keys));

  raise_descriptors();
  UnattendedRules unattended;
  unattended.days = given.days;
  UnattendedDesk desk(desk_world, options.desk, keys, unattended);
  ServeRules rules;
  rules.address = RateLimit::Rate{given.per_minute, 60'000 / given.per_minute};
  http::ServerLimits limits;
  limits.keep_ms = idle_ms;
  if (given.plain) {  // everybody comes by way of the proxy
    rules.address.reset();
    limits.connections_per_peer = limits.connections;
  }
  SystemBootClock boot;
  std::optional<http::Server> server;
  CertificateService service({world.clock, boot, [&](auto work) { server->post(std::move(work)); }, log}, desk, rules);
  auto listening = http::Server::listen(endpoint, tls.context, service, limits);
  if (!listening)
    return tl::unexpected(
        explain(listening.error(), "cannot listen on " + in_quotes(given.listen), "name an address of this machine and a free port"));
  server.emplace(std::move(*listening));
  server->stop_on_signals();
  announce(options, given, issuer, tls);
  server->run();
  note(tool, "stopped");
  return 0;
}

}  // namespace

void add_serve_command(Commands& commands, Options& options) {
  CLI::App* app = commands.app.add_subcommand("serve", "answer sites over the network with certificates, until stopped by a signal");
  const auto given = std::make_shared<ServeOptions>();
  app->add_option("--listen", given->listen, "ADDRESS:PORT")->required();
  app->add_option("--days", given->days, "of a certificate")->check(CLI::Range(1, 3660))->capture_default_str();
  app->add_option("--tls-cert", given->tls_cert,
                  "the server's certificate and its chain, PEM (default: a key of the desk's, which sites pin)");
  app->add_option("--tls-key", given->tls_key, "its private key, PEM");
  app->add_option("--per-minute", given->per_minute, "requests a minute that one address may make")
      ->check(CLI::Range(1, 6000))
      ->capture_default_str();
  app->add_flag("--plain", given->plain, "without TLS, on loopback only: behind a proxy that ends it");
  commands.add(app, [&options, given, &app = commands.app](World& world) {
    Options mine = options;
    if (app.count("--operator") == 0) mine.operator_name = "serve";
    const Outcome<int> done = serve(world, mine, *given);
    return done ? *done : report(mine, done.error());
  });
}

}  // namespace oak::desk_tool
