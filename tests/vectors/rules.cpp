// What is no document: licence keys and what is derived from them, digests, versions, the tolerance rule.

#include <map>

#include "tests/vectors/makers.h"
#include "tests/vectors/reading.h"

namespace oak::vectors {
namespace {

Bytes line(std::string_view text) {
  const std::string with_end = std::string(text) + "\n";
  return {with_end.begin(), with_end.end()};
}

std::string in_small_letters(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

std::string replaced(std::string text, char from, std::string_view to, std::size_t first = 0) {
  for (std::size_t at = text.find(from, first); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, 1, to);
  return text;
}

std::string key_of(std::string_view id) {
  NamedRandom random("secret of " + std::string(id));
  return format_licence_key(make_licence_key(std::string(id), random));
}

void add_licence_keys(VectorSet& set) {
  const std::string key = printed_key();
  const auto good = [&](const char* name, std::string_view typed, std::string_view printed, std::string_view why) {
    set.good("licence-key/" + std::string(name) + ".txt", line(typed), open_as("licence-key"), licence_key_values(printed), why);
  };
  good("printed", key, key, "as printed");
  good("spaces", replaced(key, '-', " "), key, "spaces in place of all dashes");
  good("groups-joined", key.substr(0, 12) + replaced(key.substr(12), '-', ""), key, "no dash between the groups");
  good("small-letters", in_small_letters(key), key, "typed in small letters throughout");
  std::string mixed = key;
  mixed[0] = static_cast<char>(mixed[0] - 'A' + 'a');
  good("small-letter", mixed, key, "one small letter, in the id");
  const std::string marks = key_of("ACME.WEST-2_B");
  good("id-marks", in_small_letters(marks), marks, "an id with a dot, a dash and an underscore, in small letters");
  const std::string one = key_of("7");
  good("id-one", one, one, "an id of one character");
  const std::string longest = key_of("NORTHWIND_INSTRUMENTS.PLANT-2026");
  good("id-longest", longest, longest, "an id of 32 characters");

  const auto bad = [&](const char* name, std::string_view typed, std::string_view why) {
    set.bad("licence-key/" + std::string(name) + ".txt", line(typed), open_as("licence-key"), Code::bad_licence_key, why);
  };
  const auto changed = [&](std::size_t at, char to) {
    std::string out = key;
    out[at] = to;
    return out;
  };
  const auto other = [&](std::size_t at) { return changed(at, key[at] == 'A' ? 'B' : 'A'); };
  const auto swapped = [&](std::size_t at) {
    std::string out = key;
    while (out[at] == out[at + 1]) ++at;
    std::swap(out[at], out[at + 1]);
    return out;
  };
  bad("wrong-in-id", other(3), "a wrong character in the id");
  bad("wrong-in-id-check", other(9), "a wrong check character of the id");
  bad("wrong-in-group", other(14), "a wrong character in group 1");
  bad("wrong-in-group-check", other(24), "a wrong check character of group 2");
  bad("swap-in-id", swapped(2), "two neighbours swapped in the id");
  bad("swap-in-group", swapped(27), "two neighbours swapped in group 3");
  bad("groups-swapped", key.substr(0, 12) + key.substr(19, 7) + key.substr(12, 7) + key.substr(26), "groups 1 and 2 in the other order");
  bad("no-group", key.substr(0, 39), "the last group is missing");
  bad("character-missing", key.substr(0, 14) + key.substr(15), "a character of group 1 is missing");
  bad("digit-one", changed(14, '1'), "1 is not used");
  bad("no-id", key.substr(12), "only the groups");
  bad("id-not-a-name", key_of("ACME/WEST"), "a slash in the id, with check characters that fit");
  std::string small = in_small_letters(key);
  small[3] = small[3] == 'a' ? 'b' : 'a';
  bad("wrong-in-small-letters", small, "typed in small letters throughout, with a wrong character in the id");
  bad("id-too-long", key_of(std::string(33, 'L')), "an id of 33 characters, with check characters that fit");
}

void add_digests(VectorSet& set) {
  const std::string key = to_hex(fingerprint_key().view());
  const std::pair<const char*, const char*> values[] = {{"product_uuid", "1f2e3d4c-5b6a-4978-8796-a5b4c3d2e1f0"},
                                                        {"product_serial", "PF3K7Q2M"},
                                                        {"board_serial", "L1HF65E08WX"},
                                                        {"dt_serial", "10000000A1B2C3D4"},
                                                        {"mac", "8c:16:45:aa:00:01"},
                                                        {"disk", "S4EWNX0R123456"},
                                                        {"tpm_ek", "\x01\x02\xff"},
                                                        {"machine_id", "6c9e2f7d0a4b4c1f8f5e3d2c1b0a9f8e"},
                                                        {"model", "Northwind/Bench 12/B12-A/6/158/10"}};
  for (const auto& [component, value] : values) {
    Json how = open_as("digest");
    how["component"] = component;
    how["fingerprint_key"] = key;
    const Component number = *component_by_name(component);
    set.good(
        "digest/" + replaced(component, '_', "-") + ".txt", as_bytes(value), how,
        {{"digest", to_hex(member_digest(fingerprint_key(), number, value))}, {"key_id", to_hex(fingerprint_key_id(fingerprint_key()))}},
        "the file's bytes are the value");
  }
}

void add_versions(VectorSet& set) {
  const auto good = [&](const char* name, std::string_view text, const std::vector<std::uint64_t>& numbers, std::string_view tag) {
    set.good("version/" + std::string(name) + ".txt", line(text), open_as("version"), {{"numbers", numbers}, {"tag", tag}}, text);
  };
  good("one-number", "3", {3, 0, 0, 0}, "");
  good("four-numbers", "3.5.1.7", {3, 5, 1, 7}, "");
  good("zero", "0", {0, 0, 0, 0}, "");
  good("largest", "4294967295.4294967295.4294967295.4294967295", {4294967295, 4294967295, 4294967295, 4294967295}, "");
  good("tag", "4.0-rc1", {4, 0, 0, 0}, "rc1");
  good("tag-dashed", "3.5-rc-2.beta", {3, 5, 0, 0}, "rc-2.beta");
  good("tag-longest", "1-" + std::string(32, 'a'), {1, 0, 0, 0}, std::string(32, 'a'));
  const auto bad = [&](const char* name, std::string_view text, std::string_view why) {
    set.bad("version/" + std::string(name) + ".txt", line(text), open_as("version"), Code::bad_version, why);
  };
  bad("empty", "", "nothing");
  bad("five-numbers", "1.2.3.4.5", "five numbers");
  bad("leading-zero", "3.05", "a leading zero");
  bad("too-large", "4294967296", "2^32");
  bad("letter", "3.x", "a letter");
  bad("empty-number", "3..1", "nothing between two dots");
  bad("dot-behind", "3.", "a dot at the end");
  bad("sign", "+3", "a sign");
  bad("space", "3 .1", "a space");
  bad("tag-empty", "3-", "an empty tag");
  bad("tag-too-long", "3-" + std::string(33, 'a'), "a tag of 33 characters");
  bad("tag-character", "3-rc+1", "a plus in the tag");
  bad("too-long", "4294967295.4294967295.4294967295.4294967295-" + std::string(21, 'a'), "65 characters");
}

using Answers = std::vector<std::pair<const char*, bool>>;

void add_ranges(VectorSet& set) {
  const auto good = [&](const char* name, std::string_view text, const Answers& versions, const Answers& ranges) {
    Json expect = {{"contains", Json::object()}, {"covers", Json::object()}};
    for (const auto& [version, is_in] : versions) expect["contains"][version] = is_in;
    for (const auto& [range, is_covered] : ranges) expect["covers"][range] = is_covered;
    set.good("version-range/" + std::string(name) + ".txt", line(text), open_as("version-range"), expect, text);
  };
  good("all", "*", {{"0", true}, {"4294967295.4294967295.4294967295.4294967295", true}}, {{"*", true}, {"3.*", true}});
  good("major", "3.*", {{"3", true}, {"3.5.9.4294967295", true}, {"3.0-rc1", true}, {"4.0-rc1", false}, {"2.9.9.9", false}, {"4", false}},
       {{"3.*", true}, {"3.5.*", true}, {">=3 <4", true}, {">=3", false}, {"<4", false}, {"*", false}, {">3.5 <=3.6", true}});
  good("minor", "3.5.*", {{"3.5", true}, {"3.5.1-beta", true}, {"3.6", false}, {"3.4.9", false}}, {{"3.5.1", true}, {"3.*", false}});
  good("three-numbers", "3.5.1.*", {{"3.5.1", true}, {"3.5.1.9", true}, {"3.5.2", false}}, {});
  good("exact", "3.5.1", {{"3.5.1", true}, {"3.5.1.0", true}, {"3.5.1-rc", true}, {"3.5.1.1", false}}, {{"=3.5.1.0", true}});
  good("equals", "=3.5", {{"3.5", true}, {"3.5.0.1", false}}, {{"3.5.0", true}});
  good("interval", ">=3.0 <5", {{"3.0", true}, {"4.9", true}, {"5", false}, {"5.0-rc1", false}, {"2.9", false}},
       {{"3.*", true}, {"4.*", true}, {"5.*", false}, {">=3 <=4.9", true}});
  good("above", ">3.5", {{"3.5", false}, {"3.5.0.1", true}, {"9", true}, {"3.5-rc1", false}}, {{">=3.5.0.1", true}, {">=3.5", false}});
  good("at-most", "<=3.5", {{"3.5", true}, {"3.5-rc1", true}, {"3.5.0.1", false}, {"0", true}}, {{"<3.5", true}, {"<3.5.0.1", true}});
  good("below", "<4", {{"3.9", true}, {"4", false}, {"4.0-rc1", false}}, {{"3.*", true}, {"<=4", false}});
  good("carry", ">=1.2.4 <2", {{"1.2.4", true}, {"1.2.3.4294967295", false}},
       {{">1.2.3.4294967295 <2", true}, {">1.2.3.4294967294 <2", false}, {">=1.3 <=1.4294967295.4294967295.4294967295", true}});
  good("last", "4294967295.*", {{"4294967295", true}, {"4294967294", false}}, {{">=4294967295", true}});
  const auto bad = [&](const char* name, std::string_view text, std::string_view why) {
    set.bad("version-range/" + std::string(name) + ".txt", line(text), open_as("version-range"), Code::bad_range, why);
  };
  bad("empty", "", "nothing");
  bad("holds-nothing", ">=5 <3", "no version is both");
  bad("holds-nothing-edge", ">=3 <3", "no version is both");
  bad("below-zero", "<0", "no version is below 0");
  bad("above-all", ">4294967295.4294967295.4294967295.4294967295", "no version is above the largest");
  bad("star-inside", "3.*.1", "a star that is not at the end");
  bad("star-after-four", "1.2.3.4.*", "four numbers and a star");
  bad("star-with-comparison", ">=3.*", "a comparison with a star");
  bad("tagged", ">=3.0-rc1", "a tag in a range");
  bad("tilde", "~3.5", "a comparison that is not defined");
  bad("no-number", ">=", "a comparison with nothing");
  bad("comma", ">=3,<5", "a comma in place of the space");
  bad("too-long", ">=1 >=1 >=1 >=1 >=1 >=1 >=1 >=1 >=1 >=1 >=1 >=1 >=1 >=1 >=1 >=1 <2", "more than 64 characters");
}

/// A machine in words: each word is a member's value, digests are made from component and word.
struct Case {
  const char* name;
  const char* why;
  std::string enrolled;  ///< "mac:a mac:b"
  std::string now;       ///< the same, and "mac!unreadable"
  bool accept;
  unsigned score, needed, total;
  std::vector<std::string> held;
  const char* strength = "normal";
  std::string policy = "60 4 3 2 4 1 1";
};

std::string digest_of(const std::string& component, const std::string& value) {
  return to_hex(member_digest(fingerprint_key(), *component_by_name(component), value));
}

/// Words at blanks; "component:value", "component!state" or "component:value!state".
std::string lines_of(const std::string& words, bool is_now) {
  std::map<std::string, std::string> enrolled;  // in the order in which documents hold them
  std::string out, rest = words + " ";
  for (std::size_t end = rest.find(' '); end != std::string::npos; rest.erase(0, end + 1), end = rest.find(' ')) {
    const std::string word = rest.substr(0, end);
    if (word.empty()) continue;
    const std::size_t state_at = word.find('!'), value_at = word.find(':');
    const std::string state = state_at == std::string::npos ? "usable" : word.substr(state_at + 1);
    const std::string head = word.substr(0, state_at);
    const std::string component = head.substr(0, value_at);
    const std::string digest = value_at == std::string::npos ? "" : digest_of(component, head.substr(value_at + 1));
    if (is_now) {
      out += "now " + component + " " + state + (digest.empty() ? "" : " " + digest) + "\n";
    } else {
      const char number = static_cast<char>('0' + static_cast<int>(*component_by_name(component)));
      enrolled[number + digest] = "enrolled " + component + " " + digest + "\n";
    }
  }
  for (const auto& [key, text] : enrolled) out += text;
  return out;
}

void add_case(VectorSet& set, const Case& one) {
  const std::string text = "policy " + one.policy + "\n" + lines_of(one.enrolled, false) + lines_of(one.now, true);
  set.good("tolerance/" + std::string(one.name) + ".txt", as_bytes(text), open_as("tolerance"),
           {{"accept", one.accept},
            {"strength", one.strength},
            {"score", one.score},
            {"needed", one.needed},
            {"enrolled", one.total},
            {"held", one.held}},
           one.why);
}

const std::string usual = "product_uuid:u product_serial:s mac:a mac:b disk:x machine_id:o model:m";

void add_usual_events(VectorSet& set) {
  const std::vector<std::string> all = {"platform", "network", "disks", "os", "model"};
  const Case cases[] = {
      {"unchanged", "nothing has changed", usual, usual, true, 11, 7, 11, all},
      {"reinstalled",
       "disk replaced and system reinstalled",
       usual,
       "product_uuid:u product_serial:s mac:a mac:b disk:y machine_id:p model:m",
       true,
       8,
       7,
       11,
       {"platform", "network", "model"}},
      {"network-card",
       "network cards replaced",
       usual,
       "product_uuid:u product_serial:s mac:c mac:d disk:x machine_id:o model:m",
       true,
       8,
       7,
       11,
       {"platform", "disks", "os", "model"}},
      {"board-reprogrammed",
       "board replaced, serial number written again, on-board network new",
       usual,
       "product_uuid:v product_serial:s mac:c mac:d disk:x machine_id:o model:m",
       true,
       8,
       7,
       11,
       {"platform", "disks", "os", "model"}},
      {"cpu",
       "CPU replaced: only the model differs",
       usual,
       "product_uuid:u product_serial:s mac:a mac:b disk:x machine_id:o model:n",
       true,
       10,
       7,
       11,
       {"platform", "network", "disks", "os"}},
      {"card-disk-reinstall",
       "network cards, disk and system replaced",
       usual,
       "product_uuid:u product_serial:s mac:c mac:d disk:y machine_id:p model:m",
       false,
       5,
       7,
       11,
       {"platform", "model"}},
      {"board-with-network",
       "board and its network replaced",
       usual,
       "product_uuid:v product_serial:t mac:c mac:d disk:x machine_id:o model:m",
       false,
       4,
       7,
       11,
       {"disks", "os", "model"}},
      {"image-on-other-box",
       "the disk's image on another box of the same model",
       usual,
       "product_uuid:v product_serial:t mac:c mac:d disk:y machine_id:o model:m",
       false,
       2,
       7,
       11,
       {"os", "model"}},
      {"nothing-there", "nothing can be seen", usual, "", false, 0, 7, 11, {}},
      {"other-machine",
       "nothing is the same",
       usual,
       "product_uuid:v product_serial:t mac:c mac:d disk:y machine_id:p model:n",
       false,
       0,
       7,
       11,
       {}},
  };
  for (const Case& one : cases) add_case(set, one);
}

void add_sets(VectorSet& set) {
  const std::string four = "product_uuid:u mac:a mac:b mac:c mac:d disk:w disk:x disk:y disk:z machine_id:o model:m";
  const Case cases[] = {
      {"split-with-platform",
       "the part of a machine that kept the board: one card and one disk of four",
       four,
       "product_uuid:u mac:a disk:w machine_id:o model:m",
       true,
       11,
       7,
       11,
       {"platform", "network", "disks", "os", "model"}},
      {"split-without-platform",
       "a box made from one card, one disk and a copy of the system",
       four,
       "product_uuid:v mac:b disk:x machine_id:o model:m",
       false,
       2,
       7,
       11,
       {"os", "model"}},
      {"half-of-sets",
       "two of four cards and disks are not more than half",
       four,
       "product_uuid:v mac:a mac:b disk:w disk:x machine_id:o model:m",
       false,
       2,
       7,
       11,
       {"os", "model"}},
      {"majority-of-sets",
       "three of four cards and disks are",
       four,
       "product_uuid:v mac:a mac:b mac:c disk:w disk:x disk:y machine_id:o model:m",
       true,
       7,
       7,
       11,
       {"network", "disks", "os", "model"}},
      {"tpm-anchors-sets",
       "the TPM holds, so one member is enough",
       "tpm_ek:t mac:a mac:b mac:c disk:w disk:x disk:y",
       "tpm_ek:t mac:a disk:w",
       true,
       9,
       6,
       9,
       {"network", "disks", "tpm"}},
      {"added-members",
       "more cards and disks than were enrolled take nothing away",
       usual,
       usual + " mac:e mac:f disk:y",
       true,
       11,
       7,
       11,
       {"platform", "network", "disks", "os", "model"}},
  };
  for (const Case& one : cases) add_case(set, one);
}

void add_states_and_edges(VectorSet& set) {
  const Case cases[] = {
      {"unreadable-counts",
       "what can't be read counts as lost, and the whole stays 11",
       usual,
       "product_uuid!unreadable product_serial!unreadable mac:a mac:b disk:x machine_id:o model:m",
       true,
       7,
       7,
       11,
       {"network", "disks", "os", "model"}},
      {"unreadable-and-card",
       "unreadable platform and new cards: the denominator does not shrink",
       usual,
       "product_uuid!unreadable product_serial!unreadable mac:c mac:d disk:x machine_id:o model:m",
       false,
       4,
       7,
       11,
       {"disks", "os", "model"}},
      {"placeholder-that-was-enrolled",
       "a value that is called a placeholder by now, and is the enrolled one",
       usual,
       "product_uuid:u!placeholder product_serial:s!placeholder mac:a mac:b disk:x machine_id:o model:m",
       true,
       11,
       7,
       11,
       {"platform", "network", "disks", "os", "model"}},
      {"placeholder-other",
       "a placeholder that was not enrolled",
       usual,
       "product_uuid:z!placeholder product_serial:z!placeholder mac:a mac:b disk:x machine_id:o model:m",
       true,
       7,
       7,
       11,
       {"network", "disks", "os", "model"}},
      {"edge-accept",
       "60 of 100 exactly",
       "product_uuid:u mac:a disk:x model:m",
       "product_uuid:u disk:x",
       true,
       6,
       6,
       10,
       {"platform", "disks"}},
      {"edge-rebind", "one below", "product_uuid:u mac:a disk:x model:m", "product_uuid:u model:m", false, 5, 6, 10, {"platform", "model"}},
      {"weak", "only system and model enrolled", "machine_id:o model:m", "machine_id:o model:m", true, 2, 2, 2, {"os", "model"}, "weak"},
      {"weak-platform-only",
       "one strong factor alone is weak",
       "product_uuid:u machine_id:o",
       "product_uuid:u machine_id:o",
       true,
       5,
       3,
       5,
       {"platform", "os"},
       "weak"},
      {"nothing-weighed",
       "only factors without weight are enrolled: never accepted",
       "product_uuid:u mac:a",
       "product_uuid:u mac:a",
       false,
       0,
       0,
       0,
       {"platform", "network"},
       "normal",
       "60 0 0 2 4 1 1"},
      {"policy-all",
       "100 percent: one factor lost is too many",
       usual,
       "product_uuid:u product_serial:s mac:a mac:b disk:x machine_id:o model:n",
       false,
       10,
       11,
       11,
       {"platform", "network", "disks", "os"},
       "normal",
       "100 4 3 2 4 1 1"},
      {"policy-one-percent",
       "1 percent of 11 is rounded up to 1",
       usual,
       "product_uuid:v mac:c disk:y machine_id:p model:m",
       true,
       1,
       1,
       11,
       {"model"},
       "normal",
       "1 4 3 2 4 1 1"},
      {"one-member-of-platform",
       "any member of the platform is enough",
       "product_uuid:u product_serial:s board_serial:b dt_serial:d mac:a",
       "dt_serial:d mac:a",
       true,
       7,
       5,
       7,
       {"platform", "network"}},
      {"digest-of-other-component",
       "a value under another component is another digest",
       "product_uuid:u mac:a",
       "product_serial:u disk:a",
       false,
       0,
       5,
       7,
       {}},
  };
  for (const Case& one : cases) add_case(set, one);
}

}  // namespace

void add_rules(VectorSet& set) {
  add_licence_keys(set);
  add_digests(set);
  add_versions(set);
  add_ranges(set);
  add_usual_events(set);
  add_sets(set);
  add_states_and_edges(set);
}

}  // namespace oak::vectors
