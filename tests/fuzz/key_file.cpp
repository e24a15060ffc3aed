#include "core/key_file.h"

#include "issuer/key_file.h"
#include "tests/fuzz/fuzz.h"

namespace oak::fuzz {
namespace {

constexpr std::string_view labels[] = {"oak/v1/machine-key", "oak/v1/seat-server-key"};

bool same(ByteView a, ByteView b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

class CountingRandom final : public Random {
 public:
  void fill(std::uint8_t* out, std::size_t size) override {
    for (std::size_t i = 0; i < size; ++i) out[i] = next_++;
  }

 private:
  std::uint8_t next_ = 1;
};

}  // namespace

/// Key files of a machine's state, and what a desk's key file says in the clear. Desks' files are not opened here: that costs
/// seconds each, as it should.
void run(ByteView input) {
  for (const std::string_view label : labels) {
    const auto seed = decode_key_pair_file(label, input);
    if (seed) require(same(encode_key_pair_file(label, *seed).view(), input), "a key pair's file has one spelling");
  }
  if (const auto key = decode_fingerprint_key_file(input))
    require(same(encode_fingerprint_key_file(*key).view(), input), "a fingerprint key's file has one spelling");
  if (const auto head = read_key_file_head(input)) require(!head->name.empty(), "every key has a name");
}

std::vector<Bytes> seeds() {
  const auto copy = [](const SecretBytes& file) { return Bytes(file.view().begin(), file.view().end()); };
  CountingRandom random;
  Seed seed;
  random.fill(seed.data(), seed.size());
  std::vector<Bytes> made;
  for (const std::string_view label : labels) made.push_back(copy(encode_key_pair_file(label, seed)));
  FingerprintKeyFile fingerprint{{}, "K7QX2M4A", "turbine"};
  random.fill(fingerprint.key.data(), fingerprint.key.size());
  made.push_back(copy(encode_fingerprint_key_file(fingerprint)));
  const KeyFileHead head{"issuer-1", KeyPurpose::issuer, public_key_of(seed)};
  if (const auto sealed = seal_key_file(head, ByteView(seed.data(), seed.size()), as_bytes("a passphrase"), PasswordCost{}, random))
    made.push_back(*sealed);
  return made;
}

}  // namespace oak::fuzz
