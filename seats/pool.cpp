#include "seats/pool.h"

#include <algorithm>

namespace oak::seats {
namespace {

constexpr std::uint64_t day_s = 86'400;

Answer answer_of(Answer::Kind kind, const Computer& computer) {
  Answer answer;
  answer.kind = kind;
  answer.token = computer.current.value_or(Token{});
  return answer;
}

}  // namespace

void Pool::restore(const PublicKey& key, Computer computer, const Now& now) {
  std::optional<Tenancy> tenancy = std::exchange(computer.tenancy, std::nullopt);
  Computer& restored = computers_[key] = std::move(computer);
  if (!tenancy) return;
  tenancy->counted_until_ms = now.boot_ms + tenancy->counted_ms;
  set_tenancy(key, restored, std::move(tenancy));
}

void Pool::restore(Waiting waiting, const Now& now) {
  waiting.asked_at_ms = now.boot_ms;
  next_number_ = std::max(next_number_, waiting.number + 1);
  line_.insert(line_.begin() + static_cast<std::ptrdiff_t>(place_of(waiting.number)), waiting);
  numbers_[waiting.computer] = waiting.number;
}

void Pool::enrol(const PublicKey& key, std::string name, const Now& now) {
  Computer& computer = computers_[key];
  computer.name = std::move(name);
  computer.enrolled_at_unix_s = now.unix_s;
  computer.current = computer.previous = std::nullopt;
  computer.nonce = std::nullopt;
  computer.doubled = false;
  changes_.computers.insert(key);
}

/// Steps 2 to 4 of "Rolling value".
bool Pool::takes_token(Computer& computer, const PublicKey& key, const Shown& shown) {
  const bool is_first = !computer.current && !shown.token;
  if (is_first || (shown.token && computer.current == shown.token)) {
    computer.previous = computer.current;
    computer.current = random_bytes<16>(*random_);
    computer.nonce = shown.nonce;
    changes_.computers.insert(key);
    return true;
  }
  // Of a computer that was given its first token and never saw it, the one before is none.
  if (computer.current && computer.previous == shown.token && computer.nonce == shown.nonce) return true;
  if (!computer.doubled) changes_.computers.insert(key);
  computer.doubled = true;
  return false;
}

void Pool::set_tenancy(const PublicKey& key, Computer& computer, std::optional<Tenancy> tenancy) {
  const auto place_of = [&](const Tenancy& one) -> std::pair<std::set<std::pair<std::uint64_t, PublicKey>>*, std::uint64_t> {
    if (one.borrowed_until_unix_s) return {&borrowed_ends_ms_, one.borrowed_over_ms};
    return {&ends_ms_, one.counted_until_ms};
  };
  if (computer.tenancy) {
    const auto [ends, end] = place_of(*computer.tenancy);
    ends->erase({end, key});
  }
  if (tenancy) {
    const auto [ends, end] = place_of(*tenancy);
    ends->insert({end, key});
  }
  computer.tenancy = std::move(tenancy);
  changes_.computers.insert(key);
}

bool Pool::is_holder(Computer& computer, const Now& now) {
  if (!computer.tenancy) return false;
  if (computer.tenancy->doubtful && held(now) > rules_.seats) return false;
  computer.tenancy->doubtful = false;  // written with what the caller changes
  return true;
}

Answer Pool::answer_held(const PublicKey& key, Computer& computer, const Now& now) {
  Tenancy tenancy = *computer.tenancy;
  ++tenancy.counter;
  tenancy.counted_ms = rules_.counted_ms();
  tenancy.counted_until_ms = now.boot_ms + tenancy.counted_ms;
  // What is left of a borrowed seat, by the calendar as it is now: it may have been set since.
  const std::uint64_t left_ms = tenancy.borrowed_over_ms > now.elapsed_ms ? tenancy.borrowed_over_ms - now.elapsed_ms : 0;
  if (tenancy.borrowed_until_unix_s) tenancy.borrowed_until_unix_s = now.unix_s + left_ms / 1000;
  set_tenancy(key, computer, tenancy);
  Answer answer = answer_of(Answer::Kind::held, computer);
  answer.tenancy = computer.tenancy;
  return answer;
}

Answer Pool::acquire(const PublicKey& key, const Shown& shown, const Now& now) {
  Computer& computer = computers_.at(key);
  if (!takes_token(computer, key, shown)) return answer_of(Answer::Kind::second_holder, computer);
  held(now);
  if (!rules_.active) return answer_of(Answer::Kind::not_active, computer);
  if (is_holder(computer, now)) return answer_held(key, computer, now);
  drop_impatient(now);
  const auto [known, is_new] = numbers_.try_emplace(key, next_number_);
  if (is_new) {
    line_.push_back({key, next_number_++, now.unix_s, now.boot_ms});
    changes_.line.insert(key);
  }
  const std::size_t before = place_of(known->second);
  line_[before].asked_at_ms = now.boot_ms;
  const std::uint64_t taken = held(now);
  // One seat is kept for each who came earlier.
  if (rules_.seats <= taken || rules_.seats - taken <= before) {
    Answer answer = answer_of(Answer::Kind::waiting, computer);
    answer.position = before + 1;
    return answer;
  }
  leave_line(key);
  set_tenancy(key, computer, Tenancy{random_bytes<16>(*random_), 0, now.unix_s, 0, 0, std::nullopt, 0, false});
  return answer_held(key, computer, now);
}

Answer Pool::heartbeat(const PublicKey& key, const Shown& shown, const Now& now) {
  Computer& computer = computers_.at(key);
  if (!takes_token(computer, key, shown)) return answer_of(Answer::Kind::second_holder, computer);
  held(now);
  if (!rules_.active) return answer_of(Answer::Kind::not_active, computer);
  return is_holder(computer, now) ? answer_held(key, computer, now) : answer_of(Answer::Kind::not_held, computer);
}

Answer Pool::release(const PublicKey& key, const Shown& shown, const Now&) {
  Computer& computer = computers_.at(key);
  if (!takes_token(computer, key, shown)) return answer_of(Answer::Kind::second_holder, computer);
  set_tenancy(key, computer, std::nullopt);
  leave_line(key);
  return answer_of(Answer::Kind::not_held, computer);
}

Answer Pool::borrow(const PublicKey& key, const Shown& shown, std::uint64_t days, const Now& now) {
  Computer& computer = computers_.at(key);
  if (!takes_token(computer, key, shown)) return answer_of(Answer::Kind::second_holder, computer);
  held(now);
  if (!rules_.active) return answer_of(Answer::Kind::not_active, computer);
  if (!is_holder(computer, now) || days < 1 || days > rules_.borrow_days) return answer_of(Answer::Kind::borrow_refused, computer);
  // A lost answer may have brought a later end: what the computer was told once is never shortened.
  const std::uint64_t until = now.unix_s + days * day_s;
  Tenancy borrowed = *computer.tenancy;
  borrowed.borrowed_until_unix_s = std::max(until, borrowed.borrowed_until_unix_s.value_or(0));
  borrowed.borrowed_over_ms = std::max(now.elapsed_ms + days * day_s * 1000, borrowed.borrowed_over_ms);
  set_tenancy(key, computer, borrowed);
  return answer_held(key, computer, now);
}

std::uint64_t Pool::held(const Now& now) {
  const auto end_all = [&](std::set<std::pair<std::uint64_t, PublicKey>>& ends, std::uint64_t at_ms) {
    while (!ends.empty() && ends.begin()->first <= at_ms) {
      const PublicKey key = ends.begin()->second;
      set_tenancy(key, computers_.at(key), std::nullopt);
    }
  };
  end_all(ends_ms_, now.boot_ms);
  end_all(borrowed_ends_ms_, now.elapsed_ms);
  return ends_ms_.size() + borrowed_ends_ms_.size();
}

const std::vector<Waiting>& Pool::line(const Now& now) {
  drop_impatient(now);
  return line_;
}

const Waiting* Pool::find_waiting(const PublicKey& key) const {
  const auto known = numbers_.find(key);
  return known == numbers_.end() ? nullptr : &line_[place_of(known->second)];
}

/// Where that number stands, or would.
std::size_t Pool::place_of(std::uint64_t number) const {
  const auto is_before = [](const Waiting& waiting, std::uint64_t wanted) { return waiting.number < wanted; };
  return static_cast<std::size_t>(std::lower_bound(line_.begin(), line_.end(), number, is_before) - line_.begin());
}

void Pool::leave_line(const PublicKey& key) {
  const auto known = numbers_.find(key);
  if (known == numbers_.end()) return;
  line_.erase(line_.begin() + static_cast<std::ptrdiff_t>(place_of(known->second)));
  numbers_.erase(known);
  changes_.line.insert(key);
}

/// A line is long, and its patience only grows with each question: it is looked through when the first may have lost his.
void Pool::drop_impatient(const Now& now) {
  if (now.boot_ms <= all_patient_until_ms_) return;
  std::uint64_t first_ms = now.boot_ms;
  std::erase_if(line_, [&](const Waiting& waiting) {
    const bool is_lost = waiting.asked_at_ms + rules_.patience_ms() < now.boot_ms;
    if (is_lost) {
      changes_.line.insert(waiting.computer);
      numbers_.erase(waiting.computer);
    } else {
      first_ms = std::min(first_ms, waiting.asked_at_ms);
    }
    return is_lost;
  });
  all_patient_until_ms_ = first_ms + rules_.patience_ms();
}

Pool::Changes Pool::take_changes() { return std::exchange(changes_, {}); }

}  // namespace oak::seats
