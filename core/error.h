#pragma once
// Errors as values. No exception is thrown on any input, however hostile; what a function cannot do it returns.
//
// Code numbers are append-only: a number once published never changes its meaning and is never used again.
// The names (`code_name`) are what `--json` prints and what the sidecars of tests/vectors/ name.

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace oak {

enum class Code : std::uint16_t {
  // Encoding: bytes that are not the one accepted spelling (docs/format.md, "Encoding").
  truncated = 1,
  trailing_bytes = 2,
  not_canonical = 3,
  duplicate_key = 4,
  too_deep = 5,
  type_not_allowed = 6,
  bad_utf8 = 7,
  too_large = 8,
  bad_armour = 9,
  bad_base32 = 10,
  empty_input = 11,

  // Envelope (docs/format.md, "Envelopes").
  bad_envelope = 20,
  wrong_type = 21,
  unsupported_algorithm = 22,
  bad_signature = 23,
  unknown_key = 24,
  not_enough_signatures = 25,
  signers_not_sorted = 26,
  weak_key = 27,
  bad_note = 28,
  bad_seal = 29,

  // Payload (docs/format.md, "Documents").
  missing_field = 40,
  unknown_field = 41,
  bad_field = 42,
  unknown_critical = 43,

  // Meaning: well-formed and signed, and still not acceptable.
  issuer_not_allowed = 60,
  issuer_outside_window = 61,
  wrong_product = 62,
  wrong_proof = 63,
  bad_licence_key = 64,
  bad_version = 65,
  bad_range = 66,
  wrong_licence_key = 67,
  wrong_machine = 68,
  bulletin_too_old = 69,
  superseded = 70,
  returned = 71,
  revoked = 72,
  rebind_needed = 73,
  untrusted = 74,
  fingerprint_key_missing = 75,
  not_activated = 76,
  bad_facts = 77,
  refused = 78,
  unknown_licence = 79,
  unknown_activation = 80,
  already_exists = 81,
  no_usable_hardware = 82,
  bad_picture = 83,
  no_code_found = 84,
  part_missing = 85,

  // The world outside.
  not_found = 100,
  permission_denied = 101,
  is_a_folder = 102,
  disk_full = 103,
  io_error = 104,
  unsafe_file = 105,
  damaged_state = 106,
  wrong_passphrase = 107,
  bad_key_file = 108,
  usage = 109,
  locked = 110,
  ledger_damaged = 111,
  ledger_rolled_back = 112,
  out_of_memory = 113,
  internal = 114,

  // The network, where there is one.
  unreachable = 120,
  wrong_server = 121,
  bad_answer = 122,
};

/// What went wrong: the cause as a code, and where or with what as `context` (a field, an offset, a file; may be
/// empty). Context may quote hostile text: whoever prints it passes it through `printable` (core/text.h).
struct Error {
  Code code;
  std::string context;
};

template <typename T>
using Result = tl::expected<T, Error>;
using Status = tl::expected<void, Error>;

inline tl::unexpected<Error> fail(Code code, std::string context = {}) { return tl::unexpected<Error>(Error{code, std::move(context)}); }

/// The published name, e.g. "bad-signature".
std::string_view code_name(Code code);
/// One sentence fragment that says the cause, e.g. "the signature does not verify".
std::string_view code_cause(Code code);

/// Every code, for the test that proves names unique and causes present.
struct CodeEntry {
  Code code;
  std::string_view name, cause;
};
std::pair<const CodeEntry*, std::size_t> all_codes();

}  // namespace oak

/// Returns the error of a `Result` expression early, else yields nothing.
#define OAK_TRY(expression)                                                                                            \
  do {                                                                                                                 \
    if (auto oak_try_result = (expression); !oak_try_result) return tl::unexpected(std::move(oak_try_result).error()); \
  } while (false)

#define OAK_JOIN_(a, b) a##b
#define OAK_JOIN(a, b) OAK_JOIN_(a, b)
#define OAK_ASSIGN_(name, declaration, expression)           \
  auto name = (expression);                                  \
  if (!name) return tl::unexpected(std::move(name).error()); \
  declaration = std::move(*name)
/// `OAK_ASSIGN(auto value, may_fail());` declares value, or returns the error early.
#define OAK_ASSIGN(declaration, expression) OAK_ASSIGN_(OAK_JOIN(oak_result_, __LINE__), declaration, expression)
