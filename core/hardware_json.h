#pragma once
// A judgement as JSON: what `oak-machine-id compare` prints and `hardware` in other answers repeats.

#include "core/json_writer.h"
#include "core/tolerance.h"

namespace oak {

/// {"accept", "strength", "score", "needed", "enrolled", "components": [{"component", "label", "factor", "state"}]}
/// and, where `with_margin`, "margin".
void write_judgement(JsonWriter& json, const Judgement& judgement, bool with_margin);
/// The same keys, without the braces.
void write_judgement_keys(JsonWriter& json, const Judgement& judgement, bool with_margin);
/// One line a component that no longer matches: "network card 'eth0' (mac): mismatch …".
std::string describe_component(const ComponentVerdict& component);

}  // namespace oak
