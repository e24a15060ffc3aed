#include "core/json_writer.h"

#include "core/document_page.h"
#include "core/hardware_json.h"
#include "core/text.h"
#include "tests/unit/core_corpus.h"
#include "tests/vectors/vendor.h"

namespace oak::test {
namespace {

std::string as_json(std::string_view text) { return JsonWriter().text(text).str(); }

}  // namespace

TEST_CASE("commas and nesting are right wherever values stand") {
  // Goal: another library reads what the writer writes, in every combination of the calls.
  JsonWriter json;
  json.begin_object()
      .key("a")
      .begin_array()
      .number(0)
      .number(UINT64_MAX)
      .begin_object()
      .end_object()
      .begin_array()
      .end_array()
      .null()
      .end_array();
  json.key("b")
      .boolean(true)
      .key("c")
      .text_or_null("")
      .key("d")
      .text_or_null("x")
      .key("e")
      .raw("[1]")
      .key("f")
      .begin_object()
      .key("g")
      .null()
      .end_object();
  json.end_object();
  const Json read = Json::parse(json.str());
  CHECK(read == Json::parse(R"({"a":[0,18446744073709551615,{},[],null],"b":true,"c":null,"d":"x","e":[1],"f":{"g":null}})"));
  CHECK(Json::parse(JsonWriter().begin_array().text("x").text("y").end_array().str()) == Json({"x", "y"}));
}

TEST_CASE("every byte in a text comes out as valid JSON that means the same") {
  // Goal: hostile names can't break out of the string, and invalid UTF-8 becomes U+FFFD.
  for (unsigned a = 0; a < 256; ++a) {
    for (unsigned b = 0; b < 256; b += 7) {
      const std::string text = {static_cast<char>(a), static_cast<char>(b), 'x'};
      const std::string read = Json::parse(as_json(text)).get<std::string>();
      if (is_utf8(text) ? read != text : read.find("\xef\xbf\xbd") == std::string::npos) FAIL(a << " " << b);
    }
  }
  CHECK(as_json("\"\\\n\x7f") == "\"\\\"\\\\\\u000a\\u007f\"");
  CHECK(Json::parse(as_json("😀 «ü»")) == "😀 «ü»");
  CHECK(Json::parse(as_json("cut \xf0\x9f\x98")).get<std::string>().starts_with("cut \xef\xbf\xbd"));
}

TEST_CASE("a judgement has the contract's keys") {
  // Goal: what compare and check print: names, types and order of components.
  const Fingerprint baseline{{vectors::member(Component::mac, "8c:16:45:aa:00:01", "eth0"), vectors::member(Component::machine_id, "x")}};
  const std::vector<Observation> now = {{Component::machine_id, State::usable, baseline.members[1].digest, {}},
                                        {Component::mac, State::usable, vectors::fixed<16>("new card"), "eth1"}};
  const auto written = [&](bool with_margin) {
    JsonWriter json;
    write_judgement(json, judge(baseline, now, {}), with_margin);
    return Json::parse(json.str());
  };
  const Json json = written(false);
  CHECK(json["accept"] == false);
  CHECK(json["strength"] == "weak");
  CHECK(json["score"] == 1);
  CHECK(json["needed"] == 3);
  CHECK(json["enrolled"] == 4);
  CHECK_FALSE(json.contains("margin"));
  CHECK(written(true).contains("margin"));
  const Json mismatch = {{"component", "mac"}, {"label", "eth0"}, {"factor", "network"}, {"state", "mismatch"}};
  const Json fresh = {{"component", "mac"}, {"label", "eth1"}, {"factor", "network"}, {"state", "new"}};
  const auto& components = json["components"];
  CHECK(std::count(components.begin(), components.end(), mismatch) == 1);
  CHECK(std::count(components.begin(), components.end(), fresh) == 1);
  CHECK(components[0] == Json({{"component", "product_uuid"}, {"label", nullptr}, {"factor", "platform"}, {"state", "absent"}}));
}

TEST_CASE("a lost component is described in words, with its label escaped") {
  // Goal: the line that a person reads.
  CHECK(describe_component({Component::mac, "eth\x1b", State::mismatch}) ==
        "network card 'eth\\x1b' (mac, mismatch): is not the one that was activated");
  CHECK(describe_component({Component::disk, {}, State::unreadable}) == "disk (disk, unreadable): can't be read with these permissions");
}

TEST_CASE("a request's page and JSON show every field that leaves the site") {
  // Goal: the security officer's view: nothing in the document that is not on the page.
  const Bytes file = vector_file("request/full.oak");
  const auto page = document_page("full.oak", file);
  REQUIRE(page);
  const Json fields = Json::parse(vector_file("request/full.json"))["expect"]["fields"];
  for (const char* field : {"product", "licence", "version", "machine_key", "seat_server_key", "nonce", "fingerprint_key", "site", "reason",
                            "proof", "ignorable"}) {
    INFO(field);
    CHECK(page->text.find(fields[field].get<std::string>()) != std::string::npos);
  }
  for (const Json& member : fields["fingerprint"]) CHECK(page->text.find(member[1].get<std::string>()) != std::string::npos);
  for (const char* word : {"kvm", "docker", "eth0", "nvme0n1", "generation 4", "ledger index 17", "2025-11-24", "over the phone",
                           "placeholder", "unreadable"}) {
    INFO(word);
    CHECK(page->text.find(word) != std::string::npos);
  }
  const Json json = Json::parse(page->json);
  for (const char* key : {"type", "product", "version", "licence", "seats", "site", "supersedes", "strength", "document", "phone"})
    CHECK(json.contains(key));
  CHECK(json["type"] == "request");
  CHECK(json["seats"] == 3);
  CHECK(json["hardware"]["components"].size() == fields["fingerprint"].size() + fields["unusable"].size());
  CHECK(json["phone"] == Json::parse(vector_file("request/full.json"))["expect"]["phone"]);
}

TEST_CASE("the page of every good document can be shown or is refused in words, and never of a bad one") {
  // Goal: showing a file is as safe as reading it.
  for (const LoadedVector& one : load_vectors()) {
    if (one.sidecar.contains("zeros_up_to") || one.name.ends_with(".txt") || one.open() == "cbor") continue;
    INFO(one.name);
    const auto page = document_page(one.name, one.content);
    if (page) {
      CHECK_FALSE(Json::parse(page->json, nullptr, false).is_discarded());
      std::string text = page->text;
      std::replace(text.begin(), text.end(), '\n', ' ');
      CHECK_FALSE(has_control_characters(text));
    } else {
      CHECK(page.error().message.find(one.name) != std::string::npos);
    }
    if (one.is_good() && (one.open() == "request" || one.open() == "activation" || one.open() == "receipt")) CHECK(page);
    const bool own_signature = one.open() == "request" || one.open() == "receipt";
    if (!one.is_good() && own_signature && one.sidecar["error"] != "wrong-type" && one.sidecar["error"] != "wrong-proof") CHECK_FALSE(page);
  }
}

}  // namespace oak::test
