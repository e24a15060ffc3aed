#include "request/served_json.h"

#include <nlohmann/json.hpp>

namespace oak {
namespace {

using Json = nlohmann::json;

constexpr std::size_t max_refusals = 16, max_text_bytes = 1024;

std::string text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return {};
  return found->get_ref<const std::string&>().substr(0, max_text_bytes);
}

}  // namespace

ServedError read_served_error(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return {};
  ServedError out{text_of(json, "error"), text_of(json, "message"), {}};
  const auto refused = json.find("refused");
  if (refused == json.end() || !refused->is_array()) return out;
  for (const Json& each : *refused)
    if (each.is_object() && out.refusals.size() < max_refusals)
      out.refusals.push_back({text_of(each, "code"), text_of(each, "message"), text_of(each, "remedy")});
  return out;
}

}  // namespace oak
