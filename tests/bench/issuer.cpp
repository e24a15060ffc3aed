// What the desk costs: a batch beside the bare cost of the same cryptography, one answer from a large ledger beside one from a small
// one, an audit. Usage: issuer FOLDER REQUESTS ENTRIES. Every run makes the same requests; desks lie in /tmp.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "core/armour.h"
#include "issuer/audit.h"
#include "issuer/batch.h"
#include "tests/unit/issuer_desk_world.h"

namespace oak::desk_test {
namespace {

class Watch {
 public:
  double us() const { return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

[[noreturn]] void give_up(const char* what) {
  std::fprintf(stderr, "bench: %s\n", what);
  std::exit(1);
}

double median(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

/// So many licences of so many seats, and a request for each seat.
struct Post {
  Post(std::size_t licences, std::size_t seats) : office(seats) {
    for (std::size_t i = 0; i < licences; ++i) {
      const std::string id = "B" + std::to_string(i);
      const SymmetricKey proof = proof_key_of(office.sell(id, seats));
      for (std::size_t j = 0; j < seats; ++j) {
        const Site site = make_site(office.random, id + "-" + std::to_string(j));
        Wish wish;
        wish.licence = id;
        requests.push_back(seal_request(request_from(site, wish, office.random), site.key, &proof));
      }
    }
  }
  OpenDesk office;
  std::vector<Bytes> requests;
};

/// The verifications, MACs and signatures of one answer, over messages of the same lengths, and nothing else: the request's signature
/// and keys, the licence's secret and the proof, the activation's signature made and read back, and what is hashed.
class Bare {
 public:
  Bare(Post& post, std::size_t activation_bytes) : random_(1), issuer_(make_key_pair(random_)), machine_(make_key_pair(random_)) {
    request_.resize(post.requests.front().size());
    activation_.resize(activation_bytes);
    signature_ = sign(machine_.seed, request_);
    sealed_ = aead_seal(key_, nonce_, {}, Bytes(licence_secret_chars));
  }
  double us_each(std::size_t count, bool with_points) {
    const Watch watch;
    for (std::size_t i = 0; i < count; ++i) one(with_points);
    return watch.us() / static_cast<double>(count);
  }

 private:
  void one(bool with_points) {
    bool sound = verify(machine_.public_key, request_, signature_);
    for (int key = 0; with_points && key < 2; ++key) sound = sound && is_valid_public_key(machine_.public_key);
    const auto secret = aead_open(key_, nonce_, {}, sealed_);
    const SymmetricKey proof = hkdf_sha256(*secret, {}, {});
    sum_ += hmac_sha256(proof.view(), request_)[0] + sha256(request_)[0] + sha256(request_)[1];
    const Signature made = sign(issuer_.seed, activation_);
    sound = sound && verify(issuer_.public_key, activation_, made);
    sum_ += sha256(activation_)[0] + sha256(activation_)[1];
    if (!sound) give_up("the bare loop does not verify");
  }

  SeededRandom random_;
  KeyPair issuer_, machine_;
  SymmetricKey key_;
  ByteArray<24> nonce_{};
  Bytes request_, activation_, sealed_;
  Signature signature_{};
  unsigned sum_ = 0;
};

double batch_us_each(Post& post, const std::string& folder) {
  OpenDesk& office = post.office;
  std::filesystem::create_directories(folder + "/requests");
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < post.requests.size(); ++i) {
    paths.push_back(folder + "/requests/" + std::to_string(100000 + i) + ".request.oak");
    const std::string text = armour_encode("OAK REQUEST", post.requests[i]);
    std::FILE* file = std::fopen(paths.back().c_str(), "w");
    if (!file || std::fwrite(text.data(), 1, text.size(), file) != text.size() || std::fclose(file) != 0) give_up("can't write a request");
  }
  office.desk.reset();
  const Watch watch;
  const auto batch = find_batch(office.disk, {folder + "/requests"});
  const auto reading = Desk::open(office.world, office.desk_folder, DeskUse::read);
  if (!batch || !reading) give_up("no batch");
  const auto rows = issue_batch(const_cast<Desk&>(*reading), office.world, office.keys, {}, *batch, {folder + "/answers"},
                                [](std::size_t, std::size_t) {});
  const double took = watch.us();
  if (!rows || batch_exit_code(*rows) != 0) give_up("the batch was not issued");
  return took / static_cast<double>(paths.size());
}

void bench_batch(const std::string& folder, std::size_t licences, std::size_t seats) {
  Post post(licences, seats);
  const auto example = post.office.answer(post.office.document(make_site(post.office.random, "example")));
  if (!example) give_up("no example");
  Bare bare(post, example->record.document.size());
  const std::size_t count = post.requests.size();
  const double before = bare.us_each(count, true), batch = batch_us_each(post, folder), after = bare.us_each(count, true);
  const double least = (before + after) / 2, without = bare.us_each(count, false);
  std::printf("batch of %zu, %zu licences of %zu seats\n", count, licences, seats);
  std::printf("  bare cryptography, one thread  %7.1f us each (%.1f without the two checks of keys)\n", least, without);
  std::printf("  oak-issuer's batch             %7.1f us each\n", batch);
  std::printf("  rate beside the bare cost      %7.2f  (%.2f without the checks of keys)\n\n", least / batch, without / batch);
  std::fflush(stdout);
}

/// Entries with good requests and signatures, straight into the ledger.
void fill(OpenDesk& office, std::size_t entries) {
  constexpr std::size_t seats = 1000;
  Ledger& ledger = office.desk->ledger();
  const Watch watch;
  while (*ledger.size() < entries) {
    const std::string id = "F" + std::to_string(*ledger.size());
    const SymmetricKey proof = proof_key_of(office.sell(id, seats));
    if (!ledger.begin()) give_up("the ledger does not begin");
    for (std::size_t i = 0; i < seats; ++i) {
      const Site site = make_site(office.random, id + "-" + std::to_string(i));
      Wish wish;
      wish.licence = id;
      const Bytes document = seal_request(request_from(site, wish, office.random), site.key, &proof);
      const auto opened = open_request(document);
      const Request& request = *opened->request;
      Activation activation;
      activation.product = request.product, activation.licence = id, activation.seats = 1, activation.customer = "Northwind";
      activation.versions = *VersionRange::parse("3.*"), activation.machine_key = request.machine_key;
      activation.seat_server_key = request.seat_server_key, activation.issued_at_unix_s = office.clock.now;
      activation.fingerprint = request.fingerprint, activation.fingerprint_key = request.fingerprint_key;
      activation.generation = i + 1, activation.index = *ledger.size();
      std::copy_n(opened->payload.begin(), activation.request.size(), activation.request.begin());
      const Bytes signed_one = seal_activation(activation, *office.keys.issuer, office.keys.certificate);
      const Leaf leaf{
          activation.index, LeafKind::issued, office.clock.now, "olga", {}, IssuedLeaf{id, opened->payload, signed_one, {}, false, 1}};
      if (!ledger.append(leaf, document)) give_up("the ledger refuses an entry");
    }
    if (!ledger.commit()) give_up("the ledger does not commit");
  }
  std::printf("  (%zu entries made in %.0f s)\n", static_cast<std::size_t>(*ledger.size()), watch.us() / 1e6);
}

struct Answers {
  std::vector<double> whole, without_sync;
};

/// One answer as a command gives it, and one that is decided, signed and recorded but not committed: there no disk is waited for.
void answer_once(OpenDesk& office, Answers& times) {
  const Bytes document = office.document(make_site(office.random, "ask-" + std::to_string(times.whole.size())), {.licence = "ASK"});
  std::vector<Asking> asked;
  asked.push_back({document, {}, receive_request(document)});
  const Watch rehearsing;
  const auto rehearsed = issue_each(*office.desk, office.world, office.keys, asked, Recording::rehearse);
  times.without_sync.push_back(rehearsing.us());
  const Watch watch;
  const auto issued = office.answer(document);
  times.whole.push_back(watch.us());
  if (!rehearsed || !issued || !issued->refusals.empty()) give_up("a request was not answered");
}

void bench_growth(std::size_t entries) {
  constexpr std::size_t answers = 101;
  std::printf("one answer, from ledgers of two sizes in turns\n");
  OpenDesk small(3, 5), large(3, 6);
  for (OpenDesk* office : {&small, &large}) office->sell("ASK", answers);
  fill(small, 1000);
  fill(large, entries);
  Answers of_small, of_large;
  for (std::size_t i = 0; i < answers; ++i) {
    answer_once(small, of_small);
    answer_once(large, of_large);
  }
  const auto line = [](const char* what, const std::vector<double>& a, const std::vector<double>& b) {
    std::printf("  %-30s %9.1f us and %9.1f us: ratio %.2f\n", what, median(a), median(b), median(b) / median(a));
  };
  line("on disk at the end", of_small.whole, of_large.whole);
  line("without waiting for the disk", of_small.without_sync, of_large.without_sync);
  const std::string desk = large.desk_folder;
  large.desk.reset();
  const Watch watch;
  AuditInput input;
  input.desk = desk;
  input.now_unix_s = large.clock.now;
  const auto result = audit(large.disk, input);
  const double took = watch.us();
  if (!result) give_up(result.error().message.c_str());
  for (const AuditFault& fault : result->faults) give_up(fault.message.c_str());
  std::printf("\naudit of %zu entries: %.1f s, %.1f us each\n", static_cast<std::size_t>(result->entries), took / 1e6,
              took / static_cast<double>(result->entries));
}

}  // namespace
}  // namespace oak::desk_test

int main(int count, char** words) {
  if (count != 4 || !oak::crypto_start()) return 2;
  const std::string folder = words[1];
  const std::size_t requests = std::strtoul(words[2], nullptr, 10), entries = std::strtoul(words[3], nullptr, 10);
  oak::desk_test::bench_batch(folder + "/many", requests / 100, 100);
  oak::desk_test::bench_batch(folder + "/one", 1, requests);
  oak::desk_test::bench_growth(entries);
  return 0;
}
