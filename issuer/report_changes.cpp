#include "issuer/report_changes.h"

#include <fmt/core.h>

#include "core/text.h"

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

Report revoked_report(const Revoked& revoked) {
  const Activation& activation = revoked.record.activation;
  const std::string id = activation_id_text(revoked.record.id);
  JsonWriter json;
  json.begin_object();
  json.key("activation").text(id);
  json.key("licence").text(activation.licence);
  json.key("product").text(activation.product);
  json.key("seats_freed").number(revoked.seats_freed);
  json.key("state").text(activation_state_name(revoked.record.state));
  json.key("repeat").boolean(revoked.repeat);
  json.key("rehosts_left").number(revoked.rehosts_left);
  json.key("next").text(revoked.next);
  json.end_object();
  const std::string left = moves_left(revoked.rehosts_left, revoked.rehosts_a_year);
  std::string text = revoked.repeat
                         ? fmt::format("activation {} of licence {} was revoked already: nothing has changed\n", id, activation.licence)
                         : fmt::format("activation {} of licence {} is revoked: {} freed\n  moves  it counts as one: {}\n", id,
                                       activation.licence, counted_seats(revoked.seats_freed), left);
  text += fmt::format("  next   the machine knows nothing of it before it gets a bulletin:\n         {}\n", revoked.next);
  return {text, close(json)};
}

Report bulletin_report(const MadeBulletin& made, const std::string& out) {
  const Bulletin& bulletin = made.bulletin;
  JsonWriter json;
  json.begin_object();
  json.key("product").text(bulletin.product);
  json.key("number").number(bulletin.number);
  json.key("issuer").number(made.serial);
  json.key("revoked").begin_array();
  for (const ActivationId& id : bulletin.revoked) json.text(activation_id_text(id));
  json.end_array();
  json.key("others").begin_array();
  for (const OtherSigner& other : made.others)
    json.begin_object().key("issuer").number(other.serial).key("revoked").number(other.activations).end_object();
  json.end_array();
  json.key("document").text(to_hex(sha256(made.document)));
  json.end_object();
  return {fmt::format("bulletin {} for {}: {} activation{} revoked\n  written to   {}\n  at each site oak-request import FILE\n",
                      bulletin.number, bulletin.product, bulletin.revoked.size(), bulletin.revoked.size() == 1 ? "" : "s", printable(out)),
          close(json)};
}

std::vector<std::string> bulletin_comments(const MadeBulletin& made) {
  return {fmt::format("Bulletin {} for {}: {} revoked", made.bulletin.number, made.bulletin.product, made.bulletin.revoked.size()),
          "These lines are not signed. Install it with: oak-request import FILE"};
}

std::vector<std::string> bulletin_warnings(const MadeBulletin& made) {
  std::vector<std::string> warnings;
  for (const OtherSigner& other : made.others) {
    const bool is_one = other.activations == 1;
    const std::string says =
        fmt::format("{} more that issuer key {} signed {} revoked: ", other.activations, other.serial, is_one ? "is" : "are");
    warnings.push_back(
        other.taken_back ? says + fmt::format("the roots took that key back and let {} survive; they tell otherwise in a new key bulletin "
                                              "(oak-issuer key bulletin)",
                                              is_one ? "it" : "them")
                         : says + fmt::format("only a bulletin signed with that key reaches {}", is_one ? "it" : "them"));
  }
  return warnings;
}

}  // namespace oak
