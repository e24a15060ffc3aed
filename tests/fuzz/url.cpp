#include "core/http/http.h"
#include "tests/fuzz/fuzz.h"

namespace oak::fuzz {

void run(ByteView input) {
  const std::string text(as_text(input));
  if (const auto at = http::parse_endpoint(text)) require(!at->host.empty(), "an endpoint has a host");
  (void)http::is_loopback(text);
  const auto url = http::parse_url(text);
  if (!url) return;
  require(!url->endpoint.host.empty() && url->endpoint.port != 0, "a server has a host and a port");
  require(url->base.empty() || (url->base.front() == '/' && url->base.back() != '/'), "a base begins with a slash and ends with none");
  require(text.find_first_of(" \r\n") == std::string::npos, "nothing can slip into a request line");
}

std::vector<Bytes> seeds() {
  return {as_bytes("https://seats.example:7443/oak"), as_bytes("http://127.0.0.1:80"), as_bytes("https://[::1]:7443/a/b"),
          as_bytes("127.0.0.1:7443"), as_bytes("[::1]:1")};
}

}  // namespace oak::fuzz
