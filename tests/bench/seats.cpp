// Asks a seat server as fast as it answers: seats enrol STORE COMPUTERS, then seats ask URL CLIENTS SECONDS FIRST COMPUTERS.
// Computers are numbers, from which their keys are made. Each client is a thread with one connection that asks, waits for the answer and asks
// again. Prints a table; the numbers are of the whole, clients included, who share the machine with the server.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <thread>

#include "core/http/client.h"
#include "core/text.h"
#include "seats/seat_json.h"
#include "seats/store.h"

namespace oak::seats {
namespace {

using Moment = std::chrono::steady_clock;

[[noreturn]] void give_up(const std::string& what) {
  std::fprintf(stderr, "bench: %s\n", what.c_str());
  std::exit(1);
}

KeyPair key_of(std::uint64_t number) {
  const std::string text = "bench " + std::to_string(number);
  KeyPair pair;
  pair.seed = Seed(sha256(as_bytes(text)));
  pair.public_key = public_key_of(pair.seed);
  return pair;
}

void enrol_all(const std::string& path, std::uint64_t computers) {
  SystemRandom random;
  auto store = Store::open_as_server(path);
  if (!store) give_up(store.error().context);
  Pool pool({}, random);
  for (std::uint64_t i = 0; i < computers; ++i) pool.enrol(key_of(i).public_key, "computer " + std::to_string(i), {});
  const Pool::Changes changes = pool.take_changes();
  const std::map<Digest, PublicKey> no_codes;
  if (const auto written = (*store)->write(Batch{pool, changes, no_codes, {}}); !written) give_up(written.error().context);
}

/// One computer, as it speaks to the server.
class Asker {
 public:
  Asker(const http::Url& url, std::uint64_t number) : key_(key_of(number)), random_(), client_(url, context(key_), [](const PublicKey&) { return true; }) {}
  /// The seat answer; what the server refuses ends the bench.
  SeatAnswer ask(const std::string& path) {
    const auto response = client_.ask("POST", path, seat_request_json({{token_, random_bytes<16>(random_)}, 0}));
    if (!response) give_up(response.error().context);
    if (response->status != 200) give_up(response->body);
    // The least that tells: a computer would verify the lease too, on its own time.
    SeatAnswer answer;
    answer.held = response->body.find("\"held\": true") != std::string::npos;
    const std::size_t at = response->body.find("\"token\": \"");
    if (at == std::string::npos) give_up(response->body);
    Token token{};
    for (std::size_t i = 0; i < token.size(); ++i)
      token[i] = static_cast<std::uint8_t>(std::stoul(response->body.substr(at + 10 + 2 * i, 2), nullptr, 16));
    token_ = token;
    return answer;
  }
  /// A question without a content, which the server refuses for its form and nothing else.
  void ask_nothing() {
    const auto response = client_.ask("POST", "/v1/heartbeat", {});
    if (!response) give_up(response.error().context);
    if (response->status != 400) give_up("an empty question was answered with " + std::to_string(response->status));
  }

 private:
  static http::TlsContext context(const KeyPair& key) {
    auto made = http::TlsContext::client_of_key(&key);
    if (!made) give_up(made.error().context);
    return *made;
  }
  KeyPair key_;
  SystemRandom random_;
  std::optional<Token> token_;
  http::Client client_;
};

struct Figures {
  double rate = 0, p50 = 0, p90 = 0, p99 = 0, most = 0;  ///< a second, and milliseconds
};

Figures figures_of(std::vector<double> ms, double seconds) {
  if (ms.empty()) give_up("nothing was answered");
  std::sort(ms.begin(), ms.end());
  const auto at = [&](double part) { return ms[std::min(ms.size() - 1, static_cast<std::size_t>(part * static_cast<double>(ms.size())))]; };
  return {static_cast<double>(ms.size()) / seconds, at(0.5), at(0.9), at(0.99), ms.back()};
}

void print_row(const char* name, const Figures& f) {
  std::printf("%-42s %9.0f %9.2f %9.2f %9.2f %9.2f\n", name, f.rate, f.p50, f.p90, f.p99, f.most);
  std::fflush(stdout);
}

/// All clients at once, each with its own computer, for so long.
Figures run_all(std::vector<std::unique_ptr<Asker>>& askers, double seconds, const std::function<void(Asker&)>& once) {
  std::vector<std::vector<double>> times(askers.size());
  std::vector<std::thread> threads;
  const auto start = Moment::now(), end = start + std::chrono::milliseconds(static_cast<int>(seconds * 1000));
  for (std::size_t i = 0; i < askers.size(); ++i)
    threads.emplace_back([&, i] {
      while (Moment::now() < end) {
        const auto sent = Moment::now();
        once(*askers[i]);
        times[i].push_back(std::chrono::duration<double, std::milli>(Moment::now() - sent).count());
      }
    });
  for (std::thread& thread : threads) thread.join();
  const double took = std::chrono::duration<double>(Moment::now() - start).count();
  std::vector<double> all;
  for (const auto& part : times) all.insert(all.end(), part.begin(), part.end());
  return figures_of(std::move(all), took);
}

/// Each computer once, over a connection of its own: name, handshake, question.
Figures ask_each(const http::Url& url, std::uint64_t computers, std::size_t clients, std::atomic<std::uint64_t>& held) {
  std::atomic<std::uint64_t> next{0};
  std::vector<std::vector<double>> times(clients);
  std::vector<std::thread> threads;
  const auto start = Moment::now();
  for (std::size_t i = 0; i < clients; ++i)
    threads.emplace_back([&, i] {
      for (std::uint64_t number = next++; number < computers; number = next++) {
        const auto sent = Moment::now();
        held += Asker(url, number).ask("/v1/acquire").held ? 1U : 0U;
        times[i].push_back(std::chrono::duration<double, std::milli>(Moment::now() - sent).count());
      }
    });
  for (std::thread& thread : threads) thread.join();
  const double took = std::chrono::duration<double>(Moment::now() - start).count();
  std::vector<double> all;
  for (const auto& part : times) all.insert(all.end(), part.begin(), part.end());
  return figures_of(std::move(all), took);
}

void measure(const http::Url& url, std::size_t clients, double seconds, std::uint64_t first, std::uint64_t computers) {
  std::printf("%-42s %9s %9s %9s %9s %9s\n", "", "a second", "p50 ms", "p90 ms", "p99 ms", "max ms");
  std::vector<std::unique_ptr<Asker>> askers;
  for (std::size_t i = 0; i < clients; ++i) askers.push_back(std::make_unique<Asker>(url, first + i));
  std::atomic<std::uint64_t> held{0};
  for (auto& asker : askers) held += asker->ask("/v1/acquire").held ? 1U : 0U;
  const Figures nothing = run_all(askers, seconds, [](Asker& asker) { asker.ask_nothing(); });
  print_row("an empty question", nothing);
  const Figures acquire = run_all(askers, seconds, [](Asker& asker) { asker.ask("/v1/acquire"); });
  print_row("acquire", acquire);
  const Figures heartbeat = run_all(askers, seconds, [](Asker& asker) { asker.ask("/v1/heartbeat"); });
  print_row("heartbeat", heartbeat);
  std::printf("%zu clients, %llu of them with a seat; of empty questions' rate: acquire %.2f, heartbeat %.2f\n", clients,
              static_cast<unsigned long long>(held.load()), acquire.rate / nothing.rate, heartbeat.rate / nothing.rate);
  if (computers == 0) return;
  held = 0;
  const Figures each = ask_each(url, computers, clients, held);
  print_row("acquire, each computer once, connecting", each);
  std::printf("%llu computers asked once, %llu have a seat, the others wait in the line\n", static_cast<unsigned long long>(computers),
              static_cast<unsigned long long>(held.load()));
  print_row("heartbeat, with that line", run_all(askers, seconds, [](Asker& asker) { asker.ask("/v1/heartbeat"); }));
}

}  // namespace
}  // namespace oak::seats

int main(int argc, char** argv) {
  using namespace oak::seats;
  if (!oak::crypto_start()) give_up("no cryptography");
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "enrol" && argc == 4) return enrol_all(argv[2], std::strtoull(argv[3], nullptr, 10)), 0;
  if (what != "ask" || argc != 7) return 2;
  const auto url = oak::http::parse_url(argv[2]);
  if (!url) give_up(url.error().context);
  measure(*url, std::strtoull(argv[3], nullptr, 10), std::strtod(argv[4], nullptr), std::strtoull(argv[5], nullptr, 10),
          std::strtoull(argv[6], nullptr, 10));
  return 0;
}
