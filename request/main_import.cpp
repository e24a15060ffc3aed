// oak-request import.

#include "request/main.h"

#include <algorithm>

#include "core/armour.h"
#include "core/text.h"
#include "request/returning.h"
#include "verifier/install.h"
#include "verifier/status_file.h"

namespace oak::site_tool {
namespace {

/// Where a receipt goes: what was named, or a name of its own. Empty where the very same receipt lies there already.
std::string receipt_path(World& world, const Options& options, const std::string& product, std::string_view text, std::size_t number) {
  if (!options.receipt.empty()) return numbered_path(options.receipt, number);
  Options unforced = options;
  unforced.force = true;
  const std::string first = default_file_name(world, unforced, product, ".receipt.oak");
  const auto there = world.disk.read(first, max_armoured_bytes);
  if (there && as_text(there->bytes) == text) return {};
  unforced.force = false;
  return default_file_name(world, unforced, product, ".receipt.oak");
}

/// The activation is in by now. A receipt that can't be written is kept in the state.
Outcome<void> write_receipts_of_replaced(World& world, const Options& options, Installed& installed) {
  const Activation& activation = *installed.activation;
  const Machine machine = world.machine(options);
  const std::string again =
      "oak-request return --superseded --product " + activation.product + " --out FILE" + state_and_trust_options(options);
  OAK_ASSIGN(const ReplacedPlans found, plan_replaced(machine, trust_source(options), {activation.product, activation.licence, {}}));
  if (!found.not_yet.empty()) installed.lines.push_back(found.not_yet + ": " + again);
  for (std::size_t i = 0; i < found.plans.size(); ++i) {
    const ReturnPlan& plan = found.plans[i];
    OAK_ASSIGN(const Bytes document, give_back(machine, plan));
    const std::string text = armour_encode(labels_of(DocumentType::receipt).armour, document, receipt_comments(plan.receipt));
    const std::string path = receipt_path(world, options, activation.product, text, i + 1);
    if (path.empty()) continue;
    const auto written = world.disk.write(path, as_bytes(text), 0644, existing_of(options));
    if (!written)
      return tl::unexpected(explain({written.error().code, {}},
                                    "the activation is stored, but its receipt can't be written to " + in_quotes(path),
                                    "it is kept, and lost nothing: " + again));
    installed.lines.push_back("activation " + activation_id_text(plan.receipt.activation) + " has ended: its receipt is in " + path +
                              "; bring it to your vendor, and the seats that it held are free");
  }
  return {};
}

int import(World& world, const Options& options) {
  if (!options.receipt.empty() && !options.force && world.disk.exists(options.receipt))
    return report(options, explain({Code::already_exists, {}}, "cannot write " + in_quotes(options.receipt)));
  const auto key = read_licence_key(world, options);
  if (!key) return report(options, key.error());
  const auto secret = read_site_secret(world, options);
  if (!secret) return report(options, secret.error());
  const auto carried = read_carried(world.disk, options.files);
  if (!carried) return report(options, carried.error());
  warn(tool, carried->warnings);
  std::string text;
  std::vector<std::string> json;
  for (const CarriedDocument& document : carried->documents) {
    auto installed =
        install(world.machine(options), trust_source(options), {document.name, document.file, *key ? &**key : nullptr, *secret});
    const std::vector<std::string> changed = installed ? installed->products : std::vector<std::string>();
    if (installed && installed->activation)
      if (const auto written = write_receipts_of_replaced(world, options, *installed); !written)
        installed = tl::unexpected(written.error());
    for (const std::string& product : changed) publish_status(world.machine(options), trust_source(options), product);
    if (!installed) {
      say(text);  // what was stored before it stays stored
      return report(options, installed.error());
    }
    warn(tool, installed->warnings);
    for (const std::string& line : installed->lines) text += line + "\n";
    if (!installed->next.empty()) text += "next: " + installed->next + "\n";
    json.push_back(installed_json(*installed));
  }
  print(options.json ? json_of_several(json) : text);
  return 0;
}

}  // namespace

void add_import_command(Commands& commands, Options& options) {
  CLI::App* command = commands.app.add_subcommand("import", "check the vendor's answer, then store it");
  command->add_option("files", options.files, "documents, or pictures of their symbols; - is standard input")->required();
  command->add_option("--receipt", options.receipt, "where the receipt goes of what a smaller activation replaces");
  add_trust_option(*command, options);
  add_state_options(*command, options);
  commands.add(command, [&options](World& world) { return import(world, options); });
}

}  // namespace oak::site_tool
