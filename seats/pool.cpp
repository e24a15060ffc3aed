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
  const auto place = std::find_if(line_.begin(), line_.end(), [&](const Waiting& other) { return other.number > waiting.number; });
  line_.insert(place, waiting);
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

void Pool::remove(const PublicKey& key) {
  set_tenancy(key, computers_[key], std::nullopt);
  computers_.erase(key);
  leave_line(key);
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
    if (one.borrowed_until_unix_s) return {&borrowed_ends_s_, *one.borrowed_until_unix_s};
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

Answer Pool::answer_held(const PublicKey& key, Computer& computer, const Now& now) {
  Tenancy tenancy = *computer.tenancy;
  ++tenancy.counter;
  tenancy.counted_ms = rules_.counted_ms();
  tenancy.counted_until_ms = now.boot_ms + tenancy.counted_ms;
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
  if (computer.tenancy) return answer_held(key, computer, now);
  drop_impatient(now);
  auto place = std::find_if(line_.begin(), line_.end(), [&](const Waiting& waiting) { return waiting.computer == key; });
  if (place == line_.end()) {
    line_.push_back({key, next_number_++, now.unix_s, now.boot_ms});
    changes_.line.insert(key);
    place = std::prev(line_.end());
  }
  place->asked_at_ms = now.boot_ms;
  const auto before = static_cast<std::uint64_t>(place - line_.begin());
  const std::uint64_t taken = held(now);
  // One seat is kept for each who came earlier.
  if (rules_.seats <= taken || rules_.seats - taken <= before) {
    Answer answer = answer_of(Answer::Kind::waiting, computer);
    answer.position = before + 1;
    return answer;
  }
  leave_line(key);
  set_tenancy(key, computer, Tenancy{random_bytes<16>(*random_), 0, now.unix_s, 0, 0, std::nullopt});
  return answer_held(key, computer, now);
}

Answer Pool::heartbeat(const PublicKey& key, const Shown& shown, const Now& now) {
  Computer& computer = computers_.at(key);
  if (!takes_token(computer, key, shown)) return answer_of(Answer::Kind::second_holder, computer);
  held(now);
  if (!rules_.active) return answer_of(Answer::Kind::not_active, computer);
  return computer.tenancy ? answer_held(key, computer, now) : answer_of(Answer::Kind::not_held, computer);
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
  if (!computer.tenancy || days < 1 || days > rules_.borrow_days) return answer_of(Answer::Kind::borrow_refused, computer);
  // A lost answer may have brought a later end: what the computer was told once is never shortened.
  const std::uint64_t until = now.unix_s + days * day_s;
  Tenancy borrowed = *computer.tenancy;
  borrowed.borrowed_until_unix_s = std::max(until, borrowed.borrowed_until_unix_s.value_or(0));
  set_tenancy(key, computer, borrowed);
  return answer_held(key, computer, now);
}

std::uint64_t Pool::held(const Now& now) {
  const auto end_all = [&](std::set<std::pair<std::uint64_t, PublicKey>>& ends) {
    while (!ends.empty()) {
      const PublicKey key = ends.begin()->second;
      Computer& computer = computers_.at(key);
      if (!computer.tenancy->is_over(now)) return;
      set_tenancy(key, computer, std::nullopt);
    }
  };
  end_all(ends_ms_);
  end_all(borrowed_ends_s_);
  return ends_ms_.size() + borrowed_ends_s_.size();
}

const std::vector<Waiting>& Pool::line(const Now& now) {
  drop_impatient(now);
  return line_;
}

void Pool::leave_line(const PublicKey& key) {
  if (std::erase_if(line_, [&](const Waiting& waiting) { return waiting.computer == key; }) > 0) changes_.line.insert(key);
}

void Pool::drop_impatient(const Now& now) {
  std::erase_if(line_, [&](const Waiting& waiting) {
    const bool is_lost = waiting.asked_at_ms + rules_.patience_ms() < now.boot_ms;
    if (is_lost) changes_.line.insert(waiting.computer);
    return is_lost;
  });
}

Pool::Changes Pool::take_changes() { return std::exchange(changes_, {}); }

}  // namespace oak::seats
