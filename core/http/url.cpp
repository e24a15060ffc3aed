#include <charconv>

#include "core/http/http.h"

namespace oak::http {
namespace {

bool is_host(std::string_view host) {
  if (host.empty() || host.size() > 253) return false;
  return host.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:_%") == std::string_view::npos;
}

std::optional<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), port);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

/// Host and the text after its colon, which is empty where there is none.
std::optional<std::pair<std::string, std::string>> split_authority(std::string_view text) {
  std::size_t end = 0;
  std::string host;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    host = text.substr(1, close - 1);
    end = close + 1;
  } else {
    end = std::min(text.find(':'), text.size());
    host = text.substr(0, end);
  }
  if (!is_host(host) || (end < text.size() && text[end] != ':')) return std::nullopt;
  return std::pair(host, std::string(end < text.size() ? text.substr(end + 1) : std::string_view{}));
}

}  // namespace

Result<Endpoint> parse_endpoint(const std::string& text) {
  const auto parts = split_authority(text);
  const auto port = parts ? port_of(parts->second) : std::nullopt;
  if (!port) return fail(Code::bad_field, "'" + text + "' is not ADDRESS:PORT");
  return Endpoint{parts->first, *port};
}

bool is_loopback(const std::string& host) {
  if (host == "::1") return true;
  return host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string::npos;
}

Result<Url> parse_url(const std::string& text) {
  Url url;
  std::string_view rest = text;
  const auto refuse = [&] { return fail(Code::bad_field, "'" + text + "' is not https://HOST[:PORT]"); };
  if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    url.tls = false;
    rest.remove_prefix(7);
  } else {
    return refuse();
  }
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  url.base = rest.substr(slash);
  while (url.base.ends_with('/')) url.base.pop_back();
  if (url.base.find_first_of("?# \t\r\n") != std::string::npos) return refuse();
  const auto parts = split_authority(rest.substr(0, slash));
  if (!parts) return refuse();
  const auto port = parts->second.empty() ? std::optional<std::uint16_t>(url.tls ? 443 : 80) : port_of(parts->second);
  if (!port) return refuse();
  url.endpoint = {parts->first, *port};
  return url;
}

}  // namespace oak::http
