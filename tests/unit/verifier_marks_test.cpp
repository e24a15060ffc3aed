// Goal: marks have one spelling, any fault in the file is found, and they only ever grow.

#include <catch2/catch.hpp>

#include "core/cbor.h"
#include "core/fields.h"
#include "verifier/marks.h"

using namespace oak;

namespace {

Marks some_marks() {
  Marks marks;
  marks.product = "demo";
  marks.advance_time(1'760'000'000);
  marks.advance_bulletin(7, 3);
  marks.advance_bulletin(0, 1);
  marks.advance_generation("L2", 4, ActivationId{4});
  marks.advance_generation("L1", 2, ActivationId{2});
  marks.licence("L3").grace_start_unix_s = 1'750'000'000;
  marks.add_returned(ActivationId{9});
  marks.add_returned(ActivationId{1});
  return marks;
}

}  // namespace

TEST_CASE("marks come back as they were written, in one spelling") {
  const Bytes file = encode_marks(some_marks());
  const auto marks = decode_marks(file, "demo");
  REQUIRE(marks);
  CHECK(encode_marks(*marks) == file);
  CHECK(marks->time_unix_s == 1'760'000'000);
  CHECK(marks->bulletin_number(7) == 3);
  CHECK(marks->bulletin_number(8) == 0);
  CHECK(marks->find_licence("L1")->generation == 2);
  CHECK(marks->find_licence("L1")->active_once == ActivationId{2});
  CHECK(marks->find_licence("L9") == nullptr);
  CHECK(marks->find_licence("L3")->grace_start_unix_s == 1'750'000'000);
  CHECK(marks->is_returned(ActivationId{1}));
  CHECK(!marks->is_returned(ActivationId{2}));
}

TEST_CASE("truncated at every length, with any bit flipped, or longer, marks are damaged") {
  const Bytes file = encode_marks(some_marks());
  for (std::size_t size = 0; size < file.size(); ++size) {
    const auto marks = decode_marks(ByteView(file).first(size), "demo");
    REQUIRE(!marks);
    CHECK(marks.error().code == Code::damaged_state);
  }
  for (std::size_t bit = 0; bit < file.size() * 8; ++bit) {
    Bytes flipped = file;
    flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (1U << (bit % 8)));
    CHECK(!decode_marks(flipped, "demo"));
  }
  Bytes longer = file;
  longer.push_back(0);
  CHECK(!decode_marks(longer, "demo"));
}

TEST_CASE("another product's marks are damaged ones") { CHECK(!decode_marks(encode_marks(some_marks()), "other")); }

TEST_CASE("a right checksum does not help a body out of order, or past its limits") {
  Marks marks = some_marks();
  std::swap(marks.returned.front(), marks.returned.back());
  CHECK(!decode_marks(encode_marks(marks), "demo"));
  marks = some_marks();
  std::swap(marks.licences.front(), marks.licences.back());
  CHECK(!decode_marks(encode_marks(marks), "demo"));
  marks = some_marks();
  marks.bulletins.push_back(marks.bulletins.back());
  CHECK(!decode_marks(encode_marks(marks), "demo"));
  marks = some_marks();
  marks.time_unix_s = max_unix_s + 1;
  CHECK(!decode_marks(encode_marks(marks), "demo"));
  marks = some_marks();
  marks.licence("../L").generation = 1;
  CHECK(!decode_marks(encode_marks(marks), "demo"));
  marks = some_marks();
  marks.licence("L3").grace_start_unix_s = max_unix_s + 1;
  CHECK(!decode_marks(encode_marks(marks), "demo"));
}

TEST_CASE("nothing goes back") {
  Marks marks = some_marks();
  CHECK(!marks.advance_time(1'750'000'000));
  CHECK(marks.time_unix_s == 1'760'000'000);
  CHECK(!marks.advance_bulletin(7, 2));
  CHECK(marks.bulletin_number(7) == 3);
  CHECK(!marks.advance_generation("L1", 1, ActivationId{7}));
  CHECK(marks.find_licence("L1")->generation == 2);
  CHECK(!marks.add_returned(ActivationId{1}));
  CHECK(marks.returned.size() == 2);
  CHECK(marks.advance_time(UINT64_MAX));
  CHECK(marks.time_unix_s == max_unix_s);
  CHECK(marks.reset_time("L1", 2, 1'700'000'000));
  CHECK(!marks.reset_time("L1", 2, 1'600'000'000));
  CHECK(marks.time_unix_s == 1'700'000'000);
}

TEST_CASE("grace begins once for the activation that has been active, and anew with the next") {
  Marks marks = some_marks();
  CHECK(!marks.begin_grace("L1", ActivationId{7}, 5));
  CHECK(!marks.begin_grace("L9", ActivationId{2}, 5));
  CHECK(marks.find_licence("L9") == nullptr);
  CHECK(marks.begin_grace("L1", ActivationId{2}, 5));
  CHECK(!marks.begin_grace("L1", ActivationId{2}, 6));
  CHECK(marks.find_licence("L1")->grace_start_unix_s == 5);
  CHECK(marks.advance_generation("L1", 3, ActivationId{3}));
  CHECK(!marks.find_licence("L1")->grace_start_unix_s);
  CHECK(marks.begin_grace("L1", ActivationId{3}, UINT64_MAX));
  CHECK(marks.find_licence("L1")->grace_start_unix_s == max_unix_s);
}

TEST_CASE("of marks that two processes changed, nothing is forgotten, whichever is written last") {
  const Marks before = some_marks();
  Marks one = before, other = before;
  one.advance_time(1'770'000'000);
  one.advance_bulletin(7, 5);
  one.advance_generation("L1", 3, ActivationId{3});
  one.advance_generation("L4", 1, ActivationId{4, 4});
  one.add_returned(ActivationId{5});
  other.advance_time(1'765'000'000);
  other.advance_bulletin(7, 4);
  other.advance_bulletin(8, 1);
  other.advance_generation("L2", 5, ActivationId{5});
  other.begin_grace("L2", ActivationId{5}, 1'765'000'000);
  other.add_returned(ActivationId{6});
  for (const Marks& both : {merged(one, other), merged(other, one)}) {
    CHECK(both.product == "demo");
    CHECK(both.time_unix_s == 1'770'000'000);
    CHECK(both.bulletin_number(0) == 1);
    CHECK(both.bulletin_number(7) == 5);
    CHECK(both.bulletin_number(8) == 1);
    CHECK(both.find_licence("L1")->generation == 3);
    CHECK(both.find_licence("L1")->active_once == ActivationId{3});
    CHECK(both.find_licence("L2")->generation == 5);
    CHECK(both.find_licence("L2")->active_once == ActivationId{5});
    CHECK(both.find_licence("L2")->grace_start_unix_s == 1'765'000'000);
    CHECK(both.find_licence("L3")->grace_start_unix_s == 1'750'000'000);
    CHECK(both.find_licence("L4")->generation == 1);
    CHECK(both.returned == std::vector<ActivationId>{{1}, {5}, {6}, {9}});
    CHECK(decode_marks(encode_marks(both), "demo"));
  }
  CHECK(encode_marks(merged(before, one)) == encode_marks(one));
  CHECK(encode_marks(merged(one, before)) == encode_marks(one));
}

TEST_CASE("a newer generation's grace has not begun because an older one's had; of two beginnings the first counts") {
  Marks old = some_marks();
  old.begin_grace("L1", ActivationId{2}, 5);
  Marks next = some_marks();
  next.advance_generation("L1", 3, ActivationId{3});
  CHECK(!merged(old, next).find_licence("L1")->grace_start_unix_s);
  CHECK(!merged(next, old).find_licence("L1")->grace_start_unix_s);
  Marks later = some_marks();
  later.begin_grace("L1", ActivationId{2}, 6);
  CHECK(merged(old, later).find_licence("L1")->grace_start_unix_s == 5);
  Marks twin = some_marks();
  twin.licence("L1").active_once = ActivationId{7};
  twin.licence("L1").grace_start_unix_s = 7;
  CHECK(merged(some_marks(), twin).find_licence("L1")->active_once == ActivationId{2});
  CHECK(!merged(some_marks(), twin).find_licence("L1")->grace_start_unix_s);
}

TEST_CASE("a signed reset of the time holds against whoever did not know of it") {
  Marks wrong = some_marks();
  wrong.advance_time(1'999'000'000);
  Marks reset = wrong;
  REQUIRE(reset.reset_time("L1", 3, 1'760'000'000));
  Marks unaware = wrong;
  unaware.advance_time(1'999'000'100);
  CHECK(merged(unaware, reset).time_unix_s == 1'760'000'000);
  CHECK(merged(reset, unaware).time_unix_s == 1'760'000'000);
  CHECK(merged(unaware, reset).find_licence("L1")->reset_generation == 3);
  CHECK(merged(reset, unaware).find_licence("L1")->reset_generation == 3);
  Marks later = reset;
  later.advance_time(1'760'000'500);
  CHECK(merged(reset, later).time_unix_s == 1'760'000'500);
  CHECK(merged(later, reset).time_unix_s == 1'760'000'500);
  Marks another = wrong;
  REQUIRE(another.reset_time("L5", 1, 1'759'000'000));
  CHECK(merged(reset, another).time_unix_s == 1'760'000'000);
  CHECK(merged(another, reset).time_unix_s == 1'760'000'000);
}

TEST_CASE("the example of docs/format-state.md, byte for byte") {
  Marks marks;
  marks.product = "demo";
  marks.advance_time(1764000000);
  marks.advance_bulletin(7, 3);
  ActivationId id{};
  for (std::size_t i = 0; i < id.size(); ++i) id[i] = static_cast<std::uint8_t>(i);
  marks.advance_generation("L1", 2, id);
  ActivationId returned{};
  returned.fill(0xff);
  marks.add_returned(returned);
  CHECK(to_hex(encode_marks(marks)) ==
        "836c6f616b2f76312f6d61726b73583a856464656d6f1a69248100818207038185624c31020050000102030405060708090a0b0c0d0e0ff6"
        "8150ffffffffffffffffffffffffffffffff5820d10195e539b8ed466887e0d595f2af6b43fcf5afb339b7ee0b2ba21f16b40028");
}
