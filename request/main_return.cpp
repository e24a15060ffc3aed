// oak-request return.

#include "request/main.h"

#include "core/text.h"
#include "request/ask.h"
#include "request/qr_render.h"
#include "request/returning.h"
#include "verifier/status_file.h"

namespace oak::site_tool {
namespace {

Carriers carriers_of(const Options& options) { return {options.out, options.qr, options.sheet}; }

/// What is missing is asked for on a terminal; in a script it is an error that names the option.
Outcome<void> complete(World& world, Options& options) {
  const bool asks = world.terminal.interactive();
  const bool nowhere = options.out.empty() && options.qr.empty() && options.sheet.empty();
  if (!asks && options.product.empty())
    return tl::unexpected(Failure{Code::usage, "--product is missing", "for example --product planner --out planner.receipt.oak"});
  if (!asks && nowhere)
    return tl::unexpected(Failure{Code::usage, "--out is missing", "name the file that the receipt goes to: --out FILE"});
  if (!asks && !options.yes && !options.superseded)
    return tl::unexpected(Failure{Code::usage, "--yes is missing: it ends the activation on this machine, for good",
                                  "add --yes where that is meant; on a terminal you are asked"});
  if (options.product.empty()) {
    OAK_ASSIGN(options.product, ask_product(world.terminal, world.disk, TrustSource{}.site_folder));
  }
  if (nowhere) options.out = default_file_name(world, options, options.product, ".receipt.oak");
  return {};
}

/// Found before anything ends: a receipt that can't be written could still be had again, but nobody should need to.
Outcome<void> check_way_out(World& world, const Options& options) {
  OAK_TRY(check_carriers(carriers_of(options), options.json));
  if (!options.force) OAK_TRY(check_free(world.disk, carriers_of(options)));
  return check_folders(world.disk, carriers_of(options));
}

Outcome<ReturnPlan> plan_of(World& world, const Options& options) {
  const ReturnInput input{options.product, options.licence, options.activation};
  if (!options.superseded) return plan_return(world.machine(options), trust_source(options), input);
  OAK_ASSIGN(ReplacedPlans found, plan_replaced(world.machine(options), trust_source(options), input));
  return choose_replaced(std::move(found), options.product, state_and_trust_options(options));
}

Outcome<void> confirm(World& world, const Options& options, const ReturnPlan& plan) {
  if (options.yes || options.superseded || plan.ended) return {};
  world.terminal.say(plan_text(plan));
  return ask_to_give_back(world.terminal, options.product);
}

/// The activation has ended by now: whatever goes wrong here, the receipt can be had again.
Outcome<std::string> write_receipt(World& world, const Options& options, const ReturnPlan& plan, ByteView document) {
  const auto written = [&]() -> Outcome<std::string> {
    OAK_ASSIGN(const std::string contact, contact_of_vendor(world, options));
    OAK_ASSIGN(const std::vector<CarrierFile> files,
               carrier_files(document, carriers_of(options), receipt_comments(plan.receipt), contact));
    OAK_TRY(write_carriers(world.disk, files, existing_of(options)));
    if (options.qr != "-") return paths_of(files);
    const auto page = qr_terminal_page(document);
    if (!page) return tl::unexpected(explain(page.error(), "--qr -"));
    print(*page);
    return files.empty() ? std::string("the terminal") : paths_of(files);
  }();
  if (written) return *written;
  Failure failure = written.error();
  failure.hint = (failure.code == Code::already_exists ? "name another file, or use --force; " : "") +
                 again_text(plan, options.product, state_and_trust_options(options));
  return tl::unexpected(std::move(failure));
}

int give_back_command(World& world, Options& options) {
  if (const auto completed = complete(world, options); !completed) return report(options, completed.error());
  if (const auto checked = check_way_out(world, options); !checked) return report(options, checked.error());
  const auto plan = plan_of(world, options);
  if (!plan) return report(options, plan.error());
  warn(tool, plan->warnings);
  if (const auto confirmed = confirm(world, options, *plan); !confirmed) return report(options, confirmed.error());
  const auto document = give_back(world.machine(options), *plan);
  if (!document) return report(options, document.error());
  publish_status(world.machine(options), trust_source(options), options.product);
  const auto where = write_receipt(world, options, *plan, *document);
  if (!where) return report(options, where.error());
  const bool output_is_taken = options.out == "-" || options.sheet == "-" || options.qr == "-";
  if (options.json)
    print(returned_json(*plan, *document, options.out));
  else
    (output_is_taken ? say : print)(returned_text(*plan, *document, *where));
  return 0;
}

}  // namespace

void add_return_command(Commands& commands, Options& options) {
  CLI::App* command = commands.app.add_subcommand("return", "give the activation back; again, it writes the same receipt");
  command->add_option("--product", options.product, "the product, as the vendor names it");
  add_carrier_options(*command, options, "the receipt's");
  command->add_flag("--yes", options.yes, "don't ask");
  command->add_option("--licence", options.licence, "of which licence, where several are activated");
  command->add_option("--activation", options.activation, "which activation, by its id");
  command->add_flag("--superseded", options.superseded, "of an activation that one with fewer seats has replaced");
  add_trust_option(*command, options);
  add_state_option(*command, options);
  commands.add(command, [&options](World& world) { return give_back_command(world, options); });
}

}  // namespace oak::site_tool
