// The C boundary: nothing but translation. Every function here lets no exception out.

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <system_error>

#include "core/key_file.h"
#include "core/licence_key.h"
#include "core/text.h"
#include "seats/keeper.h"
#include "seats/oak_seat.h"

struct oak_seat {
  oak::PosixDisk disk;
  mutable oak::SystemClock clock;
  mutable oak::SystemBootClock boot;
  oak::SystemRandom random;
  std::unique_ptr<oak::seats::Client> client;
  std::optional<oak::FileLock> use;
  std::optional<oak::seats::Keeping> keeping;
  std::optional<oak::seats::Keeper> keeper;  // the last to be made and the first to go: its thread uses the others
  mutable std::mutex failure_mutex;
  std::optional<oak::Failure> failure;  // of the last question
};

namespace {

using oak::Outcome;
using oak::seats::Keeping;
using oak::seats::Seat;
using oak::seats::Standing;

constexpr std::size_t first_config_size = sizeof(oak_seat_config), first_state_size = sizeof(oak_seat_state);
constexpr std::uint32_t most_days = 365;

int status_of(oak::Code code) {
  switch (code) {
    case oak::Code::usage: return OAK_SEAT_BAD_ARGUMENT;
    case oak::Code::not_activated: return OAK_SEAT_NOT_ENROLLED;
    case oak::Code::permission_denied: return OAK_SEAT_PERMISSION;
    case oak::Code::unreachable: return OAK_SEAT_UNREACHABLE;
    case oak::Code::refused: return OAK_SEAT_REFUSED;
    case oak::Code::wrong_server: return OAK_SEAT_WRONG_SERVER;
    case oak::Code::damaged_state: return OAK_SEAT_DAMAGED;
    case oak::Code::out_of_memory: return OAK_SEAT_NO_MEMORY;
    case oak::Code::internal: return OAK_SEAT_INTERNAL;
    case oak::Code::disk_full:
    case oak::Code::io_error:
    case oak::Code::unsafe_file:
    case oak::Code::is_a_folder:
    case oak::Code::not_found: return OAK_SEAT_IO;
    default: return OAK_SEAT_BAD_ANSWER;
  }
}

template <typename Body>
int guarded(Body body) noexcept {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return OAK_SEAT_NO_MEMORY;
  } catch (...) {
    return OAK_SEAT_INTERNAL;
  }
}

/// A newer header may have a longer struct: what this library does not know must be zero.
bool is_known_config(const oak_seat_config& config) {
  if (config.size < first_config_size || config.reserved != 0) return false;
  const auto* bytes = reinterpret_cast<const unsigned char*>(&config);
  return std::all_of(bytes + first_config_size, bytes + config.size, [](unsigned char byte) { return byte == 0; });
}

bool is_known_state(const oak_seat_state* state) { return state == nullptr || state->size >= first_state_size; }

int open(const oak_seat_config& config, oak_seat& seat) {
  if (!is_known_config(config) || config.product == nullptr || (config.state_dir != nullptr && *config.state_dir == 0))
    return OAK_SEAT_BAD_ARGUMENT;
  if (!oak::crypto_start()) return OAK_SEAT_INTERNAL;
  if (!oak::is_name(config.product, oak::max_product_bytes)) return OAK_SEAT_BAD_ARGUMENT;
  const std::string state_dir(config.state_dir != nullptr ? std::string_view(config.state_dir) : oak::default_state_dir);
  auto client = oak::seats::Client::open({seat.disk, seat.clock, seat.boot, seat.random, state_dir, {}}, config.product);
  if (!client) return status_of(client.error().code);
  seat.client = std::move(*client);
  seat.keeping.emplace(*seat.client, seat.clock, seat.boot, seat.random);
  seat.keeper.emplace(*seat.keeping);
  return OAK_SEAT_OK;
}

void show(const oak_seat& seat, oak_seat_state* out) {
  if (out == nullptr) return;
  const oak::seats::Keeper::Shown shown = seat.keeper->shown();
  const Standing& standing = shown.standing;
  const std::uint64_t now_ms = seat.boot.now_boot_ms(), now_s = seat.clock.now_unix_s();
  const std::uint64_t left_ms = standing.left_ms(now_ms, now_s);
  oak_seat_state state = {};
  state.size = out->size;
  state.held = left_ms > 0 ? 1 : 0;
  state.borrowed = state.held != 0 && standing.borrowed ? 1 : 0;
  // An end that nobody has noticed yet is a change all the same.
  state.changes = static_cast<std::uint32_t>(standing.changes + (standing.held && left_ms == 0 ? 1 : 0));
  state.left_ms = left_ms;
  state.turn_ms = !shown.next_ms ? UINT64_MAX : *shown.next_ms > now_ms ? *shown.next_ms - now_ms : 0;
  state.position = standing.position;
  state.until_unix_s = state.held != 0 ? standing.until_unix_s : 0;
  std::memcpy(out, &state, sizeof state);
}

int keep_failure(oak_seat& seat, std::optional<oak::Failure> failure) {
  const std::lock_guard lock(seat.failure_mutex);
  seat.failure = std::move(failure);
  return seat.failure ? status_of(seat.failure->code) : OAK_SEAT_OK;
}

/// One question, between two turns of the thread; then how the seat stands.
template <typename Ask>
int ask(oak_seat* seat, oak_seat_state* out_state, Ask question) {
  if (seat == nullptr || !is_known_state(out_state)) return OAK_SEAT_BAD_ARGUMENT;
  const int status = guarded([&]() -> int {
    if (!seat->use) {
      auto use = oak::seats::use_seat(seat->disk, seat->client->folder());
      if (!use) return keep_failure(*seat, use.error());
      seat->use.emplace(std::move(*use));
    }
    return keep_failure(*seat, seat->keeper->with(question));
  });
  show(*seat, out_state);
  return status;
}

std::optional<oak::Failure> failure_of(const Outcome<Seat>& outcome) { return outcome ? std::nullopt : std::optional(outcome.error()); }

}  // namespace

int oak_seat_open(const oak_seat_config* config, oak_seat** out_seat) {
  if (out_seat == nullptr) return OAK_SEAT_BAD_ARGUMENT;
  *out_seat = nullptr;
  if (config == nullptr) return OAK_SEAT_BAD_ARGUMENT;
  return guarded([&] {
    auto seat = std::make_unique<oak_seat>();
    const int status = open(*config, *seat);
    if (status == OAK_SEAT_OK) *out_seat = seat.release();
    return status;
  });
}

int oak_seat_acquire(oak_seat* seat, oak_seat_state* out_state) {
  return ask(seat, out_state, [](Keeping& keeping) { return failure_of(keeping.acquire()); });
}

int oak_seat_turn(oak_seat* seat, oak_seat_state* out_state) {
  return ask(seat, out_state, [](Keeping& keeping) {
    keeping.turn();
    return keeping.failure();
  });
}

int oak_seat_keep(oak_seat* seat) {
  if (seat == nullptr) return OAK_SEAT_BAD_ARGUMENT;
  return guarded([&] {
    seat->keeper->start({});
    return OAK_SEAT_OK;
  });
}

int oak_seat_look(const oak_seat* seat, oak_seat_state* out_state) {
  if (seat == nullptr || out_state == nullptr || !is_known_state(out_state)) return OAK_SEAT_BAD_ARGUMENT;
  show(*seat, out_state);
  return OAK_SEAT_OK;
}

int oak_seat_borrow(oak_seat* seat, uint32_t days, oak_seat_state* out_state) {
  if (days < 1 || days > most_days) return OAK_SEAT_BAD_ARGUMENT;
  return ask(seat, out_state, [&](Keeping& keeping) { return failure_of(keeping.borrow(days)); });
}

int oak_seat_release(oak_seat* seat) {
  if (seat == nullptr) return OAK_SEAT_BAD_ARGUMENT;
  return guarded([&]() -> int {
    seat->keeper->stop();
    if (!seat->use) return keep_failure(*seat, std::nullopt);
    auto failure = seat->keeper->with([&](Keeping& keeping) -> std::optional<oak::Failure> {
      if (seat->use->become_alone()) return failure_of(keeping.release(*seat->use));
      keeping.stop();  // another program of this computer goes on
      return std::nullopt;
    });
    seat->use.reset();
    return keep_failure(*seat, std::move(failure));
  });
}

int oak_seat_error_text(const oak_seat* seat, char* out, size_t* inout_len) {
  if (seat == nullptr || inout_len == nullptr || (out == nullptr && *inout_len != 0)) return OAK_SEAT_BAD_ARGUMENT;
  return guarded([&]() -> int {
    const std::lock_guard lock(seat->failure_mutex);
    std::string text = seat->failure ? seat->failure->message : std::string();
    if (seat->failure && !seat->failure->hint.empty()) text += "\nhint: " + seat->failure->hint;
    const std::size_t room = *inout_len, needed = text.size() + 1;
    *inout_len = needed;
    if (room < needed) return OAK_SEAT_TOO_SMALL;
    std::copy_n(text.c_str(), needed, out);
    return OAK_SEAT_OK;
  });
}

const char* oak_seat_status_name(int status) {
  static constexpr const char* names[] = {"ok",          "bad-argument", "too-small",    "not-enrolled", "no-memory", "permission", "io",
                                          "unreachable", "refused",      "wrong-server", "bad-answer",   "damaged",   "internal"};
  if (status < 0 || status >= static_cast<int>(std::size(names))) return "unknown";
  return names[status];
}

void oak_seat_close(oak_seat* seat) { delete seat; }
