#pragma once
// Certificates over the network: requests in, the unattended desk's answers out (docs/format-serve.md, "Requests"). HTTP's thread reads
// and writes; another one decides, so that a disk that is slow keeps nobody's connection waiting.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "core/http/http.h"
#include "core/http/server.h"
#include "issuer/unattended.h"

namespace oak {

struct ServeRules {
  std::optional<RateLimit::Rate> address = RateLimit::Rate{60, 1'000};  ///< nullopt: a proxy in front limits addresses
  std::size_t most_waiting = 64;
};

class CertificateService final : public http::Handler {
 public:
  struct World {
    Clock& clock;
    BootClock& boot;
    /// Runs work on HTTP's thread, from any thread.
    std::function<void(std::function<void()>)> post;
    /// One line without its end, from any thread.
    std::function<void(const std::string&)> log;
  };

  /// `desk` outlives it, and nobody else uses it meanwhile.
  CertificateService(World world, UnattendedDesk& desk, const ServeRules& rules);
  ~CertificateService() override;
  CertificateService(const CertificateService&) = delete;
  CertificateService& operator=(const CertificateService&) = delete;

  std::optional<http::Response> refuse(const http::Head& head) override;
  void handle(const http::Head& head, std::string body, http::Respond respond) override;

 private:
  struct Job {
    std::string peer, body;
    http::Respond respond;
  };
  void work();
  void answer(Job job);

  World world_;
  UnattendedDesk& desk_;
  ServeRules rules_;
  std::optional<RateLimit> addresses_;
  RateLimit told_;  ///< so that whoever is turned away again and again fills no log
  std::mutex mutex_;
  std::condition_variable something_;
  std::deque<Job> waiting_;
  bool stopping_ = false;
  std::thread worker_;
};

/// What goes back for an answer of the desk's.
http::Response response_to(const UnattendedAnswer& answer);
/// The log's line: when, what, of whom. No secret, and hostile text is escaped.
std::string log_line(const UnattendedAnswer& answer, const std::string& peer, std::uint64_t now_unix_s);

}  // namespace oak
