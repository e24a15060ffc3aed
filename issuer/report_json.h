#pragma once
// JSON that several of the report files write.

#include "core/json_writer.h"
#include "issuer/report.h"

namespace oak {

void write_number_or_null(JsonWriter& json, const std::optional<std::uint64_t>& value);
void write_refusals(JsonWriter& json, const std::vector<Refusal>& refusals);
/// One value on lines of its own.
inline std::string close(JsonWriter& json) { return json.str() + "\n"; }

}  // namespace oak
