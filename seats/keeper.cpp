#include "seats/keeper.h"

#include <csignal>

namespace oak::seats {
namespace {

constexpr std::uint64_t longest_sleep_ms = 60'000;  // the boot clock goes on while a machine sleeps, and this thread's does not

}  // namespace

void Keeper::start(std::function<void(Keeping::Change, const Keeping&)> told) {
  if (thread_.joinable()) return;
  told_ = std::move(told);
  stops_ = ended_ = false;
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { run(); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void Keeper::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(stop_mutex_);
    stops_ = true;
  }
  stop_changed_.notify_all();
  thread_.join();
}

bool Keeper::stop_within(std::uint64_t ms) {
  if (!thread_.joinable()) return true;
  std::unique_lock lock(stop_mutex_);
  stops_ = true;
  stop_changed_.notify_all();
  if (!stop_changed_.wait_for(lock, std::chrono::milliseconds(ms), [&] { return ended_; })) return false;
  lock.unlock();
  thread_.join();
  return true;
}

void Keeper::show() {
  const std::lock_guard lock(shown_mutex_);
  shown_ = {keeping_.standing(), keeping_.next_ms()};
}

void Keeper::wake() {
  {
    const std::lock_guard lock(stop_mutex_);
    changed_ = true;
  }
  stop_changed_.notify_all();
}

void Keeper::run() {
  std::unique_lock lock(stop_mutex_);
  while (!stops_) {
    changed_ = false;
    lock.unlock();
    std::optional<std::uint64_t> sleep_ms;
    {
      const std::lock_guard turn(turn_);
      const std::string trouble = keeping_.trouble();
      const Standing before = keeping_.standing();
      const Keeping::Change change = keeping_.turn();
      sleep_ms = keeping_.sleep_ms();
      show();
      if (told_ && (keeping_.standing() != before || keeping_.trouble() != trouble)) told_(change, keeping_);
    }
    lock.lock();
    const auto wait = std::chrono::milliseconds(std::min(sleep_ms.value_or(longest_sleep_ms), longest_sleep_ms));
    stop_changed_.wait_for(lock, wait, [&] { return stops_ || changed_; });
  }
  ended_ = true;
  stop_changed_.notify_all();
}

}  // namespace oak::seats
