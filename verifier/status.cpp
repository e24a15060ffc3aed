#include "verifier/status.h"

#include <algorithm>

#include "core/text.h"
#include "verifier/status_file.h"

namespace oak {

Outcome<std::vector<ProductStatus>> status(const Machine& machine, const TrustSource& source, const std::optional<std::string>& product) {
  std::vector<std::string> names;
  if (product) {
    names.push_back(*product);
  } else {
    auto found = Store(machine.disk, machine.state_dir, machine.own_uid).products();
    if (!found) return tl::unexpected(state_failure(found.error()));
    names = std::move(*found);
  }
  std::vector<ProductStatus> out;
  for (const std::string& name : names)
    out.push_back({name, Check::load(machine, source, name).and_then([](Check check) { return check.answer({}); }), {}});
  for (ProductStatus& each : out) {
    if (each.answer)
      publish_status(machine, *each.answer);
    else if (machine.state_dir == default_state_dir)
      each.published = published_status(machine.disk, each.product).value_or(std::string());
  }
  return out;
}

std::string status_json(const std::vector<ProductStatus>& products) {
  JsonWriter json;
  json.begin_object().key("products").begin_array();
  for (const ProductStatus& each : products) {
    if (each.answer) {
      write_status(json, *each.answer);
      continue;
    }
    json.begin_object().key("product").text(each.product);
    json.key("error");
    write_failure(json, each.answer.error());
    json.key("published");
    each.published.empty() ? json.null() : json.raw(each.published);
    json.end_object();
  }
  json.end_array().end_object();
  return json.str() + "\n";
}

std::string status_text(const std::vector<ProductStatus>& products) {
  if (products.empty()) return "no product is activated on this machine\n";
  std::string out;
  for (const ProductStatus& each : products) {
    if (each.answer)
      out += status_text(*each.answer);
    else
      out += each.product + ": no answer\n  why: " + each.answer.error().message + "\n  hint: " + each.answer.error().hint + "\n";
    if (!each.answer && !each.published.empty()) out += "  published by root: " + printable(each.published) + "\n";
  }
  return out;
}

int status_exit_code(const std::vector<ProductStatus>& products) {
  int code = products.empty() ? 1 : 0;
  for (const ProductStatus& each : products) code = std::max(code, !each.answer ? 2 : each.answer->verdict == Verdict::active ? 0 : 1);
  return code;
}

}  // namespace oak
