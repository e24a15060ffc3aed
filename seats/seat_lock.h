#pragma once
// The programs of one computer share its seat: they ask one at a time, and the last one gives it back.

#include <string>
#include <utility>

#include "core/failure.h"

namespace oak::seats {

/// Ends with the process, however that ends.
class SeatLock {
 public:
  /// For one request. Waits for others, each of which takes a bounded time.
  static Outcome<SeatLock> take(const std::string& folder);
  /// For as long as a program uses the seat.
  static Outcome<SeatLock> use(const std::string& folder);
  /// Of a program that stops using it: true where no other does. Then nobody begins before this object ends.
  bool is_last();

  SeatLock(SeatLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  SeatLock(const SeatLock&) = delete;
  SeatLock& operator=(const SeatLock&) = delete;
  SeatLock& operator=(SeatLock&&) = delete;
  ~SeatLock();

 private:
  explicit SeatLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace oak::seats
