#include "machine-id/snapshot.h"

#include "tests/fuzz/fuzz.h"

namespace oak::fuzz {

void run(ByteView input) {
  const auto snapshot = decode_snapshot(input);
  if (snapshot) require(encode_snapshot(*snapshot) == Bytes(input.begin(), input.end()), "a snapshot has one spelling");
}

std::vector<Bytes> seeds() {
  const auto member = [](Component component, State state, std::string label, std::uint8_t digest) {
    Observation seen;
    seen.component = component;
    seen.state = state;
    seen.label = std::move(label);
    seen.digest = {digest};
    return seen;
  };
  Snapshot snapshot{"turbine", BootId{1, 2, 3}, {}};
  SnapshotPart part{FingerprintKeyId{4}, {}};
  part.members.push_back(member(Component::product_uuid, State::usable, "", 5));
  part.members.push_back(member(Component::product_serial, State::placeholder, "", 0));
  part.members.push_back(member(Component::mac, State::usable, "eth0", 6));
  snapshot.parts.push_back(part);
  std::vector<Bytes> made = {encode_snapshot(snapshot)};
  part.key = FingerprintKeyId{7};
  part.members.resize(1);
  snapshot.parts.push_back(part);
  made.push_back(encode_snapshot(snapshot));
  return made;
}

}  // namespace oak::fuzz
