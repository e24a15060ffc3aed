#pragma once
// The seat server's answers: from a request to the pool, to the disk, and only then back (docs/format-seats.md).

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/activation.h"
#include "core/clock.h"
#include "core/http/server.h"
#include "seats/pool.h"
#include "seats/seat_json.h"
#include "seats/elapsed.h"
#include "seats/store.h"

namespace oak::seats {

/// What is signed with, and for what.
struct Lending {
  std::string product, licence;
  ActivationId activation{};
  Bytes document;  ///< the activation: the chain of each lease
  std::string activation_text;
  KeyPair key;
};

struct ServiceWorld {
  Clock& clock;
  BootClock& boot;
  Random& random;
  Store& store;
  ByteArray<16> boot_id;
  std::function<void(std::function<void()>)> after_what_is_ready;  ///< Server::post
};

/// One thread: the server's.
class Service final : public http::Handler {
 public:
  /// Loads the pool from the store.
  static Result<std::unique_ptr<Service>> start(ServiceWorld world, Rules rules, Lending lending);
  /// Rows of the store that were damaged, in words.
  const std::vector<std::string>& damage() const { return damage_; }

  /// Another activation, fewer seats, or none that is active.
  void set_lending(Rules rules, Lending lending);
  void set_rules(const Rules& rules) { pool_.set_rules(rules); }
  const Rules& rules() const { return pool_.rules(); }
  StatusAnswer status();
  const Pool& pool() const { return pool_; }
  Now now();
  /// Now and then: how much time has gone by is written down, where a borrowed seat depends on it.
  Status note_time();

  std::optional<http::Response> refuse(const http::Head& head) override;
  void handle(const http::Head& head, std::string body, http::Respond respond) override;

 private:
  struct Pending {
    http::Head head;
    std::string body;
    http::Respond respond;
  };
  Service(ServiceWorld world, Rules rules, Lending lending);
  Status load_pool();
  Status mend(const StoredPool& stored);
  void answer_pending();
  Status write(const Pool::Changes& changes);
  http::Response answer(const Pending& pending);
  http::Response enrol(const Pending& pending);
  Result<bool> is_good_code(const Digest& secret_hash, const PublicKey& computer, const Now& at);
  const http::Response& status_response(bool as_page);
  http::Response answer_seat(const Pending& pending);
  http::Response seat_response(const Answer& answer, const PublicKey& computer);
  std::string sign_lease(const Tenancy& tenancy, const PublicKey& computer);
  bool may_try_code(const std::string& address);

  ServiceWorld world_;
  Pool pool_;
  Lending lending_;
  std::optional<Elapsed> elapsed_;
  std::vector<std::string> damage_;
  std::vector<Pending> pending_;
  std::map<Digest, PublicKey> used_codes_;  ///< by what is pending
  /// Status answers are made once and then repeated: whoever asks and asks costs nothing.
  struct StatusCache {
    std::uint64_t made_at_ms = 0, tokens = 0, refilled_at_ms = 0;
    bool is_made = false, is_stale = false;
    http::Response json, page;
  };
  StatusCache cache_;
  struct Tries {
    std::uint64_t since_ms = 0, count = 0;
  };
  std::map<std::string, Tries> wrong_codes_;  ///< by address
};

}  // namespace oak::seats
