#include "core/environment.h"

#include "core/cbor.h"
#include "core/fields.h"
#include "core/text.h"

namespace oak {

Bytes encode_environment(const Environment& environment) {
  cbor::Writer writer;
  writer.array(2);
  for (const std::string* hint : {&environment.virtual_machine, &environment.container}) {
    if (hint->empty())
      writer.null();
    else
      writer.text(*hint);
  }
  return writer.take();
}

Result<Environment> decode_environment(ByteView item) {
  cbor::Reader reader(item);
  const auto count = reader.array();
  if (!count || *count != 2) return bad_field(Field::environment, "has the wrong form");
  Environment environment;
  for (std::string* hint : {&environment.virtual_machine, &environment.container}) {
    const auto is_null = reader.null();
    if (is_null && *is_null) continue;
    const auto text = reader.text();
    if (!text || !is_name(*text, max_environment_bytes)) return bad_field(Field::environment, "is not a name");
    *hint = *text;
  }
  if (environment.empty()) return bad_field(Field::environment, "is empty");
  return environment;
}

}  // namespace oak
