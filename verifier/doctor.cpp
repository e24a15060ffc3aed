#include "verifier/doctor.h"

#include <algorithm>

#include "core/text.h"
#include "machine-id/snapshot.h"
#include "verifier/advice.h"
#include "verifier/store.h"

namespace oak {
namespace {

std::string_view finding_name(Finding finding) {
  switch (finding) {
    case Finding::good: return "good";
    case Finding::notice: return "notice";
    case Finding::bad: return "bad";
    case Finding::unknown: break;
  }
  return "unknown";
}

Step step(std::string_view subject, Finding finding, std::string words, std::string next = {}) {
  return {std::string(subject), finding, std::move(words), std::move(next)};
}

Step bad(std::string_view subject, const Failure& failure) { return step(subject, Finding::bad, failure.message, failure.hint); }

Step look_at_trust(const Machine& machine, const TrustSource& source, const std::string& product) {
  const auto found = find_trust(machine.disk, source, product);
  if (!found) return bad("trust", found.error());
  if (found->problem) return bad("trust", *found->problem);
  if (!found->trust)
    return step("trust", Finding::bad, "there is no trust file: nobody says whose signatures count",
                "sudo install -D -m 0644 trust.oak " + found->site_file);
  const std::string origin = *found->origin == TrustOrigin::site       ? "the site's file " + in_quotes(found->site_file)
                             : *found->origin == TrustOrigin::built_in ? "built into this program"
                                                                       : "given with --trust";
  return step("trust", Finding::good,
              origin + ": " + std::to_string(found->trust->threshold) + " of " + std::to_string(found->trust->roots.size()) +
                  " root keys must sign");
}

/// The store and whether this user may read it are two steps of one look.
void look_at_store(const Machine& machine, const Store& store, const std::string& product, std::vector<Step>& out) {
  const std::string folder = in_quotes(store.product_folder(product));
  const auto stored = store.documents(product);
  const bool is_denied = !stored && stored.error().code == Code::permission_denied;
  if (is_denied)
    out.push_back(bad("permission", state_failure(stored.error())));
  else
    out.push_back(step("permission", Finding::good, machine.own_uid == 0 ? "this is root" : "this user may read the state"));
  if (!stored) return out.push_back(step("store", Finding::unknown, folder + " can't be read"));
  std::size_t damaged = 0;
  std::string first;
  for (const auto* list : {&stored->activations, &stored->bulletins})
    for (const StoredDocument& document : *list)
      if (!document.document && damaged++ == 0)
        first = in_quotes(document.path) + ": " + std::string(code_cause(document.document.error().code));
  const std::string counts = std::to_string(stored->activations.size()) + " activation(s) and " + std::to_string(stored->bulletins.size()) +
                             " bulletin(s) in " + folder;
  if (stored->activations.empty())
    out.push_back(step("store", Finding::bad, "no activation is stored in " + folder, "oak-request import ACTIVATION-FILE"));
  else if (damaged > 0)
    out.push_back(step("store", Finding::bad, counts + "; " + std::to_string(damaged) + " can't be used: " + first,
                       "oak-request import ACTIVATION-FILE"));
  else
    out.push_back(step("store", Finding::good, counts));
  if (stored->too_many) out.push_back(step("store", Finding::notice, "there are more documents than are looked at"));
}

Step look_at_marks(const Store& store, const std::string& product, bool has_activation) {
  const auto marks = store.marks(product);
  if (!marks && marks.error().code == Code::damaged_state)
    return step("marks", Finding::bad, "they are damaged: an older activation could no longer be told from the newest",
                "take the activations and marks.oak out of " + in_quotes(store.product_folder(product)) +
                    ", then import the newest activation again");
  if (!marks) return bad("marks", state_failure(marks.error()));
  if (!*marks && has_activation)
    return step("marks", Finding::bad, "they are missing beside an activation",
                "take the activations out of " + in_quotes(store.product_folder(product)) + ", then import the newest one again");
  if (!*marks) return step("marks", Finding::good, "there are none yet, as there is no activation");
  std::string words = "whole";
  for (const LicenceMarks& licence : (*marks)->licences)
    if (licence.generation > 0)
      words += "; licence " + licence.licence + " was last active with generation " + std::to_string(licence.generation);
  if (!(*marks)->returned.empty()) words += "; " + std::to_string((*marks)->returned.size()) + " activation(s) were given back";
  return step("marks", Finding::good, words);
}

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += (out.empty() ? "" : "; ") + line;
  return out;
}

Step look_at_hardware(const Answer& answer) {
  if (!answer.hardware) return step("hardware", Finding::unknown, "it was not looked at: the answer came earlier");
  const Judgement& hardware = *answer.hardware;
  const std::string score = "score " + std::to_string(hardware.score) + " of " + std::to_string(hardware.enrolled) + ", " +
                            std::to_string(hardware.needed) + " needed";
  const std::vector<std::string> lost = lost_components(answer.activation->fingerprint, hardware);
  const std::string details = score + (lost.empty() ? "; all that was enrolled is here" : "; " + joined(lost));
  if (!hardware.accept) return step("hardware", Finding::bad, details, answer.next);
  if (hardware.margin == 0)
    return step("hardware", Finding::notice, details + "; the next change may be one too many",
                "oak-verifier rehearse --product " + answer.product + " --without COMPONENT");
  return step("hardware", Finding::good, details + "; " + std::to_string(hardware.margin) + " further loss(es) tolerated");
}

Step look_at_licence(const Answer& answer) {
  if (!answer.activation) return step("licence", Finding::unknown, "no activation could be verified");
  const std::string grant = "licence " + answer.activation->licence + ": " + describe_grant(*answer.activation);
  switch (answer.verdict) {
    case Verdict::returned:
    case Verdict::superseded:
    case Verdict::revoked: return step("licence", Finding::bad, grant + "; " + joined(answer.details), answer.next);
    default: return step("licence", Finding::good, grant);
  }
}

Step look_at_version(const Answer& answer) {
  if (!answer.activation) return step("version", Finding::unknown, "no activation could be verified");
  return step("version", Finding::good, "versions " + answer.activation->versions.text() + " are covered; this look asked for none",
              "oak-verifier check --product " + answer.product + " --version VERSION");
}

Step look_at_clock(const Answer& answer) {
  if (!answer.activation) return step("clock", Finding::unknown, "no activation could be verified");
  switch (answer.verdict) {
    case Verdict::expired:
    case Verdict::not_yet_valid:
    case Verdict::clock_set_back: return step("clock", Finding::bad, joined(answer.details), answer.next);
    default: break;
  }
  if (!answer.activation->not_after_unix_s) return step("clock", Finding::good, "not read: the activation is permanent");
  if (!answer.judged_at_unix_s) return step("clock", Finding::unknown, "not read: the answer came earlier");
  const std::string words = "the certificate ends at " + utc_text(*answer.activation->not_after_unix_s) + ", " +
                            std::to_string(*days_left(answer)) + " day(s) left";
  const bool is_due = *answer.judged_at_unix_s >= *renews_from(answer);
  return step("clock", is_due ? Finding::notice : Finding::good, words + "; it renews from " + utc_text(*renews_from(answer)),
              is_due ? "oak-request create --product " + answer.product + " --version VERSION" : "");
}

Step look_at_snapshot(const Machine& machine, const Answer& answer) {
  if (machine.own_uid == 0) return step("snapshot", Finding::good, "root needs none");
  const auto refused = std::find_if(answer.warnings.begin(), answer.warnings.end(),
                                    [](const std::string& warning) { return warning.find("boot snapshot") != std::string::npos; });
  if (refused != answer.warnings.end()) return step("snapshot", Finding::bad, *refused);
  const bool lacks = answer.hardware && std::any_of(answer.hardware->components.begin(), answer.hardware->components.end(),
                                                    [](const ComponentVerdict& part) { return part.state == State::unreadable; });
  if (!lacks) return step("snapshot", Finding::good, "nothing is hidden from this user");
  return step("snapshot", Finding::notice, "some numbers are root's to read, and no snapshot supplies them",
              "sudo systemctl enable --now oak-snapshot@" + answer.product);
}

std::string verdict_of(const Diagnosis& diagnosis) {
  return diagnosis.answer ? std::string(verdict_name(diagnosis.answer->verdict)) : "no answer";
}

void write_diagnosis(JsonWriter& json, const Diagnosis& diagnosis) {
  json.begin_object().key("product").text(diagnosis.product).key("verdict");
  json.text_or_null(diagnosis.answer ? verdict_name(diagnosis.answer->verdict) : std::string_view{});
  if (!diagnosis.answer) {
    json.key("error");
    write_failure(json, diagnosis.answer.error());
  }
  json.key("steps").begin_array();
  for (const Step& each : diagnosis.steps) {
    json.begin_object().key("subject").text(each.subject).key("finding").text(finding_name(each.finding));
    json.key("words").text(each.words).key("next").text_or_null(each.next).end_object();
  }
  json.end_array().end_object();
}

void write_files(JsonWriter& json, const Machine& machine, const std::string& product) {
  // More than any file of the state: its bytes are not what is wanted.
  constexpr std::size_t most = 1 << 20;
  const std::string folder = Store(machine.disk, machine.state_dir, machine.own_uid).product_folder(product);
  json.begin_array();
  for (const std::string& name : machine.disk.list(folder).value_or(std::vector<std::string>())) {
    json.begin_object().key("name").text(name);
    auto file = machine.disk.read_beneath(folder, name, most);
    if (file) {
      json.key("bytes").number(file->bytes.size()).key("owner").number(file->owner).key("mode").number(file->mode);
      wipe(file->bytes.data(), file->bytes.size());
    } else {
      json.key("problem").text(code_name(file.error().code));
    }
    json.end_object();
  }
  json.end_array();
}

}  // namespace

Diagnosis diagnose(const Machine& machine, const TrustSource& source, const std::string& product) {
  auto checked = Check::load(machine, source, product).and_then([](Check check) { return check.answer({}); });
  Diagnosis out{product, std::move(checked), {}};
  if (!check_product_name(product)) return out;
  const Store store(machine.disk, machine.state_dir, machine.own_uid);
  out.steps.push_back(look_at_trust(machine, source, product));
  look_at_store(machine, store, product, out.steps);
  const auto stored = store.documents(product);
  out.steps.push_back(look_at_marks(store, product, stored && !stored->activations.empty()));
  if (!out.answer) {
    out.steps.push_back(bad("hardware", out.answer.error()));
    return out;
  }
  const Answer& answer = *out.answer;
  for (Step each : {look_at_licence(answer), look_at_version(answer), look_at_clock(answer), look_at_hardware(answer),
                    look_at_snapshot(machine, answer)})
    out.steps.push_back(std::move(each));
  return out;
}

std::string diagnosis_text(const Diagnosis& diagnosis) {
  std::string out = diagnosis.product + ": " + verdict_of(diagnosis) + '\n';
  for (const Step& each : diagnosis.steps) {
    const std::string_view sign = each.finding == Finding::good     ? "ok"
                                  : each.finding == Finding::bad    ? "NO"
                                  : each.finding == Finding::notice ? "!!"
                                                                    : "??";
    out += "  " + std::string(sign) + " " + each.subject + ": " + each.words + '\n';
    if (each.finding != Finding::good && !each.next.empty()) out += "     next: " + each.next + '\n';
  }
  if (!diagnosis.answer) return out + "next: " + diagnosis.answer.error().hint + '\n';
  if (!diagnosis.answer->next.empty()) out += "next: " + diagnosis.answer->next + '\n';
  return out;
}

std::string diagnoses_json(const std::vector<Diagnosis>& diagnoses) {
  JsonWriter json;
  json.begin_object().key("products").begin_array();
  for (const Diagnosis& each : diagnoses) write_diagnosis(json, each);
  json.end_array().end_object();
  return json.str() + "\n";
}

std::string bundle_json(const Machine& machine, const std::vector<Diagnosis>& diagnoses) {
  JsonWriter json;
  json.begin_object().key("bundle").text("oak/v1/bundle").key("tool").text("oak-verifier " OAK_VERSION);
  json.key("state_dir").text(machine.state_dir).key("user").number(machine.own_uid);
  json.key("products").begin_array();
  for (const Diagnosis& each : diagnoses) {
    json.begin_object().key("diagnosis");
    write_diagnosis(json, each);
    json.key("answer");
    each.answer ? write_status(json, *each.answer) : static_cast<void>(json.null());
    json.key("files");
    write_files(json, machine, each.product);
    json.end_object();
  }
  json.end_array().end_object();
  return json.str() + "\n";
}

int diagnosis_exit_code(const std::vector<Diagnosis>& diagnoses) {
  int code = diagnoses.empty() ? 1 : 0;
  for (const Diagnosis& each : diagnoses) code = std::max(code, !each.answer ? 2 : each.answer->verdict == Verdict::active ? 0 : 1);
  return code;
}

}  // namespace oak
