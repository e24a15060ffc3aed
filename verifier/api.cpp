// The C boundary: nothing but translation. Every function here lets no exception out.

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <new>
#include <optional>

#include "core/licence_key.h"
#include "core/text.h"
#include "verifier/check.h"
#include "verifier/oak_verifier.h"

struct oak_verifier {
  oak::PosixDisk disk;
  oak::LinuxHost host;
  oak::SystemClock clock;
  oak::SystemBootClock boot;
  oak::Question question;
  std::optional<oak::Check> check;
  std::optional<oak::Outcome<oak::Answer>> answer;  // of the last check
};

namespace {

constexpr std::size_t first_config_size = sizeof(oak_config);

int status_of(oak::Code code) {
  switch (code) {
    case oak::Code::usage:
    case oak::Code::bad_version: return OAK_STATUS_BAD_ARGUMENT;
    case oak::Code::permission_denied: return OAK_STATUS_PERMISSION;
    case oak::Code::fingerprint_key_missing: return OAK_STATUS_KEY_MISSING;
    case oak::Code::unsafe_file: return OAK_STATUS_UNSAFE_FILE;
    case oak::Code::damaged_state: return OAK_STATUS_DAMAGED_KEY;
    case oak::Code::out_of_memory: return OAK_STATUS_NO_MEMORY;
    case oak::Code::internal: return OAK_STATUS_INTERNAL;
    default: return OAK_STATUS_IO;
  }
}

template <typename Body>
int guarded(Body body) noexcept {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return OAK_STATUS_NO_MEMORY;
  } catch (...) {
    return OAK_STATUS_INTERNAL;
  }
}

/// A newer header may have a longer struct: what this library does not know must be zero.
bool is_known_config(const oak_config& config) {
  if (config.size < first_config_size) return false;
  const auto* bytes = reinterpret_cast<const unsigned char*>(&config);
  return std::all_of(bytes + first_config_size, bytes + config.size, [](unsigned char byte) { return byte == 0; });
}

int open(const oak_config& config, std::unique_ptr<oak_verifier>& verifier) {
  if (config.state_dir != nullptr && *config.state_dir == 0) return OAK_STATUS_BAD_ARGUMENT;
  if (!is_known_config(config) || config.product == nullptr || config.version == nullptr ||
      (config.trust == nullptr) != (config.trust_len == 0))
    return OAK_STATUS_BAD_ARGUMENT;
  if (!oak::crypto_start()) return OAK_STATUS_INTERNAL;
  auto question = oak::make_question(config.version, config.seats_in_use);
  if (!question) return status_of(question.error().code);
  oak::TrustSource source;
  if (config.trust != nullptr) source.argument_bytes = oak::Bytes(config.trust, config.trust + config.trust_len);
  verifier->question = std::move(*question);
  const std::string state_dir(config.state_dir != nullptr ? std::string_view(config.state_dir) : oak::default_state_dir);
  const oak::Machine machine{verifier->disk, verifier->host, verifier->clock, ::geteuid(), state_dir, &verifier->boot};
  auto check = oak::Check::load(machine, source, config.product);
  if (!check) return status_of(check.error().code);
  verifier->check.emplace(std::move(*check));
  return OAK_STATUS_OK;
}

int check(oak_verifier& verifier, int& verdict) {
  verifier.answer.reset();
  const auto& answer = verifier.answer.emplace(verifier.check->answer(verifier.question));
  if (!answer) return status_of(answer.error().code);
  verdict = static_cast<int>(answer->verdict);
  return OAK_STATUS_OK;
}

// An answer is written when somebody asks for it: most products never do.

std::string json_of(const oak::Outcome<oak::Answer>& answer) {
  std::string out = answer ? oak::answer_json(*answer) : oak::failure_json(answer.error());
  out.pop_back();  // the newline that a file would end in
  return out;
}

std::string text_of(const oak::Outcome<oak::Answer>& answer) {
  if (answer) return oak::answer_text(*answer);
  std::string out = "no answer: " + answer.error().message + '\n';
  if (!answer.error().hint.empty()) out += answer.error().hint + '\n';
  return out;
}

int hand_over(const oak_verifier* verifier, std::string (*form)(const oak::Outcome<oak::Answer>&), char* out, size_t* inout_len) {
  if (verifier == nullptr || inout_len == nullptr || (out == nullptr && *inout_len != 0)) return OAK_STATUS_BAD_ARGUMENT;
  if (!verifier->answer) return OAK_STATUS_NOT_CHECKED;
  return guarded([&]() -> int {
    const std::string answer = form(*verifier->answer);
    const std::size_t room = *inout_len, needed = answer.size() + 1;
    *inout_len = needed;
    if (room < needed) return OAK_STATUS_TOO_SMALL;
    std::copy_n(answer.c_str(), needed, out);
    return OAK_STATUS_OK;
  });
}

}  // namespace

int oak_open(const oak_config* config, oak_verifier** out_verifier) {
  if (out_verifier == nullptr) return OAK_STATUS_BAD_ARGUMENT;
  *out_verifier = nullptr;
  if (config == nullptr) return OAK_STATUS_BAD_ARGUMENT;
  return guarded([&] {
    auto verifier = std::make_unique<oak_verifier>();
    const int status = open(*config, verifier);
    if (status == OAK_STATUS_OK) *out_verifier = verifier.release();
    return status;
  });
}

int oak_check(oak_verifier* verifier, int* out_verdict) {
  if (out_verdict == nullptr) return OAK_STATUS_BAD_ARGUMENT;
  *out_verdict = OAK_NOT_VERIFIED;
  if (verifier == nullptr) return OAK_STATUS_BAD_ARGUMENT;
  return guarded([&] { return check(*verifier, *out_verdict); });
}

int oak_answer_json(oak_verifier* verifier, char* out, size_t* inout_len) { return hand_over(verifier, json_of, out, inout_len); }

int oak_answer_text(oak_verifier* verifier, char* out, size_t* inout_len) { return hand_over(verifier, text_of, out, inout_len); }

const char* oak_verdict_name(int verdict) { return oak::verdict_name(static_cast<oak::Verdict>(verdict)).data(); }

const char* oak_status_name(int status) {
  static constexpr const char* names[] = {"ok", "bad-argument", "too-small",   "not-checked", "no-memory", "permission",
                                          "io", "key-missing",  "unsafe-file", "damaged-key", "internal"};
  if (status < 0 || status >= static_cast<int>(std::size(names))) return "unknown";
  return names[status];
}

void oak_close(oak_verifier* verifier) { delete verifier; }
