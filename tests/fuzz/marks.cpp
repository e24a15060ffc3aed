#include "verifier/marks.h"

#include "core/cbor.h"
#include "tests/fuzz/framed.h"

namespace oak::fuzz {
namespace {

void read(ByteView file) {
  const auto marks = decode_marks(file, "turbine");
  if (!marks) return;
  require(encode_marks(*marks) == Bytes(file.begin(), file.end()), "marks have one spelling");
  Marks later = *marks;
  later.advance_time(later.time_unix_s + 1);
  later.advance_generation("K7QX2M4A", 7, ActivationId{});
  later.add_returned(ActivationId{});
  const auto again = decode_marks(encode_marks(later), "turbine");
  require(again && again->time_unix_s >= marks->time_unix_s && again->is_returned(ActivationId{}), "marks that grew are read again");
}

}  // namespace

void run(ByteView input) {
  read(input);
  read(framed("oak/v1/marks", input));
}

std::vector<Bytes> seeds() {
  Marks marks;
  marks.product = "turbine";
  std::vector<Bytes> made = {encode_marks(marks)};
  marks.advance_time(1'800'000'000);
  marks.advance_bulletin(0, 3);
  marks.advance_bulletin(5, 1);
  marks.advance_generation("K7QX2M4A", 2, ActivationId{1});
  marks.begin_grace("K7QX2M4A", ActivationId{1}, 1'800'000'000);
  marks.add_returned(ActivationId{2});
  made.push_back(encode_marks(marks));
  for (std::size_t i = 0, count = made.size(); i < count; ++i) {  // the bodies alone
    const Bytes file = made[i];
    cbor::Reader reader(file);
    (void)reader.array();
    (void)reader.text();
    const ByteView body = reader.bytes().value();
    made.emplace_back(body.begin(), body.end());
  }
  return made;
}

}  // namespace oak::fuzz
