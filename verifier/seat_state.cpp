#include "verifier/seat_state.h"

#include "core/cbor.h"
#include "core/key_file.h"
#include "verifier/checked_file.h"

namespace oak {
namespace {

constexpr std::string_view key_name = "computer.key", server_name = "server.oak", lease_name = "lease.oak", token_name = "token.oak",
                           clock_name = "clock.oak";
constexpr std::string_view key_label = "oak/v1/seat-computer-key", server_label = "oak/v1/seat-server",
                           lease_label = "oak/v1/seat-lease-held", token_label = "oak/v1/seat-token", clock_label = "oak/v1/seat-clock";
constexpr std::size_t max_file_bytes = 1 << 18, max_url_bytes = 512;

template <std::size_t N>
Result<ByteArray<N>> array_in(cbor::Reader& reader) {
  OAK_ASSIGN(const ByteView bytes, reader.bytes());
  const auto array = to_array<N>(bytes);
  if (!array) return fail(Code::damaged_state);
  return *array;
}
template <std::size_t N>
Result<std::optional<ByteArray<N>>> array_or_null_in(cbor::Reader& reader) {
  OAK_ASSIGN(const bool none, reader.null());
  if (none) return std::optional<ByteArray<N>>{};
  OAK_ASSIGN(const ByteArray<N> array, array_in<N>(reader));
  return std::optional(array);
}
template <std::size_t N>
void put_or_null(cbor::Writer& writer, const std::optional<ByteArray<N>>& array) {
  array ? writer.bytes(*array) : writer.null();
}

Status expect_fields(cbor::Reader& reader, std::size_t fields) {
  OAK_ASSIGN(const std::size_t count, reader.array());
  if (count != fields) return fail(Code::damaged_state);
  return {};
}

Result<SeatServer> decode_server(ByteView body) {
  cbor::Reader reader(body);
  OAK_TRY(expect_fields(reader, 4));
  SeatServer out;
  OAK_ASSIGN(const std::string_view url, reader.text());
  OAK_ASSIGN(out.key, array_in<32>(reader));
  OAK_ASSIGN(const ByteView activation, reader.bytes());
  OAK_ASSIGN(const std::string_view product, reader.text());
  if (url.size() > max_url_bytes) return fail(Code::damaged_state);
  out.url = url;
  out.activation.assign(activation.begin(), activation.end());
  out.product = product;
  return out;
}

Result<HeldLease> decode_lease(ByteView body) {
  cbor::Reader reader(body);
  OAK_TRY(expect_fields(reader, 5));
  HeldLease out;
  OAK_ASSIGN(const ByteView document, reader.bytes());
  OAK_ASSIGN(out.boot_id, array_in<16>(reader));
  OAK_ASSIGN(out.sent_at_ms, reader.uint());
  OAK_ASSIGN(out.sent_at_unix_s, reader.uint());
  OAK_ASSIGN(out.number, reader.uint());
  out.document.assign(document.begin(), document.end());
  return out;
}

Result<SeatToken> decode_token(ByteView body) {
  cbor::Reader reader(body);
  OAK_TRY(expect_fields(reader, 3));
  SeatToken out;
  OAK_ASSIGN(out.token, array_or_null_in<16>(reader));
  OAK_ASSIGN(out.nonce, array_or_null_in<16>(reader));
  OAK_ASSIGN(out.answers, reader.uint());
  return out;
}

Result<std::uint64_t> decode_clock(ByteView body) {
  cbor::Reader reader(body);
  return reader.uint();
}

/// What is in a file of that label; nullopt where there is no file. Any fault is damaged_state.
template <typename T>
Result<std::optional<T>> decoded(const Result<std::optional<Bytes>>& file, const std::string& path, std::string_view label,
                                 Result<T> (*decode)(ByteView)) {
  if (!file) return tl::unexpected(file.error());
  if (!*file) return std::optional<T>{};
  const auto body = decode_checked(label, **file);
  auto value = body ? decode(*body) : Result<T>(tl::unexpected(body.error()));
  if (!value) return fail(Code::damaged_state, path);
  return std::optional<T>(std::move(*value));
}

}  // namespace

SeatState::SeatState(Disk& disk, const std::string& state_dir, std::string_view product)
    : disk_(disk), folder_(state_dir + "/" + std::string(product) + "/seat"), product_(product) {}

Result<std::optional<Bytes>> SeatState::read(std::string_view name) const {
  auto file = disk_.read_beneath(folder_, std::string(name), max_file_bytes);
  if (!file && file.error().code == Code::not_found) return std::optional<Bytes>{};
  if (!file && (file.error().code == Code::too_large || file.error().code == Code::is_a_folder))
    return fail(Code::damaged_state, folder_ + "/" + std::string(name));
  if (!file) return tl::unexpected(file.error());
  return std::optional(std::move(file->bytes));
}

Status SeatState::write(std::string_view name, ByteView bytes) {
  return disk_.write_beneath(folder_, std::string(name), bytes, 0640, Existing::replace);
}

Result<std::optional<SeatServer>> SeatState::server() const {
  OAK_ASSIGN(auto server, decoded<SeatServer>(read(server_name), folder_ + "/server.oak", server_label, decode_server));
  if (server && server->product != product_) return fail(Code::damaged_state, folder_ + "/server.oak");
  return server;
}

Result<std::optional<KeyPair>> SeatState::computer_key() const {
  OAK_ASSIGN(auto bytes, read(key_name));
  if (!bytes) return std::optional<KeyPair>{};
  const SecretBytes file(std::move(*bytes));
  auto seed = decode_key_pair_file(key_label, file.view());
  if (!seed) return fail(Code::damaged_state, folder_ + "/computer.key");
  const PublicKey public_key = public_key_of(*seed);
  return std::optional(KeyPair{std::move(*seed), public_key});
}

Result<std::optional<HeldLease>> SeatState::lease() const {
  return decoded<HeldLease>(read(lease_name), folder_ + "/lease.oak", lease_label, decode_lease);
}

Result<std::optional<SeatToken>> SeatState::token() const {
  return decoded<SeatToken>(read(token_name), folder_ + "/token.oak", token_label, decode_token);
}

Result<std::optional<std::uint64_t>> SeatState::time_mark() const {
  return decoded<std::uint64_t>(read(clock_name), folder_ + "/clock.oak", clock_label, decode_clock);
}

Status SeatState::put_computer_key(const Seed& seed) {
  OAK_TRY(disk_.make_folder(folder_, 0700));
  const SecretBytes file = encode_key_pair_file(key_label, seed);
  return write(key_name, file.view());
}

Status SeatState::put_server(const SeatServer& server) {
  cbor::Writer body;
  body.array(4);
  body.text(server.url);
  body.bytes(server.key);
  body.bytes(server.activation);
  body.text(server.product);
  return write(server_name, encode_checked(server_label, body.view()));
}

Status SeatState::put_lease(const HeldLease& lease) {
  cbor::Writer body;
  body.array(5);
  body.bytes(lease.document);
  body.bytes(lease.boot_id);
  body.uint(lease.sent_at_ms);
  body.uint(lease.sent_at_unix_s);
  body.uint(lease.number);
  return write(lease_name, encode_checked(lease_label, body.view()));
}

Status SeatState::remove_lease() {
  auto removed = disk_.remove_beneath(folder_, std::string(lease_name));
  if (!removed && removed.error().code == Code::not_found) return {};
  return removed;
}

Status SeatState::put_token(const SeatToken& token) {
  cbor::Writer body;
  body.array(3);
  put_or_null(body, token.token);
  put_or_null(body, token.nonce);
  body.uint(token.answers);
  return write(token_name, encode_checked(token_label, body.view()));
}

Status SeatState::put_time_mark(std::uint64_t unix_s) {
  cbor::Writer body;
  body.uint(unix_s);
  return write(clock_name, encode_checked(clock_label, body.view()));
}

}  // namespace oak
