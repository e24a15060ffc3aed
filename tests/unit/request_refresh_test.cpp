// Goal: refresh asks for what ends soon and for nothing else, keeps what it asked until it is answered, believes the vendor's documents
// alone, and leaves the state as it was in every other case. The server is handed in; the wire is tested in tests/cli.
#include "request/refresh.h"

#include <catch2/catch.hpp>
#include <deque>

#include "request/refresh_report.h"
#include "request/served_json.h"
#include "tests/unit/verifier_world.h"

namespace oak::test {
namespace {

constexpr std::uint64_t day = 86400;
using What = Refreshed::What;

/// Answers in the order given, and keeps what it was asked.
class ScriptedServer final : public CertificateServer {
 public:
  std::vector<Bytes> asked;
  std::deque<std::function<Result<ServedAnswer>(ByteView)>> answers;
  Result<ServedAnswer> ask(ByteView request) override {
    asked.emplace_back(request.begin(), request.end());
    if (answers.empty()) return fail(Code::unreachable, "nobody");
    const auto answer = std::move(answers.front());
    answers.pop_front();
    return answer(request);
  }
};

ServedAnswer answer_of(unsigned status, std::string body) { return {status, std::move(body)}; }
ServedAnswer refusal_of(const std::string& code) {
  return answer_of(403, R"({"error": "refused", "message": "m", "refused": [{"code": ")" + code + R"(", "message": "m", "remedy": "r"}]})");
}

/// The machine of verifier_world.h with a certificate of 30 days that it asked for, and its vendor behind a server.
struct Site : World {
  CountingRandom random{100};
  ScriptedServer server;
  RefreshWorld refreshing{machine, random, [this] { return collect(host); }};
  RefreshInput input{.product = product, .version = {}, .site = {}, .site_secret = {}};
  std::uint64_t start = clock.now;
  PublicKey machine_key{};

  Site() { machine_key = Store(disk, state_dir, 0).key_pair_or_make(product, MachineKey::machine, random)->public_key; }
  Activation certificate_of(std::uint64_t from, std::uint64_t generation) {
    Activation out = certificate(from, from + 30 * day, generation);
    out.machine_key = machine_key;
    return out;
  }
  void begin() { REQUIRE(install_one(certificate_of(start, 1))); }
  std::function<Result<ServedAnswer>(ByteView)> gives(const Activation& activation) {
    const Bytes document = seal(activation);
    return [document](ByteView) -> Result<ServedAnswer> { return answer_of(200, std::string(as_text(document))); };
  }
  static std::function<Result<ServedAnswer>(ByteView)> says(ServedAnswer answer) {
    return [answer](ByteView) -> Result<ServedAnswer> { return answer; };
  }
  Outcome<std::vector<Refreshed>> run() { return refresh(refreshing, source, input, server); }
  Refreshed only() {
    auto all = run();
    REQUIRE(all);
    REQUIRE(all->size() == 1);
    return std::move(all->front());
  }
  std::map<std::string, Bytes> state() const {
    std::map<std::string, Bytes> out;
    for (const auto& [path, file] : disk.files)
      if (path.find("/renewal-") == std::string::npos) out[path] = file.bytes;
    return out;
  }
  bool keeps_request() const { return disk.files.count(folder + "/renewal-L1.oak") > 0; }
};

}  // namespace

TEST_CASE("nothing is asked before the last fourteen days", "[request][refresh]") {
  Site site;
  site.begin();
  for (const std::uint64_t at : {std::uint64_t{0}, day, 15 * day, 16 * day - 1}) {
    site.clock.now = site.start + at;
    const Refreshed out = site.only();
    CHECK(out.what == What::not_due);
    CHECK(refreshed_exit_code({out}) == 0);
  }
  CHECK(site.server.asked.empty());
  CHECK_FALSE(site.keeps_request());
  site.clock.now = site.start + 16 * day;
  CHECK(site.only().what == What::no_answer);
  CHECK(site.server.asked.size() == 1);
}

TEST_CASE("the later of clock and mark counts", "[request][refresh]") {
  // A clock that was set back asks no later than it would have.
  Site site;
  site.begin();
  site.clock.now = site.start + 20 * day;
  CHECK(site.verdict() == Verdict::active);
  site.clock.now = site.start + day;
  CHECK(site.only().what == What::no_answer);
}

TEST_CASE("a renewal names what it follows, and its answer takes over", "[request][refresh]") {
  Site site;
  site.begin();
  const ActivationId first = site.id_of(site.certificate_of(site.start, 1));
  site.clock.now = site.start + 17 * day;
  site.server.answers.push_back(site.gives(site.certificate_of(site.clock.now, 2)));
  const Refreshed out = site.only();
  CHECK(out.what == What::stored);
  CHECK(out.activation->generation == 2);
  CHECK_FALSE(site.keeps_request());
  const auto request = open_request(site.server.asked.front());
  REQUIRE(request);
  CHECK(request->request->kind == Kind::certificate);
  CHECK(request->request->supersedes->activation == first);
  CHECK(request->request->seats == 3);
  CHECK(request->request->version == "3.0");
  CHECK_FALSE(request->request->proof);
  CHECK(site.check()->activation->generation == 2);
  CHECK(site.only().what == What::not_due);
  CHECK(site.server.asked.size() == 1);
}

TEST_CASE("a permanent activation is never asked about", "[request][refresh]") {
  // Also where its hardware no longer fits, where a certificate went before it, and with a licence key at hand.
  Site site;
  site.begin();
  site.clock.now = site.start + 20 * day;
  Activation permanent = site.grant(2);
  permanent.machine_key = site.machine_key;
  REQUIRE(site.install_one(permanent));
  site.input.licence_key = &site.licence_key;
  site.input.version = "3.5";
  CHECK(site.only().what == What::permanent);
  site.host.become_another_machine();
  CHECK(site.only().what == What::permanent);
  CHECK(site.server.asked.empty());
}

TEST_CASE("a certificate for which a permanent activation stands is not renewed", "[request][refresh]") {
  // Goal: after a trial comes a purchase, and the trial's certificate takes nobody's place any more.
  Site site;
  site.begin();
  Activation other = site.grant(1);
  other.licence = "L2";
  REQUIRE(site.install_one(other));
  site.clock.now = site.start + 17 * day;
  const auto all = site.run();
  REQUIRE(all);
  CHECK((*all)[0].what == What::covered);
  CHECK((*all)[1].what == What::permanent);
  CHECK(site.server.asked.empty());
  // On other hardware than the permanent one is for it is all that there is.
  site.host.become_another_machine();
  CHECK((*site.run())[0].what == What::no_answer);
}

TEST_CASE("a certificate beside a permanent activation that covers less is renewed", "[request][refresh]") {
  Site site;
  site.begin();
  Activation other = site.grant(1);
  other.licence = "L2";
  if (GENERATE(true, false))
    other.seats = 2;
  else
    other.versions = *VersionRange::parse("3.4.*");
  REQUIRE(site.install_one(other));
  site.clock.now = site.start + 17 * day;
  site.server.answers.push_back(site.gives(site.certificate_of(site.clock.now, 2)));
  const auto all = site.run();
  REQUIRE(all);
  REQUIRE(all->size() == 2);
  CHECK((*all)[0].what == What::stored);
  CHECK((*all)[0].licence == "L1");
  CHECK((*all)[1].what == What::permanent);
}

TEST_CASE("a lost answer is asked for with the same bytes, until something else would be asked", "[request][refresh]") {
  Site site;
  site.begin();
  site.clock.now = site.start + 17 * day;
  for (int i = 0; i < 3; ++i) {
    CHECK(site.only().what == What::no_answer);
    site.clock.now += day;
  }
  REQUIRE(site.server.asked.size() == 3);
  CHECK(site.server.asked[0] == site.server.asked[1]);
  CHECK(site.server.asked[0] == site.server.asked[2]);
  site.host.set_disk("another one");
  CHECK(site.only().what == What::no_answer);
  CHECK(site.server.asked[3] != site.server.asked[0]);
  // A kept request that is damaged is no obstacle.
  site.disk.files[folder + "/renewal-L1.oak"].bytes = {1, 2, 3};
  CHECK(site.only().what == What::no_answer);
  CHECK(open_request(site.server.asked[4]));
}

TEST_CASE("what can't be kept is not sent", "[request][refresh]") {
  // Goal: an answer is never in the ledger for a request that the machine may have forgotten.
  Site site;
  site.begin();
  REQUIRE(Store(site.disk, state_dir, 0).key_pair_or_make(product, MachineKey::seat_server, site.random));
  site.clock.now = site.start + 17 * day;
  site.disk.fail_from = 0;
  const Refreshed out = site.only();
  CHECK(out.what == What::failed);
  CHECK(out.failure->code == Code::io_error);
  CHECK(site.server.asked.empty());
}

TEST_CASE("an answer that has ended is asked for anew, once", "[request][refresh]") {
  Site site;
  site.begin();
  site.clock.now = site.start + 17 * day;
  CHECK(site.only().what == What::no_answer);
  site.clock.now = site.start + 60 * day;
  site.server.answers.push_back(Site::says(refusal_of("answer-no-longer-live")));
  site.server.answers.push_back(site.gives(site.certificate_of(site.clock.now, 3)));
  CHECK(site.only().what == What::stored);
  REQUIRE(site.server.asked.size() == 3);
  CHECK(site.server.asked[1] == site.server.asked[0]);
  CHECK(site.server.asked[2] != site.server.asked[0]);
  CHECK(site.verdict() == Verdict::active);

  site.clock.now += 17 * day;
  for (int i = 0; i < 3; ++i) site.server.answers.push_back(Site::says(refusal_of("answer-no-longer-live")));
  CHECK(site.only().what == What::refused);
  CHECK(site.server.asked.size() == 5);
}

TEST_CASE("no wrong answer changes the state", "[request][refresh]") {
  Site site;
  site.begin();
  site.clock.now = site.start + 17 * day;
  REQUIRE(site.only().what == What::no_answer);
  const auto before = site.state();
  const Activation good = site.certificate_of(site.clock.now, 2);
  const auto refused = [&](const Activation& activation) {
    site.server.answers.push_back(site.gives(activation));
    const Refreshed out = site.only();
    CHECK(out.what == What::failed);
    CHECK(site.state() == before);
    CHECK(site.keeps_request());
    return out.failure ? out.failure->code : Code::internal;
  };
  Activation wrong = good;
  wrong.machine_key = site.vendor.issuer.public_key;
  CHECK(refused(wrong) == Code::bad_answer);
  wrong = good;
  wrong.product = "other";
  CHECK(refused(wrong) == Code::bad_answer);
  wrong = good;
  wrong.licence = "L2";
  CHECK(refused(wrong) == Code::bad_answer);
  wrong = good;
  wrong.generation = 1;
  CHECK(refused(wrong) == Code::bad_answer);
  wrong = good;
  wrong.not_after_unix_s = site.start + 30 * day - 1;
  CHECK(refused(wrong) == Code::bad_answer);
  wrong = good;
  wrong.kind = Kind::permanent;
  wrong.not_after_unix_s.reset();
  CHECK(refused(wrong) == Code::bad_answer);
  FakeHost elsewhere;
  elsewhere.become_another_machine();
  wrong = good;
  wrong.fingerprint = enrol(observe(collect(elsewhere), site.fingerprint_key));
  CHECK(refused(wrong) == Code::wrong_machine);

  const Bytes document = site.seal(good);
  Vendor stranger(99);
  const Bytes foreign = seal_activation(good, stranger.issuer, stranger.certificate_document);
  std::vector<std::string> bodies = {"",
                                     "<html>",
                                     std::string(5000, '\xd2'),
                                     std::string(as_text(foreign)),
                                     std::string(as_text(site.server.asked.front())),
                                     std::string(as_text(document)) + "x",
                                     armour_encode("OAK ACTIVATION", document)};
  for (std::size_t at = 0; at < document.size(); at += 7) {
    bodies.emplace_back(as_text(document));
    bodies.back()[at] = static_cast<char>(bodies.back()[at] ^ 0x10);
  }
  for (const std::string& body : bodies) {
    site.server.answers.push_back(Site::says(answer_of(200, body)));
    const Refreshed out = site.only();
    CHECK(out.what == What::failed);
    CHECK(refreshed_exit_code({out}) == 2);
    CHECK(site.state() == before);
  }
  for (const unsigned status : {100U, 201U, 204U, 301U, 302U, 400U, 401U, 403U, 404U, 413U}) {
    site.server.answers.push_back(Site::says(answer_of(status, "{}")));
    CHECK(site.only().what == What::failed);
    CHECK(site.state() == before);
  }
  site.server.answers.push_back(site.gives(good));
  CHECK(site.only().what == What::stored);
}

TEST_CASE("a server that can't answer now is nobody's fault", "[request][refresh]") {
  Site site;
  site.begin();
  site.clock.now = site.start + 17 * day;
  for (const unsigned status : {429U, 500U, 502U, 503U, 504U}) {
    site.server.answers.push_back(Site::says(answer_of(status, "busy")));
    const Refreshed out = site.only();
    CHECK(out.what == What::no_answer);
    CHECK(refreshed_exit_code({out}) == 0);
    CHECK(refreshed_messages("oak-request", {out}, product, false).empty());
    CHECK(refreshed_text({out}).empty());
  }
  site.server.answers.push_back(Site::says(refusal_of("too-early-to-renew")));
  const Refreshed early = site.only();
  CHECK(early.what == What::too_early);
  CHECK(refreshed_exit_code({early}) == 0);
  CHECK(refreshed_messages("oak-request", {early}, product, false).empty());
  site.server.answers.push_back([](ByteView) -> Result<ServedAnswer> { return fail(Code::wrong_server, "x"); });
  const Refreshed wrong = site.only();
  CHECK(wrong.what == What::failed);
  CHECK(refreshed_exit_code({wrong}) == 2);
}

TEST_CASE("what a server says is shown without its tricks", "[request][refresh]") {
  Site site;
  site.begin();
  site.clock.now = site.start + 17 * day;
  site.server.answers.push_back(Site::says(refusal_of("\\u001b[2Jbad")));
  const Refreshed out = site.only();
  CHECK(out.what == What::refused);
  CHECK(refreshed_exit_code({out}) == 1);
  CHECK(refreshed_messages("oak-request", {out}, product, false).find('\x1b') == std::string::npos);
  CHECK(refreshed_json({out}, product).find('\x1b') == std::string::npos);

  CHECK(read_served_error("").refusals.empty());
  CHECK(read_served_error("[1]").code.empty());
  CHECK(read_served_error(R"({"error": 7, "refused": [1, {"code": {}}]})").refusals.size() == 1);
  std::string many = R"({"refused": [)";
  for (int i = 0; i < 100; ++i) many += R"({"code": "x"},)";
  many += R"({"code": ")" + std::string(5000, 'y') + R"("}]})";
  CHECK(read_served_error(many).refusals.size() == 16);
  CHECK(read_served_error(R"({"message": ")" + std::string(5000, 'y') + R"("})").message.size() == 1024);
}

TEST_CASE("a first certificate is asked for with the licence key", "[request][refresh]") {
  Site site;
  CHECK(site.run()->empty());
  site.input.licence_key = &site.licence_key;
  REQUIRE_FALSE(site.run());
  CHECK(site.run().error().code == Code::usage);
  site.input.version = "3.5";
  site.input.seats = 2;
  Activation first = site.certificate_of(site.clock.now, 1);
  site.server.answers.push_back(site.gives(first));
  CHECK(site.only().what == What::stored);
  const auto request = open_request(site.server.asked.front());
  CHECK(request->request->seats == 2);
  CHECK(request->request->version == "3.5");
  CHECK_FALSE(request->request->supersedes);
  CHECK(is_proved(*request->request, proof_key_of(site.licence_key)));
}

TEST_CASE("without trust nothing is asked, and what counts no more is not renewed", "[request][refresh]") {
  Site site;
  site.begin();
  site.clock.now = site.start + 17 * day;
  TrustSource none;
  none.built_in = {};
  none.site_folder = "/nowhere";
  CHECK_FALSE(refresh(site.refreshing, none, site.input, site.server));
  Marks marks = *site.marks();
  marks.add_returned(site.id_of(site.certificate_of(site.start, 1)));
  site.put_marks(marks);
  CHECK(site.run()->empty());
  site.disk.files.erase(folder + "/marks.oak");
  CHECK(site.run().error().code == Code::damaged_state);
  CHECK(site.server.asked.empty());
}

}  // namespace oak::test
