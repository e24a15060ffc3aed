#include "seats/status_page.h"

#include <fmt/core.h>

#include "core/text.h"

namespace oak::seats {
namespace {

constexpr std::string_view head = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="30"><title>Seats of {0}</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:50em;margin:2em auto;padding:0 1em;color:#222}}
table{{border-collapse:collapse;width:100%}}th,td{{text-align:left;padding:.3em .8em .3em 0;border-bottom:1px solid #ccc}}
.big{{font-size:2em;margin:.2em 0}}.warn{{color:#a40000}}@media(prefers-color-scheme:dark){{body{{background:#111;color:#ddd}}.warn{{color:#ff8080}}}}</style>
</head><body><h1>Seats of {0}</h1>
)";

}  // namespace

std::string status_page(const StatusAnswer& status, std::uint64_t now_unix_s) {
  std::string out = fmt::format(fmt::runtime(head), html_escaped(status.product));
  out += fmt::format("<p class=\"big\">{} of {} held, {} waiting</p>\n", status.held.size(), status.seats, status.waiting.size());
  if (!status.active)
    out +=
        "<p class=\"warn\">This host's activation is not active: nothing new is lent. See <code>oak-verifier check</code> on the "
        "server.</p>\n";
  for (const std::string& computer : status.second_holders)
    out += "<p class=\"warn\">The enrolment of " + html_escaped(computer) +
           " was used by a second computer too, and that one was refused.</p>\n";
  if (!status.held.empty()) {
    out += "<table><tr><th>computer</th><th>since</th><th>until</th></tr>\n";
    for (const StatusAnswer::Held& held : status.held)
      out += fmt::format("<tr><td>{}</td><td>{}</td><td>{}{}</td></tr>\n", html_escaped(held.computer), utc_text(held.since_unix_s),
                         utc_text(held.until_unix_s), held.borrowed ? ", borrowed" : "");
    out += "</table>\n";
  }
  if (!status.waiting.empty()) {
    out += "<h2>Waiting</h2><ol>\n";
    for (const StatusAnswer::Waiting& waiting : status.waiting)
      out += fmt::format("<li>{}, since {}</li>\n", html_escaped(waiting.computer), utc_text(waiting.since_unix_s));
    out += "</ol>\n";
  }
  return out + "<p>" + utc_text(now_unix_s) + "</p></body></html>\n";
}

}  // namespace oak::seats
