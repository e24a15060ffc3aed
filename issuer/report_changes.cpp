#include "issuer/report_changes.h"

#include <fmt/core.h>

namespace oak {
namespace {

std::string close(JsonWriter& json) { return json.str() + "\n"; }

std::string counted_seats(std::uint64_t seats) { return fmt::format("{} seat{}", seats, seats == 1 ? "" : "s"); }

std::string moves_left(std::uint64_t left, std::uint64_t a_year) { return fmt::format("{} of {} left this year", left, a_year); }

}  // namespace

Report accepted_report(const Accepted& accepted) {
  const Activation& activation = accepted.record.activation;
  const std::string id = activation_id_text(accepted.record.id);
  JsonWriter json;
  json.begin_object();
  json.key("activation").text(id);
  json.key("licence").text(activation.licence);
  json.key("product").text(activation.product);
  json.key("seats_freed").number(accepted.seats_freed);
  json.key("state").text(activation_state_name(accepted.record.state));
  json.key("successor");
  accepted.successor ? json.text(activation_id_text(*accepted.successor)) : json.null();
  json.key("repeat").boolean(accepted.repeat);
  json.key("attested").boolean(accepted.attested());
  json.key("uses_quota").boolean(accepted.uses_quota);
  json.key("rehosts_left").number(accepted.rehosts_left);
  json.end_object();
  const std::string left = moves_left(accepted.rehosts_left, accepted.rehosts_a_year);
  if (accepted.repeat)
    return {fmt::format("activation {} of licence {} is returned: its receipt was in already, and nothing has changed\n  moves       {}\n",
                        id, activation.licence, left),
            close(json)};
  std::string text =
      fmt::format("activation {} of licence {} is returned: {} freed\n", id, activation.licence, counted_seats(accepted.seats_freed));
  if (accepted.successor) text += fmt::format("  in its place {}\n", activation_id_text(*accepted.successor));
  text += accepted.uses_quota
              ? fmt::format("  unattested  a software binding can't prove that it is gone, so the receipt counts as a move: {}\n", left)
              : fmt::format("  moves       it frees nothing that was counted, so it is no move: {}\n", left);
  return {text, close(json)};
}

}  // namespace oak
