// oak-request refresh.

#include "request/main.h"

#include "core/http/client.h"
#include "core/text.h"
#include "machine-id/permanent_mac.h"
#include "request/refresh_report.h"
#include "verifier/status_file.h"

namespace oak::site_tool {
namespace {

constexpr std::size_t max_pem_bytes = 1 << 20, max_answer_bytes = 65536;
constexpr std::uint64_t connect_ms = 5'000, answer_ms = 20'000;

struct RefreshOptions {
  std::string server, server_cert, server_key, proxy;
  bool verbose = false;
};

tl::unexpected<Failure> usage(std::string message, std::string hint) {
  return tl::unexpected(Failure{Code::usage, std::move(message), std::move(hint)});
}

std::optional<PublicKey> key_from_hex(std::string_view hex) {
  PublicKey key{};
  const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; };
  if (hex.size() != 2 * key.size()) return std::nullopt;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    key[i] = static_cast<std::uint8_t>(16 * high + low);
  }
  return is_valid_public_key(key) ? std::optional(key) : std::nullopt;
}

/// The vendor's server over HTTP. Nothing is connected before something is asked.
class HttpServer final : public CertificateServer {
 public:
  explicit HttpServer(http::Client client) : client_(std::move(client)) {}
  Result<ServedAnswer> ask(ByteView request) override {
    OAK_ASSIGN(http::Response answer, client_.ask("POST", "/v1/certificate", std::string(as_text(request)), "application/cose"));
    return ServedAnswer{answer.status, std::move(answer.body)};
  }

 private:
  http::Client client_;
};

/// How the server is known (docs/format-serve.md, "Who is who").
Outcome<http::TlsContext> client_tls(World& world, const RefreshOptions& given) {
  std::string authorities;
  if (!given.server_cert.empty()) {
    const auto file = world.disk.read(given.server_cert, max_pem_bytes);
    if (!file) return tl::unexpected(explain({file.error().code, {}}, "cannot read " + in_quotes(given.server_cert)));
    authorities = as_text(file->bytes);
    if (authorities.empty())
      return usage("--server-cert " + in_quotes(given.server_cert) + " is empty",
                   "a PEM file of authorities, or of the server's own certificate");
  }
  auto context = given.server_key.empty() ? http::TlsContext::client_of_authority(authorities) : http::TlsContext::client_of_key(nullptr);
  if (!context)
    return tl::unexpected(
        explain(context.error(), given.server_cert.empty() ? "cannot start TLS" : "--server-cert " + in_quotes(given.server_cert)));
  return std::move(*context);
}

Outcome<HttpServer> server_of(World& world, const RefreshOptions& given) {
  const auto url = http::parse_url(given.server);
  if (!url) return usage("--server: " + url.error().context, "for example --server https://licences.vendor.example");
  if (!given.server_cert.empty() && !given.server_key.empty())
    return usage("--server-cert and --server-key can't stand together", "one of them says how the server is known");
  if (!url->tls && !http::is_loopback(url->endpoint.host))
    return usage("without TLS only a server on this machine is asked: " + in_quotes(given.server), "use https://");
  std::optional<http::TlsContext> tls;
  if (url->tls) {
    OAK_ASSIGN(tls, client_tls(world, given));
  }
  std::function<bool(const PublicKey&)> expects;
  if (!given.server_key.empty()) {
    const auto pinned = key_from_hex(given.server_key);
    if (!pinned)
      return usage("--server-key " + in_quotes(given.server_key) + " is not a key",
                   "64 digits of small hex, as oak-issuer serve shows them");
    expects = [key = *pinned](const PublicKey& shown) { return shown == key; };
  }
  http::Client client(*url, std::move(tls), std::move(expects), {connect_ms, answer_ms, max_answer_bytes});
  if (!given.proxy.empty()) {
    const auto proxy = http::parse_url(given.proxy);
    if (!proxy || proxy->tls || !proxy->base.empty())
      return usage("--proxy " + in_quotes(given.proxy) + " is not http://HOST:PORT", "for example --proxy http://proxy.site.example:3128");
    if (!url->tls) return usage("--proxy is for https alone", "leave it out: a server on this machine is asked without one");
    client.go_through(proxy->endpoint);
  }
  return HttpServer(std::move(client));
}

Outcome<int> refresh_now(World& world, const Options& options, const RefreshOptions& given) {
  OAK_ASSIGN(HttpServer server, server_of(world, given));
  OAK_ASSIGN(const std::optional<LicenceKey> key, read_licence_key(world, options));
  OAK_ASSIGN(const Bytes secret, read_site_secret(world, options));
  const RefreshWorld refreshing{world.machine(options), world.random, [&world] { return collect(world.host, PermanentAddresses()); }};
  const RefreshInput input{options.product, options.version, key ? &*key : nullptr, options.seats, options.site, secret};
  OAK_ASSIGN(const std::vector<Refreshed> all, refresh(refreshing, trust_source(options), input, server));
  publish_status(world.machine(options), trust_source(options), options.product);
  say(refreshed_messages(tool, all, options.product, given.verbose || world.terminal.interactive()));
  print(options.json ? refreshed_json(all, options.product) : refreshed_text(all));
  return refreshed_exit_code(all);
}

}  // namespace

void add_refresh_command(Commands& commands, Options& options) {
  CLI::App* command = commands.app.add_subcommand("refresh", "renew a certificate that ends soon, where the vendor's server answers");
  const auto given = std::make_shared<RefreshOptions>();
  command->add_option("--product", options.product, "the product, as the vendor names it")->required();
  command->add_option("--server", given->server, "https://HOST[:PORT], as the vendor names it")->required();
  command->add_option("--server-cert", given->server_cert, "authorities that vouch for the server, PEM (default: the system's)");
  command->add_option("--server-key", given->server_key, "the server's own key, in place of an authority (hex)");
  command->add_option("--proxy", given->proxy, "http://HOST:PORT of a proxy that leads to the server (default: none)");
  command->add_option("--version", options.version, "the product's version (default: the lowest that the certificate covers)");
  command->add_option("--seats", options.seats, "seats of a first certificate")->capture_default_str();
  command->add_option("--site", options.site, "a label for the vendor, of a first certificate");
  command->add_flag("--verbose", given->verbose, "say why nothing was renewed");
  add_trust_option(*command, options);
  add_state_options(*command, options);
  commands.add(command, [&options, given](World& world) {
    const Outcome<int> done = refresh_now(world, options, *given);
    return done ? *done : report(options, done.error());
  });
}

}  // namespace oak::site_tool
