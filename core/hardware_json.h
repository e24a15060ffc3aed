#pragma once
// A judgement as JSON, what `oak-machine-id compare` prints and `hardware` in other answers repeats, and in words.

#include "core/json_writer.h"
#include "core/tolerance.h"

namespace oak {

/// {"accept", "strength", "score", "needed", "enrolled", "components": [{"component", "label", "factor", "state"}]}
/// and, where `with_margin`, "margin".
void write_judgement(JsonWriter& json, const Judgement& judgement, bool with_margin);
/// The same keys, without the braces.
void write_judgement_keys(JsonWriter& json, const Judgement& judgement, bool with_margin);
/// A component as 'hardware' has it in its list: {"component", "label", "factor", "state"}.
void write_component(JsonWriter& json, Component component, std::string_view label, State state);
/// "network card 'eth0' (mac, mismatch): is not the one that was activated"
std::string describe_component(const ComponentVerdict& component);

}  // namespace oak
