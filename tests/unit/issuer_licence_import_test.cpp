// Goal: a table of licences is added as a whole or not at all; all that is wrong with it is named at once, each with line, column and
// remedy; the same file again adds nothing and gives the same keys, so that a command that was cut off loses none.
#include <catch2/catch.hpp>

#include <random>

#include "issuer/licence_import.h"
#include "issuer/report_import.h"
#include "tests/unit/issuer_desk_world.h"

namespace oak::desk_test {
namespace {

ImportTable read(std::string_view text) { return read_licence_table(as_bytes(text)); }

/// "3 seats: 'many' is not a whole number" for each.
std::vector<std::string> faults_of(const ImportTable& table) {
  std::vector<std::string> out;
  for (const ImportFault& fault : table.faults) {
    CHECK_FALSE(fault.remedy.empty());
    out.push_back(std::to_string(fault.line) + " " + fault.column + ": " + fault.message);
  }
  return out;
}
using Faults = std::vector<std::string>;

constexpr std::string_view three =
    "customer,product,seats,versions,id,features,rehosts,certificates,forbid\r\n"
    "\"Yard, Ltd\",planner,3,3.*,yard,export;print,5,0,vm\r\n"
    "Mill,planner, 25 ,>=3.0 <5,,,,,\r\n"
    ",,,,,,,,\r\n"
    "Port,viewer,1,*,PORT,,,,\"vm,container\"\r\n";

class ImportingDesk : public OpenDesk {
 public:
  Outcome<Imported> import(std::string_view text) { return import_licences(*desk, world, ledger_key, as_bytes(text)); }
  std::size_t count() { return desk->ledger().licences()->size(); }
};

}  // namespace

TEST_CASE("a table says of each licence what the options of licence add say", "[issuer][import]") {
  const ImportTable table = read(three);
  CHECK(faults_of(table).empty());
  REQUIRE(table.rows.size() == 3);
  const NewLicence& yard = table.rows[0].input;
  CHECK(table.rows[0].line == 2);
  CHECK(yard.customer == "Yard, Ltd");
  CHECK(yard.product == "planner");
  CHECK(yard.seats == 3);
  CHECK(yard.versions == "3.*");
  CHECK(yard.id == "yard");
  CHECK(yard.features == std::vector<std::string>{"export", "print"});
  CHECK(yard.rehosts == 5);
  CHECK(yard.certificates == 0);
  CHECK(yard.forbidden == std::vector<std::string>{"vm"});
  const NewLicence& mill = table.rows[1].input;
  CHECK(mill.id.empty());
  CHECK(mill.seats == 25);
  CHECK(mill.features.empty());
  CHECK_FALSE(mill.rehosts);
  CHECK_FALSE(mill.certificates);
  CHECK(table.rows[2].line == 5);
  CHECK(table.rows[2].input.forbidden == std::vector<std::string>{"vm", "container"});
  // Titles in any order and case, and those of a dump.
  const ImportTable other = read("Versions, FORBIDS ,licence,Seats,product,customer\n3.*,vm,L7,2,planner,Mill\n");
  CHECK(faults_of(other).empty());
  REQUIRE(other.rows.size() == 1);
  CHECK(other.rows[0].input.id == "L7");
  CHECK(other.rows[0].input.forbidden == std::vector<std::string>{"vm"});
}

TEST_CASE("everything that is wrong with a table is named at once", "[issuer][import]") {
  const std::string columns = "the columns are customer, product, seats, versions, id, feature, rehosts, certificates, allow, forbid";
  CHECK(faults_of(read("")) == Faults{"1 : there is no licence in the table"});
  CHECK(faults_of(read("customer,product,seats,versions\n")) == Faults{"1 : there is no licence in the table"});
  CHECK(faults_of(read("customer;product;seats;versions\na;b;1;3.*\n")) == Faults{"1 : the columns are not separated by commas"});
  CHECK(faults_of(read("\xff\xfe"
                       "c\0u\0")) == Faults{"1 : the table is in UTF-16"});
  CHECK(faults_of(read(std::string("SQLite format 3\0", 16))) == Faults{"1 : this is no text"});
  CHECK(faults_of(read("PK\x03\x04")) == Faults{"1 : this is a spreadsheet, and no table in text"});
  const ImportTable header = read("customer,seats,Colour,seats,,id\nMill,3,red,3,,L2\n");
  CHECK(faults_of(header) == Faults{"1 Colour: is no column of a licence", "1 seats: is there twice", "1 5: has no name",
                                    "1 product: is missing", "1 versions: is missing"});
  CHECK(header.faults[0].remedy == columns);
  CHECK(faults_of(read("customer,product,seats,versions,id,feature,rehosts,allow,forbid\n"
                       ",plan ner,0,three,bad id,\"a\nb\",-1,moon,vm\n"
                       "Mill,planner,many,3.*,L2,,100001,vm,vm\n"
                       "Mill,planner,1,3.*,l2,,,,\n"
                       "Mill,planner,1\n"
                       "Mi\x01ll,planner,1000001,3.*,,,,,sun\n"
                       "Mi\xffll,planner,1,,,,,,\n")) ==
        Faults{"2 rehosts: '-1' is not a whole number", "2 allow: 'moon' is neither vm nor container", "2 customer: is empty",
               "2 product: 'plan ner' is not a product's name", "2 seats: is out of range", "2 versions: 'three' is not a range",
               "2 id: 'BAD ID' is not a licence id", "2 feature: 'a\\x0ab' has control characters", "4 seats: 'many' is not a whole number",
               "4 allow: vm is allowed and forbidden", "4 rehosts: is out of range", "5 id: 'L2' stands in line 4 already",
               "6 : has 3 fields, and the first line has 9", "7 customer: 'Mi\\x01ll' has control characters", "7 seats: is out of range",
               "7 forbid: 'sun' is neither vm nor container", "8 customer: 'Mi\\xffll' is not UTF-8", "8 versions: is empty"});
  // A fault of form has its column's name too.
  CHECK(faults_of(read("customer,product,seats,versions\n\"Mi\"ll,planner,1,3.*\n")) ==
        Faults{"2 customer: something follows the closing quote"});
}

TEST_CASE("however much is wrong, the list of faults ends", "[issuer][import]") {
  std::string text = "customer,product,seats,versions\n";
  for (std::size_t i = 0; i < max_import_faults; ++i) text += ",?,0,x\n";
  const ImportTable table = read(text);
  CHECK(table.faults.size() == max_import_faults);
  CHECK(table.faults_left_out == 3 * max_import_faults);
  const RefusedTable refused = refused_table("oak-issuer", "t.csv", table);
  CHECK(refused.messages.find("and 3000 more") != std::string::npos);
  CHECK(refused.messages.find("'t.csv' has 4000 faults: no licence was added") != std::string::npos);
  // Nor is a fault told at the length of what is wrong.
  const std::string long_name(1U << 20, 'n');
  text = "customer,product,seats,versions," + long_name + "\n";
  for (std::size_t i = 0; i < 10; ++i) text += long_name + "," + long_name + "," + long_name + "," + long_name + ",a\"b\n";
  CHECK(refused_table("oak-issuer", "t.csv", read(text)).messages.size() < 20'000);
}

TEST_CASE("no bytes make a table that can't be judged", "[issuer][import]") {
  std::mt19937 random(11);
  const std::vector<std::string> pieces = {"customer", "product", "seats", "versions",           "id",   ",",  ",", ",", "\n", "\r\n", "\"",
                                           "1",        "3.*",     ";",     std::string(1, '\0'), "\xff", "vm", " "};
  for (int round = 0; round < 5'000; ++round) {
    std::string text = round % 2 == 0 ? "customer,product,seats,versions\n" : "";
    for (std::size_t i = random() % 30; i > 0; --i) text += pieces[random() % pieces.size()];
    const ImportTable table = read(text);
    CHECK((table.faults.empty() ? !table.rows.empty() : true));
    for (const ImportRow& row : table.rows) {
      std::vector<TermFault> faults;
      licence_of(row.input, faults);
      CHECK((table.faults.empty() ? faults.empty() : true));
    }
  }
}

TEST_CASE("a table becomes licences, each with a key that proves it, and its product", "[issuer][import]") {
  ImportingDesk office;
  const auto done = office.import(three);
  REQUIRE(done);
  CHECK(done->refused.faults.empty());
  CHECK_FALSE(done->repeat);
  CHECK(done->new_products == std::vector<std::string>{"planner", "viewer"});
  REQUIRE(done->licences.size() == 3);
  CHECK(done->licences[0].licence.id == "YARD");
  CHECK(is_licence_id(done->licences[1].licence.id));
  for (const ImportedLicence& one : done->licences) {
    CHECK(show_licence_key(*office.desk, office.ledger_key, one.licence.id)->key_text == one.key_text);
    CHECK(parse_licence_key(one.key_text)->licence_id == one.licence.id);
  }
  const Licence yard = **office.desk->ledger().licence("YARD");
  CHECK(yard.features == std::vector<std::string>{"export", "print"});
  CHECK(yard.rehosts == 5);
  CHECK(yard.certificates == 0);
  CHECK(yard.forbids_virtual_machines);
  CHECK_FALSE(yard.forbids_containers);
}

TEST_CASE("the same file again adds nothing and gives the keys of today", "[issuer][import]") {
  ImportingDesk office;
  const auto first = office.import(three);
  REQUIRE(first);
  const auto entries = *office.desk->ledger().size();
  const auto fresh = change_licence_key(*office.desk, office.world, office.ledger_key, "PORT");
  REQUIRE(fresh);
  CHECK(check_licence_table(*office.desk, as_bytes(three))->faults.empty());
  const auto again = office.import(three);
  REQUIRE(again);
  CHECK(again->repeat);
  CHECK(*office.desk->ledger().size() == entries + 1);
  REQUIRE(again->licences.size() == 3);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(again->licences[i].licence.id == first->licences[i].licence.id);
    CHECK(again->licences[i].key_text == first->licences[i].key_text);
  }
  CHECK(again->licences[2].key_text == fresh->key_text);
}

TEST_CASE("a table of which one line is refused adds nothing", "[issuer][import]") {
  ImportingDesk office;
  const auto before = office.count();
  const auto entries = *office.desk->ledger().size();
  const std::string one_taken = "customer,product,seats,versions,id\nMill,planner,1,3.*,L8\nPort,planner,0,3.*,\nYard,planner,1,3.*,l1\n";
  const auto refused = office.import(one_taken);
  REQUIRE(refused);
  CHECK(refused->licences.empty());
  CHECK(faults_of(refused->refused) == Faults{"3 seats: is out of range", "4 id: licence 'L1' is there already"});
  CHECK(faults_of(*check_licence_table(*office.desk, as_bytes(one_taken))) == faults_of(refused->refused));
  CHECK(office.count() == before);
  CHECK(*office.desk->ledger().size() == entries);
  const auto mended = office.import("customer,product,seats,versions,id\nMill,planner,1,3.*,L8\n");
  REQUIRE(mended);
  CHECK(mended->licences.size() == 1);
}

TEST_CASE("licences written as a table are read as the same licences", "[issuer][import]") {
  ImportingDesk office, other;
  REQUIRE(office.import(three));
  NewLicence odd;
  odd.id = "ODD", odd.customer = "'-\"Yard\", =1", odd.product = "demo", odd.versions = ">=3.0 <5", odd.features = {"@a, b"};
  REQUIRE(add_licence(*office.desk, office.world, office.ledger_key, odd));
  odd.id = "ODD2", odd.customer = "-9";
  REQUIRE(add_licence(*office.desk, office.world, office.ledger_key, odd));
  std::vector<Licence> sold = *office.desk->ledger().licences();
  sold.erase(sold.begin());  // L1, which the other desk has too
  const auto done = other.import(licence_table_of(sold));
  REQUIRE(done);
  CHECK(faults_of(done->refused).empty());
  REQUIRE(done->licences.size() == sold.size());
  for (std::size_t i = 0; i < sold.size(); ++i)
    CHECK(encode_leaf({0, LeafKind::licence_added, 0, {}, {}, LicenceLeaf{sold[i]}}) ==
          encode_leaf({0, LeafKind::licence_added, 0, {}, {}, LicenceLeaf{done->licences[i].licence}}));
}

TEST_CASE("the keys leave as a table that is read as one", "[issuer][import]") {
  ImportingDesk office;
  const auto done = office.import("customer,product,seats,versions,id\n\"=SUM(1,2)\",planner,1,3.*,L8\n");
  REQUIRE(done);
  CHECK(keys_as_csv(*done) ==
        "id,licence_key,customer,product,seats,versions\r\nL8," + done->licences[0].key_text + ",\"'=SUM(1,2)\",planner,1,3.*\r\n");
  const Report report = imported_report(*done, "keys.csv");
  CHECK(report.text.find(done->licences[0].key_text) == std::string::npos);
  CHECK(imported_report(*done, {}).text.find(done->licences[0].key_text) != std::string::npos);
}

}  // namespace oak::desk_test
