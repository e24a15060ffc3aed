// OAK verifier for C++17 and later: oak_verifier.h with handles that close themselves and answers that are values.
//
//   #include <oak_verifier.hpp>
//   const oakverifier::Answer answer = oakverifier::check({"planner", "3.5.1", seats_in_use});
//   if (!answer.active()) std::cerr << answer.text;
//
// What oak_verifier.h says of threads, units and the files that are read holds here too. Beyond that:
//   Ownership   Verifier owns its handle: it can be moved, not copied, and closes it. Answers and questions own their strings.
//               Question::trust alone is borrowed, until open or check returns.
//   Exceptions  The library throws none, and this header none of its own: what can't be answered is a Status. std::bad_alloc may
//               come from the strings made here, on this side of the C boundary, where an exception can be caught.
//   Header only There is nothing to link but liboakverifier, and nothing to break where compiler or standard library differ.
#ifndef OAK_VERIFIER_HPP
#define OAK_VERIFIER_HPP

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "oak_verifier.h"

namespace oakverifier {

/// A newer library may give a number that is not here: it is not active.
enum class Verdict : int {
  not_verified = OAK_NOT_VERIFIED,
  active = OAK_ACTIVE,
  rebind = OAK_REBIND,
  clock_set_back = OAK_CLOCK_SET_BACK,
  expired = OAK_EXPIRED,
  not_yet_valid = OAK_NOT_YET_VALID,
  revoked = OAK_REVOKED,
  superseded = OAK_SUPERSEDED,
  returned = OAK_RETURNED,
  untrusted = OAK_UNTRUSTED,
  malformed = OAK_MALFORMED,
  not_activated = OAK_NOT_ACTIVATED
};

/// Whether there is an answer. It says nothing of the licence.
enum class Status : int {
  ok = OAK_STATUS_OK,
  bad_argument = OAK_STATUS_BAD_ARGUMENT,
  too_small = OAK_STATUS_TOO_SMALL,
  not_checked = OAK_STATUS_NOT_CHECKED,
  no_memory = OAK_STATUS_NO_MEMORY,
  permission = OAK_STATUS_PERMISSION,
  io = OAK_STATUS_IO,
  key_missing = OAK_STATUS_KEY_MISSING,
  unsafe_file = OAK_STATUS_UNSAFE_FILE,
  damaged_key = OAK_STATUS_DAMAGED_KEY,
  internal = OAK_STATUS_INTERNAL
};

/// "active", "rebind" … A constant that lives as long as the library.
inline const char* name(Verdict verdict) noexcept { return ::oak_verdict_name(static_cast<int>(verdict)); }
/// "ok", "permission" …
inline const char* name(Status status) noexcept { return ::oak_status_name(static_cast<int>(status)); }

/// What the product says about itself.
struct Question {
  std::string product{};                ///< as the vendor's desk spells it, 1 to 40 characters
  std::string version{};                ///< of the running product: "3.5.1", "4.0-rc1"
  std::uint32_t seats_in_use = 0;       ///< how many seats the product uses just now; 0: not asked
  const std::uint8_t* trust = nullptr;  ///< the vendor's trust document; nullptr: built in, else the site's file
  std::size_t trust_len = 0;            ///< in bytes
  std::string state_dir{};              ///< empty: /var/lib/oak
};

struct Answer {
  Status status = Status::not_checked;
  Verdict verdict = Verdict::not_verified;
  std::string text{};  ///< lines for the person at the screen: verdict, reasons, the command that helps
  std::string json{};  ///< the object of `oak-verifier check --json`; empty where nothing could be opened

  /// The library could answer, and the answer is yes.
  [[nodiscard]] bool active() const noexcept { return status == Status::ok && verdict == Verdict::active; }
};

/// What is stored for one product, opened and verified once; check() may then be called again and again.
class Verifier {
 public:
  /// Where this fails, status() says why, and so does each check().
  [[nodiscard]] static Verifier open(const Question& question) {
    oak_config config{};
    config.size = sizeof config;
    config.seats_in_use = question.seats_in_use;
    config.product = question.product.c_str();
    config.version = question.version.c_str();
    config.trust = question.trust;
    config.trust_len = question.trust_len;
    config.state_dir = question.state_dir.empty() ? nullptr : question.state_dir.c_str();
    ::oak_verifier* handle = nullptr;
    const int status = ::oak_open(&config, &handle);
    return Verifier(handle, static_cast<Status>(status));
  }

  [[nodiscard]] Status status() const noexcept { return status_; }

  /// Reads the hardware and judges. One thread at a time.
  [[nodiscard]] Answer check() {
    Answer answer;
    answer.status = status_;
    if (handle_) {
      int verdict = OAK_NOT_VERIFIED;
      answer.status = static_cast<Status>(::oak_check(handle_.get(), &verdict));
      answer.verdict = static_cast<Verdict>(verdict);
      answer.text = all_of(&::oak_answer_text);
      answer.json = all_of(&::oak_answer_json);
    }
    if (answer.text.empty()) answer.text = std::string("no answer: ") + name(answer.status) + '\n';
    return answer;
  }

 private:
  struct Close {
    void operator()(::oak_verifier* handle) const noexcept { ::oak_close(handle); }
  };

  Verifier(::oak_verifier* handle, Status status) noexcept : handle_(handle), status_(status) {}

  template <typename Read>
  std::string all_of(Read read) {
    std::size_t length = 0;
    if (read(handle_.get(), nullptr, &length) != OAK_STATUS_TOO_SMALL) return {};
    std::string out(length, '\0');
    if (read(handle_.get(), out.data(), &length) != OAK_STATUS_OK) return {};
    out.resize(length - 1);  // its NUL
    return out;
  }

  std::unique_ptr<::oak_verifier, Close> handle_;
  Status status_;
};

/// One check at start: open, check, close.
[[nodiscard]] inline Answer check(const Question& question) { return Verifier::open(question).check(); }

}  // namespace oakverifier

#endif
