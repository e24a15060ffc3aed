#include <catch2/catch.hpp>
#include <set>

#include "core/armour.h"

#include "issuer/batch.h"
#include "issuer/table.h"
#include "tests/unit/issuer_desk_world.h"

namespace oak::desk_test {
namespace {

using Decision = BatchRow::Decision;

/// Its folder fills up: so many writes of many files work, then each call fails when half of its files are there.
class FillingDisk final : public Disk {
 public:
  explicit FillingDisk(int writes) : writes_(writes) {}
  Status write_many_beneath(const std::string& folder, const std::vector<NewFile>& files, std::uint32_t mode) override {
    if (writes_-- > 0) return real_.write_many_beneath(folder, files, mode);
    const std::vector<NewFile> half(files.begin(), files.begin() + static_cast<std::ptrdiff_t>(files.size() / 2));
    OAK_TRY(real_.write_many_beneath(folder, half, mode));
    return fail(Code::disk_full, folder);
  }
  Result<FileBytes> read(const std::string& path, std::size_t max) override { return real_.read(path, max); }
  Status write(const std::string& path, ByteView bytes, std::uint32_t mode, Existing existing) override {
    return real_.write(path, bytes, mode, existing);
  }
  Result<FileBytes> read_beneath(const std::string& folder, const std::string& name, std::size_t max) override {
    return real_.read_beneath(folder, name, max);
  }
  Status write_beneath(const std::string& folder, const std::string& name, ByteView bytes, std::uint32_t mode, Existing existing) override {
    return real_.write_beneath(folder, name, bytes, mode, existing);
  }
  Status remove_beneath(const std::string& folder, const std::string& name) override { return real_.remove_beneath(folder, name); }
  Result<FileLock> lock_beneath(const std::string& folder, const std::string& name, const LockTerms& terms) override {
    return real_.lock_beneath(folder, name, terms);
  }
  Result<std::vector<std::string>> list(const std::string& folder) override { return real_.list(folder); }
  Status make_folder(const std::string& folder, std::uint32_t mode) override { return real_.make_folder(folder, mode); }
  bool may_write(const std::string& folder) override { return real_.may_write(folder); }
  bool exists(const std::string& path) override { return real_.exists(path); }
  Status share_with_oak_group(const std::string& folder, const std::string& name) override {
    return real_.share_with_oak_group(folder, name);
  }

 private:
  PosixDisk real_;
  int writes_;
};

/// A desk with a folder of requests; issue_batch takes the desk's lock itself.
class Post {
 public:
  explicit Post(std::uint64_t seats = 3) : office(seats) { std::filesystem::create_directory(requests); }

  void arrives(const std::string& name, ByteView document) {
    REQUIRE(office.disk.write(requests + "/" + name + ".request.oak", document, 0600, Existing::replace));
  }
  Outcome<std::vector<BatchRow>> answer(Disk& disk, Terminal& terminal, const IssueWishes& wishes = {}) {
    const auto batch = find_batch(disk, {requests});
    if (!batch) return tl::unexpected(batch.error());
    office.desk.reset();
    const DeskWorld world{disk, office.clock, office.random, terminal, office.passphrases, cheap, "olga"};
    auto reading = Desk::open(world, office.desk_folder, DeskUse::read);
    REQUIRE(reading);
    auto rows = issue_batch(*reading, world, office.keys, wishes, *batch, {answers, Existing::refuse, 100},
                            [this](std::size_t done, std::size_t total) {
                              CHECK(done >= told);
                              CHECK(done <= total);
                              told = done;
                            });
    told = 0;
    office.desk = std::make_unique<Desk>(std::move(*Desk::open(office.world, office.desk_folder)));
    return rows;
  }
  Outcome<std::vector<BatchRow>> answer() { return answer(office.disk, office.nobody); }
  std::set<std::string> files() const {
    std::set<std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator(answers)) out.insert(entry.path().filename());
    return out;
  }

  OpenDesk office;
  std::string requests = office.folder.path() + "/requests", answers = office.folder.path() + "/answers";
  std::size_t told = 0;
};

std::vector<Decision> decisions_of(const std::vector<BatchRow>& rows) {
  std::vector<Decision> out;
  for (const BatchRow& row : rows) out.push_back(row.decision);
  return out;
}

}  // namespace

TEST_CASE("in one transaction each request is decided on the ledger that those before it left", "[issuer][batch]") {
  // Goal: seats are not given out twice, generations and entries go on, the same request is a repeat, the same machine is told.
  Post post(3);
  Site machine = make_site(post.office.random, "m");
  const Bytes once = post.office.document(machine);
  post.arrives("1", once);
  post.arrives("2", once);
  post.arrives("3", post.office.document(machine));  // the same machine key, naming nothing
  Site copied = make_site(post.office.random, "m");
  post.arrives("4", post.office.document(copied));
  post.arrives("5", post.office.document(make_site(post.office.random, "n"), {.seats = 2}));
  post.arrives("6", post.office.document(make_site(post.office.random, "o")));
  post.arrives("7", ByteView(once).first(100));
  const auto rows = post.answer();
  REQUIRE(rows);
  CHECK(decisions_of(*rows) == std::vector<Decision>{Decision::issued, Decision::repeated, Decision::refused, Decision::refused,
                                                     Decision::issued, Decision::refused, Decision::failed});
  CHECK(codes_of((*rows)[2].refusals) == std::vector<std::string>{"hardware-already-active"});
  CHECK(codes_of((*rows)[3].refusals) == std::vector<std::string>{"hardware-already-active"});
  CHECK(codes_of((*rows)[5].refusals) == std::vector<std::string>{"not-enough-seats"});
  CHECK(post.office.live_seats_of("L1") == 3);
  CHECK(*post.office.desk->ledger().highest_generation("L1") == 2);
  CHECK(batch_exit_code(*rows) == 1);
  // Nobody is asked for one of several what he would not be asked for alone.
  for (const char* name : {"1", "2", "5"}) {
    const auto file = post.office.disk.read(post.answers + "/" + name + ".activation.oak", 1 << 20);
    REQUIRE(file);
    CHECK(open_activation(document_from_file_bytes(file->bytes)->document, post.office.desk->trust(), "demo"));
  }
  CHECK(post.files() == std::set<std::string>{"1.activation.oak", "2.activation.oak", "5.activation.oak", "1.json", "2.json", "3.json",
                                              "4.json", "5.json", "6.json", "7.json", "report.json"});
}

TEST_CASE("a batch that fails between ledger and files is finished by the same batch again", "[issuer][batch]") {
  // Goal: more requests than a group holds; the disk fills up in the first and in the second group. Every activation is there in the end,
  // each seat taken once, and what was written before stays byte for byte.
  constexpr std::size_t count = 250;
  for (const int writes : {0, 1}) {
    INFO(writes);
    Post post(count);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < count; ++i) {
      names.push_back(std::to_string(1000 + i));
      post.arrives(names.back(), post.office.document(make_site(post.office.random, names.back())));
    }
    FillingDisk filling(writes);
    const auto failed = post.answer(filling, post.office.nobody);
    REQUIRE_FALSE(failed);
    CHECK(failed.error().code == Code::disk_full);
    CHECK(failed.error().hint.find("the same command again") != std::string::npos);
    const auto before = post.office.files();
    const std::uint64_t taken = post.office.live_seats_of("L1");
    CHECK(taken > 0);
    const auto rows = post.answer();
    REQUIRE(rows);
    CHECK(rows->size() == count);
    CHECK(post.office.live_seats_of("L1") == count);
    const auto after = post.office.files();
    std::size_t repeats = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if ((*rows)[i].decision == Decision::repeated) ++repeats;
      const std::string path = post.answers + "/" + names[i] + ".activation.oak";
      REQUIRE(after.count(path) == 1);
      if (before.count(path) != 0) CHECK(before.at(path) == after.at(path));
    }
    CHECK(repeats == taken);
  }
}

TEST_CASE("somebody at the terminal sees what a batch would do, and is asked once", "[issuer][batch]") {
  Post post(1);
  post.arrives("a", post.office.document(make_site(post.office.random, "a")));
  post.arrives("b", post.office.document(make_site(post.office.random, "b")));
  const std::uint64_t size = *post.office.desk->ledger().size();
  for (const char* answer : {"n", ""}) {
    ScriptedTerminal person({answer});
    const auto rows = post.answer(post.office.disk, person);
    REQUIRE_FALSE(rows);
    CHECK(rows.error().code == Code::refused);
    CHECK(*post.office.desk->ledger().size() == size);
    CHECK(post.files().empty());
  }
  ScriptedTerminal person({"y"});
  const auto rows = post.answer(post.office.disk, person);
  REQUIRE(rows);
  CHECK(person.prompts == std::vector<std::string>{"Issue 1 activation? [y/N] "});
  CHECK(person.said.find("2 requests: 1 issued, 1 refused") != std::string::npos);
  CHECK(person.said.find("not-enough-seats") != std::string::npos);
  CHECK(decisions_of(*rows) == std::vector<Decision>{Decision::issued, Decision::refused});
  // Where nothing is new there is nothing to ask.
  ScriptedTerminal silent;
  const auto again = post.answer(post.office.disk, silent);
  REQUIRE(again);
  CHECK(silent.prompts.empty());
  CHECK(decisions_of(*again) == std::vector<Decision>{Decision::repeated, Decision::refused});
}

TEST_CASE("columns are as wide as a terminal shows them", "[issuer][table]") {
  CHECK(display_width("") == 0);
  CHECK(display_width("Köln") == 4);
  CHECK(display_width("Ko\xCC\x88ln") == 4);
  CHECK(display_width("東京") == 4);
  CHECK(display_width("서울") == 4);
  CHECK(display_width("🏭") == 2);
  Table table({{"site"}, {"seats", Table::Side::right}, {"note"}});
  table.add({"東京", "3", ""});
  table.add({"Köln", "12", "x"});
  table.add({"a\x1b[2J\n", "1", "y"});
  CHECK(table.text() ==
        "site          seats  note\n"
        "東京              3\n"
        "Köln             12  x\n"
        "a\\x1b[2J\\x0a      1  y\n");
}

}  // namespace oak::desk_test
