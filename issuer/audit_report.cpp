// What an audit found, as people and scripts read it.

#include <fmt/core.h>

#include "core/text.h"
#include "issuer/audit.h"
#include "issuer/report_json.h"

namespace oak {
namespace {

std::string audit_text(const AuditResult& result) {
  const bool ok = result.faults.empty();
  std::string out =
      ok ? fmt::format("ok: {} entries, no fault\n", result.entries) : fmt::format("FAULT: {}\n", result.faults.front().message);
  for (std::size_t i = 1; i < result.faults.size(); ++i) out += "fault: " + result.faults[i].message + "\n";
  if (result.faults_left_out > 0) out += fmt::format("and {} faults more\n", result.faults_left_out);
  if (!ok) out += fmt::format("{} entries were read\n", result.entries);
  for (const AuditedCheckpoint& one : result.checkpoints) {
    out += fmt::format("checkpoint {}: {} entries, {}", in_quotes(one.path), one.size,
                       one.is_signed ? "signed by the desk" : "by whom it was signed is not known here");
    for (const std::string& name : one.cosigners) out += ", cosigned by " + printable(name);
    out += "\n";
  }
  for (const Reckoning::LicenceSum& sum : result.licences)
    out += fmt::format("licence {}: {} bought, {} live, {} unreturned\n", sum.id, sum.bought, sum.live, sum.unreturned);
  return out;
}

void put_checkpoints(JsonWriter& json, const std::vector<AuditedCheckpoint>& checkpoints) {
  json.key("checkpoints").begin_array();
  for (const AuditedCheckpoint& one : checkpoints) {
    json.begin_object().key("file").text(one.path).key("entries").number(one.size).key("signed").boolean(one.is_signed);
    json.key("cosigned_by").begin_array();
    for (const std::string& name : one.cosigners) json.text(name);
    json.end_array().end_object();
  }
  json.end_array();
}

}  // namespace

Report audit_report(const AuditResult& result) {
  JsonWriter json;
  json.begin_object().key("ok").boolean(result.faults.empty()).key("entries").number(result.entries);
  json.key("faults").begin_array();
  for (const AuditFault& one : result.faults) {
    json.begin_object().key("entry");
    one.entry ? json.number(*one.entry) : json.null();
    json.key("message").text(one.message).end_object();
  }
  json.end_array().key("faults_left_out").number(result.faults_left_out);
  json.key("licences").begin_array();
  for (const Reckoning::LicenceSum& sum : result.licences)
    json.begin_object()
        .key("id")
        .text(sum.id)
        .key("bought")
        .number(sum.bought)
        .key("live")
        .number(sum.live)
        .key("unreturned")
        .number(sum.unreturned)
        .end_object();
  json.end_array();
  put_checkpoints(json, result.checkpoints);
  json.end_object();
  return {audit_text(result), close(json)};
}

}  // namespace oak
