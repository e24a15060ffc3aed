#pragma once
// A seat that is kept on a thread of its own, so that who uses it never waits for a network.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "seats/keeping.h"

namespace oak::seats {

class Keeper {
 public:
  explicit Keeper(Keeping& keeping) : keeping_(keeping), shown_{keeping.standing(), keeping.next_ms()} {}
  ~Keeper() { stop(); }
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  /// Begins to take turns. `told` is called on that thread after each that changed what stands, the end of a seat too, or that failed;
  /// signals go to other threads.
  void start(std::function<void(Keeping::Change, const Keeping&)> told);
  /// Waits for a turn that has begun, which takes a bounded time.
  void stop();
  /// The same for at most so long; false where the turn goes on.
  bool stop_within(std::uint64_t ms);

  /// Calls `ask` on the keeping, between two turns.
  template <typename Ask>
  auto with(Ask ask) {
    const std::lock_guard turn(turn_);
    auto result = ask(keeping_);
    show();
    wake();
    return result;
  }
  /// What stands, and when a turn is due (Keeping::next_ms), without waiting for anybody.
  struct Shown {
    Standing standing;
    std::optional<std::uint64_t> next_ms;
  };
  Shown shown() const {
    const std::lock_guard lock(shown_mutex_);
    return shown_;
  }

 private:
  void run();
  void show();
  void wake();
  Keeping& keeping_;
  std::function<void(Keeping::Change, const Keeping&)> told_;
  std::mutex turn_;  ///< held while keeping_ is used
  mutable std::mutex shown_mutex_;
  Shown shown_;
  std::mutex stop_mutex_;
  std::condition_variable stop_changed_;
  bool stops_ = false, changed_ = false, ended_ = true;
  std::thread thread_;
};

}  // namespace oak::seats
