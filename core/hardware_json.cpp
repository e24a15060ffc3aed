#include "core/hardware_json.h"

#include "core/text.h"

namespace oak {
namespace {

std::string_view plain_name(Component component) {
  switch (component) {
    case Component::product_uuid: return "system UUID";
    case Component::product_serial: return "system serial number";
    case Component::board_serial: return "board serial number";
    case Component::dt_serial: return "device-tree serial number";
    case Component::mac: return "network card";
    case Component::disk: return "disk";
    case Component::tpm_ek: return "TPM";
    case Component::machine_id: return "operating system id";
    case Component::model: return "model";
  }
  return "component";
}

std::string_view plain_state(State state) {
  switch (state) {
    case State::match: return "as activated";
    case State::mismatch: return "is not the one that was activated";
    case State::absent: return "is not there";
    case State::unreadable: return "can't be read with these permissions";
    case State::placeholder: return "has only a placeholder value";
    case State::new_member: return "is new";
    case State::usable: break;
  }
  return "can be used";
}

}  // namespace

void write_judgement(JsonWriter& json, const Judgement& judgement, bool with_margin) {
  json.begin_object();
  write_judgement_keys(json, judgement, with_margin);
  json.end_object();
}

void write_judgement_keys(JsonWriter& json, const Judgement& judgement, bool with_margin) {
  json.key("accept").boolean(judgement.accept);
  json.key("strength").text(judgement.strong ? "normal" : "weak");
  json.key("score").number(judgement.score);
  json.key("needed").number(judgement.needed);
  json.key("enrolled").number(judgement.enrolled);
  if (with_margin) json.key("margin").number(judgement.margin);
  json.key("components").begin_array();
  for (const ComponentVerdict& component : judgement.components)
    write_component(json, component.component, component.label, component.state);
  json.end_array();
}

void write_component(JsonWriter& json, Component component, std::string_view label, State state) {
  json.begin_object();
  json.key("component").text(component_name(component));
  json.key("label").text_or_null(label);
  json.key("factor").text(factor_name(factor_of(component)));
  json.key("state").text(state_name(state));
  json.end_object();
}

std::string describe_component(const ComponentVerdict& component) {
  std::string out(plain_name(component.component));
  if (!component.label.empty()) out += " " + in_quotes(component.label);
  out += " (" + std::string(component_name(component.component)) + ", " + std::string(state_name(component.state)) + "): ";
  return out + std::string(plain_state(component.state));
}

}  // namespace oak
