#pragma once
// Who holds a seat, who waits, and in which order: the rules of docs/format-seats.md, "Time", "The line" and "Rolling value". Pure:
// time and randomness are handed in, and what changed is told, so that it can be on disk before an answer leaves.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/crypto.h"

namespace oak::seats {

using Token = ByteArray<16>;
using Nonce = ByteArray<16>;
using LeaseId = ByteArray<16>;

/// A moment, as the server sees it.
struct Now {
  std::uint64_t boot_ms = 0;     ///< CLOCK_BOOTTIME
  std::uint64_t unix_s = 0;      ///< the calendar's, which people may set
  std::uint64_t elapsed_ms = 0;  ///< what has gone by since the server was first started (seats/elapsed.h)
};

inline constexpr std::uint64_t longest_ttl_ms = 3'600'000;

struct Rules {
  std::uint64_t seats = 0;
  std::uint64_t ttl_ms = 120'000;
  std::uint64_t retry_ms = 10'000;
  std::uint64_t borrow_days = 30;
  bool active = true;  ///< the host's activation; without it nothing new is lent and nothing renewed

  /// The server counts longer than any computer believes.
  std::uint64_t counted_ms() const { return counted_ms(ttl_ms); }
  static constexpr std::uint64_t counted_ms(std::uint64_t ttl) { return ttl + (ttl / 20 < 5'000 ? ttl / 20 : 5'000); }
  std::uint64_t heartbeat_ms() const { return ttl_ms / 3; }
  std::uint64_t patience_ms() const { return 3 * retry_ms; }
};

struct Tenancy {
  LeaseId lease{};
  std::uint64_t counter = 0;
  std::uint64_t since_unix_s = 0;
  std::uint64_t counted_ms = 0;        ///< how long its last lease is counted: a server started anew may have another ttl
  std::uint64_t counted_until_ms = 0;  ///< by CLOCK_BOOTTIME; not for borrowed ones
  std::optional<std::uint64_t> borrowed_until_unix_s;
  std::uint64_t borrowed_over_ms = 0;  ///< of borrowed ones: the end by Now::elapsed_ms
  /// Read from a damaged row: it is counted, and becomes its computer's again only where all that are counted have room.
  bool doubtful = false;

  /// A borrowed seat is over when its days have gone by: a calendar that is set ends none.
  bool is_over(const Now& now) const {
    return borrowed_until_unix_s ? borrowed_over_ms <= now.elapsed_ms : counted_until_ms <= now.boot_ms;
  }
};

struct Computer {
  std::string name;
  std::uint64_t enrolled_at_unix_s = 0;
  std::optional<Token> current, previous;
  std::optional<Nonce> nonce;  ///< of the request that made `current`
  bool doubled = false;        ///< its enrolment was shown by a second holder
  std::optional<Tenancy> tenancy;
};

struct Waiting {
  PublicKey computer{};
  std::uint64_t number = 0;  ///< ascending in the order of arrival
  std::uint64_t since_unix_s = 0;
  std::uint64_t asked_at_ms = 0;
};

/// What a computer shows of itself with each request.
struct Shown {
  std::optional<Token> token;
  Nonce nonce{};
};

struct Answer {
  enum class Kind { held, waiting, not_held, second_holder, not_active, borrow_refused } kind = Kind::not_held;
  Token token{};               ///< the one to show next; not with second_holder
  std::uint64_t position = 0;  ///< of waiting: 1 is next
  std::optional<Tenancy> tenancy;
};

class Pool {
 public:
  Pool(Rules rules, Random& random) : rules_(rules), random_(&random) {}

  /// The activation is another, or no longer active. Who holds a seat goes on to its end.
  void set_rules(const Rules& rules) {
    rules_ = rules;
    all_patient_until_ms_ = 0;
  }
  const Rules& rules() const { return rules_; }

  // Restoring, from what is on disk. Held seats are counted anew from `now`: nobody knows how long the server was away.
  void restore(const PublicKey& key, Computer computer, const Now& now);
  void restore(Waiting waiting, const Now& now);

  /// Enrolled anew, a computer keeps its seat: its old token is what is forgotten.
  void enrol(const PublicKey& key, std::string name, const Now& now);
  bool is_enrolled(const PublicKey& key) const { return computers_.contains(key); }

  // What computers ask. The key must be enrolled.
  Answer acquire(const PublicKey& key, const Shown& shown, const Now& now);
  Answer heartbeat(const PublicKey& key, const Shown& shown, const Now& now);
  Answer release(const PublicKey& key, const Shown& shown, const Now& now);
  Answer borrow(const PublicKey& key, const Shown& shown, std::uint64_t days, const Now& now);

  /// Seats that are counted as held; those that are over end here.
  std::uint64_t held(const Now& now);
  const std::map<PublicKey, Computer>& computers() const { return computers_; }
  /// In their order; those who lost patience have left.
  const std::vector<Waiting>& line(const Now& now);
  /// Whose place in the line it is; null where it has none.
  const Waiting* find_waiting(const PublicKey& key) const;

  /// Whose row changed since the last call, and who came into or out of the line: what must be written before the answers leave.
  struct Changes {
    std::set<PublicKey> computers, line;
    bool any() const { return !computers.empty() || !line.empty(); }
  };
  Changes take_changes();

 private:
  bool is_holder(Computer& computer, const Now& now);
  bool takes_token(Computer& computer, const PublicKey& key, const Shown& shown);
  Answer answer_held(const PublicKey& key, Computer& computer, const Now& now);
  void set_tenancy(const PublicKey& key, Computer& computer, std::optional<Tenancy> tenancy);
  void leave_line(const PublicKey& key);
  void drop_impatient(const Now& now);
  std::size_t place_of(std::uint64_t number) const;

  Rules rules_;
  Random* random_;
  std::map<PublicKey, Computer> computers_;
  // Tenancies by their end, the first to end first: by boot time, and borrowed ones by what has gone by.
  std::set<std::pair<std::uint64_t, PublicKey>> ends_ms_, borrowed_ends_ms_;
  std::vector<Waiting> line_;  ///< by number
  std::map<PublicKey, std::uint64_t> numbers_;
  std::uint64_t all_patient_until_ms_ = 0;  ///< before then nobody has lost patience
  std::uint64_t next_number_ = 1;
  Changes changes_;
};

}  // namespace oak::seats
