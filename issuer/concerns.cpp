#include "issuer/concerns.h"

#include <algorithm>
#include <array>

namespace oak {
namespace {

constexpr std::uint64_t many_weak = 3;

struct Concern {
  std::string_view code, words;
};
// The gravest first.
constexpr std::array<Concern, 9> known = {{{"unreturned", "unreturned"},
                                           {"moves-over-quota", "more moves than allowed"},
                                           {"rehost-quota", "moved beyond the quota"},
                                           {"hardware-already-active", "same hardware as another"},
                                           {"needs-receipt", "moved on a word"},
                                           {"no-moves-left", "no moves left"},
                                           {"many-weak", "many weak machines"},
                                           {"not-allowed-here", "where it is not allowed"},
                                           {"weak-fingerprint", "weak"}}};

std::size_t rank_of(std::string_view code) {
  return static_cast<std::size_t>(std::find_if(known.begin(), known.end(), [&](const Concern& one) { return one.code == code; }) -
                                  known.begin());
}

}  // namespace

std::vector<std::string> concerns_of(const ActivationRecord& record, std::uint64_t now_unix_s) {
  std::vector<std::string> out;
  if (!record.is_live(now_unix_s)) return out;
  if (record.counted_at(now_unix_s) > record.activation.seats) out.emplace_back("unreturned");
  for (const std::string& code : record.approvals)
    if (rank_of(code) < known.size()) out.push_back(code);
  std::sort(out.begin(), out.end(), [](const std::string& a, const std::string& b) { return rank_of(a) < rank_of(b); });
  return out;
}

std::vector<std::string> concerns_of(const LicenceView& view) {
  std::vector<std::string> out;
  if (view.unreturned > 0) out.emplace_back("unreturned");
  const std::uint64_t a_year = view.licence.rehosts_a_year();
  if (view.moves > a_year) out.emplace_back("moves-over-quota");
  if (view.moves > 0 && view.moves == a_year) out.emplace_back("no-moves-left");
  if (view.weak >= many_weak) out.emplace_back("many-weak");
  return out;
}

std::size_t rank_of(const std::vector<std::string>& concerns) {
  return concerns.empty() ? known.size() : rank_of(std::string_view(concerns.front()));
}

std::string concern_words(const std::vector<std::string>& concerns) {
  std::string out;
  for (const std::string& code : concerns) {
    const std::size_t rank = rank_of(std::string_view(code));
    out += (out.empty() ? "" : "; ") + (rank < known.size() ? std::string(known[rank].words) : code);
  }
  return out;
}

}  // namespace oak
