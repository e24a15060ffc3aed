#pragma once
// Marks: what a machine must not forget about a product's activations, so that nothing older comes back.
// Encoded and decoded here only (docs/format-state.md, "Marks").

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/activation_id.h"
#include "core/error.h"

namespace oak {

struct BulletinMark {
  std::uint64_t signer = 0;  ///< the issuer key's serial; 0: the roots
  std::uint64_t number = 0;  ///< the newest bulletin seen from that signer
};

struct LicenceMarks {
  std::string licence;
  std::uint64_t generation = 0;                     ///< the highest that has once been active; 0: none yet
  std::uint64_t reset_generation = 0;               ///< the highest whose signed clock reset was used up
  std::optional<ActivationId> active_once;          ///< the activation that set `generation`
  std::optional<std::uint64_t> grace_start_unix_s;  ///< when the grace of `active_once` began
};

struct Marks {
  std::string product;
  std::uint64_t time_unix_s = 0;        ///< the latest time seen; 0: none
  std::vector<BulletinMark> bulletins;  ///< ascending by signer
  std::vector<LicenceMarks> licences;   ///< ascending by licence
  std::vector<ActivationId> returned;   ///< ascending

  const LicenceMarks* find_licence(std::string_view licence) const;
  LicenceMarks& licence(std::string_view licence);  ///< made where it is missing
  std::uint64_t bulletin_number(std::uint64_t signer) const;
  bool is_returned(const ActivationId& id) const;

  // Marks only ever grow. Each returns true where it changed something.
  bool advance_time(std::uint64_t now_unix_s);
  bool advance_bulletin(std::uint64_t signer, std::uint64_t number);
  /// An activation of this generation was active. Its own grace has not begun yet.
  bool advance_generation(std::string_view licence, std::uint64_t generation, const ActivationId& id);
  /// The activation's grace begins; once only, and only where it has been active.
  bool begin_grace(std::string_view licence, const ActivationId& id, std::uint64_t now_unix_s);
  /// Given back: it never counts here again.
  bool add_returned(const ActivationId& id);
  /// The one way back for the time mark: a signed activation says so, and each generation may do it once.
  bool reset_time(std::string_view licence, std::uint64_t generation, std::uint64_t issued_at_unix_s);
};

inline constexpr std::size_t max_marks_bytes = 1 << 18;
inline constexpr std::size_t max_marked_licences = 1024;
inline constexpr std::size_t max_marked_signers = 1024;
inline constexpr std::size_t max_returned = 8192;

/// What two processes know together: nothing of `stored` falls by `changed`, which began from an older one. Both are of one product.
Marks merged(const Marks& stored, const Marks& changed);

Bytes encode_marks(const Marks& marks);
/// Any fault is damaged_state: a wrong checksum, another product's marks, another spelling.
Result<Marks> decode_marks(ByteView file, std::string_view product);

}  // namespace oak
