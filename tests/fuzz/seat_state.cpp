#include "verifier/seat_state.h"

#include "tests/fuzz/framed.h"

namespace oak::fuzz {
namespace {

/// Every file of the state is the same bytes, until it is written.
class OneFileDisk final : public Disk {
 public:
  explicit OneFileDisk(ByteView bytes) : bytes_(bytes.begin(), bytes.end()) {}
  Result<FileBytes> read(const std::string& path, std::size_t) override { return fail(Code::not_found, path); }
  Status write(const std::string& path, ByteView, std::uint32_t, Existing) override { return fail(Code::permission_denied, path); }
  Result<FileBytes> read_beneath(const std::string&, const std::string&, std::size_t) override { return FileBytes{bytes_, 0, 0600}; }
  Status write_beneath(const std::string&, const std::string&, ByteView bytes, std::uint32_t, Existing) override {
    bytes_.assign(bytes.begin(), bytes.end());
    return {};
  }
  Status remove_beneath(const std::string&, const std::string&) override { return {}; }
  Result<std::vector<std::string>> list(const std::string&) override { return std::vector<std::string>{}; }
  Status make_folder(const std::string&, std::uint32_t) override { return {}; }
  bool may_write(const std::string&) override { return true; }
  bool exists(const std::string&) override { return true; }
  Status share_with_oak_group(const std::string&, const std::string&) override { return {}; }
  const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_;
};

/// What is read is written again as it was.
template <typename Read, typename Write>
void same_again(ByteView file, Read read, Write write) {
  OneFileDisk disk(file);
  SeatState state(disk, "/state", "turbine");
  const auto value = read(state);
  if (!value || !*value) return;
  require(write(state, **value).has_value(), "what is read can be written");
  require(disk.bytes() == Bytes(file.begin(), file.end()), "a file of the seat's state has one spelling");
}

void read_all(ByteView file) {
  same_again(
      file, [](SeatState& state) { return state.server(); },
      [](SeatState& state, const SeatServer& server) { return state.put_server(server); });
  same_again(
      file, [](SeatState& state) { return state.lease(); },
      [](SeatState& state, const HeldLease& lease) { return state.put_lease(lease); });
  same_again(
      file, [](SeatState& state) { return state.computer_key(); },
      [](SeatState& state, const KeyPair& key) { return state.put_computer_key(key.seed); });
  same_again(
      file, [](SeatState& state) { return state.token(); },
      [](SeatState& state, const SeatToken& token) { return state.put_token(token); });
  same_again(
      file, [](SeatState& state) { return state.time_mark(); },
      [](SeatState& state, std::uint64_t mark) { return state.put_time_mark(mark); });
}

constexpr std::string_view labels[] = {"oak/v1/seat-server", "oak/v1/seat-lease-held", "oak/v1/seat-token", "oak/v1/seat-clock"};

}  // namespace

void run(ByteView input) {
  read_all(input);
  for (const std::string_view label : labels) read_all(framed(label, input));
}

std::vector<Bytes> seeds() {
  std::vector<Bytes> made;
  OneFileDisk disk({});
  SeatState state(disk, "/state", "turbine");
  const auto keep = [&](const Status& written) {
    if (!written) return;
    made.push_back(disk.bytes());
    cbor::Reader reader(made.back());
    if (!reader.array() || !reader.text()) return;
    const auto body = reader.bytes();
    if (body) made.emplace_back(body->begin(), body->end());
  };
  keep(state.put_server({"https://seats.example:7443", PublicKey{1}, Bytes{1, 2, 3}, "turbine"}));
  keep(state.put_lease({Bytes{1, 2, 3}, ByteArray<16>{4}, 5}));
  keep(state.put_token({ByteArray<16>{6}, std::nullopt, 7}));
  keep(state.put_time_mark(1'800'000'000));
  keep(state.put_computer_key(Seed{}));
  return made;
}

}  // namespace oak::fuzz
