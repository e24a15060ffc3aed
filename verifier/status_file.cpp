#include "verifier/status_file.h"

#include "core/key_file.h"
#include "machine-id/snapshot.h"
#include "verifier/check.h"

namespace oak {
namespace {

constexpr std::uint32_t folder_mode = 0755, file_mode = 0644, others_write = 0022;

std::string name_of(std::string_view product) { return std::string(product) + ".status"; }

/// How every such file begins.
std::string beginning_of(std::string_view product) {
  JsonWriter json;
  json.begin_object().key("product").text(product);
  return json.str() + ", ";
}

}  // namespace

std::string status_file_path(std::string_view product) { return std::string(snapshot_folder) + "/" + name_of(product); }

std::string status_file_json(const Answer& answer) {
  JsonWriter json;
  json.begin_object();
  write_summary(json, answer);
  json.end_object();
  return json.str() + "\n";
}

void publish_status(const Machine& machine, const Answer& answer) {
  if (machine.own_uid != 0 || machine.state_dir != default_state_dir) return;
  const std::string text = status_file_json(answer), folder(snapshot_folder), name = name_of(answer.product);
  const auto old = machine.disk.read_beneath(folder, name, max_status_file_bytes);
  if (old && old->owner == 0 && old->mode == file_mode && as_text(old->bytes) == text) return;
  static_cast<void>(machine.disk.make_folder(folder, folder_mode).and_then([&] {
    return machine.disk.write_beneath(folder, name, as_bytes(text), file_mode, Existing::replace);
  }));
}

void publish_status(const Machine& machine, const TrustSource& source, std::string_view product) {
  if (machine.own_uid != 0 || machine.state_dir != default_state_dir) return;
  const auto answer = Check::load(machine, source, product).and_then([](Check check) { return check.answer({}); });
  if (answer) publish_status(machine, *answer);
}

std::optional<std::string> published_status(Disk& disk, std::string_view product) {
  if (!check_product_name(product)) return std::nullopt;
  const auto file = disk.read_beneath(std::string(snapshot_folder), name_of(product), max_status_file_bytes);
  if (!file || file->owner != 0 || (file->mode & others_write) != 0) return std::nullopt;
  std::string_view text = as_text(file->bytes);
  if (!text.starts_with(beginning_of(product)) || !text.ends_with("}\n")) return std::nullopt;
  text.remove_suffix(1);
  if (text.find('\n') != std::string_view::npos) return std::nullopt;
  return std::string(text);
}

}  // namespace oak
