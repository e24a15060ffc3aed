// oak-machine-id: what this machine is known by. Flags and printing; nothing else.

#include <unistd.h>

#include "core/disk.h"
#include "core/hardware_json.h"
#include "core/main_tool.h"
#include "core/text.h"
#include "machine-id/facts_json.h"
#include "machine-id/permanent_mac.h"
#include "machine-id/show.h"
#include "machine-id/snapshot.h"

namespace {

using namespace oak;

constexpr std::string_view tool = "oak-machine-id";

struct Options : ToolOptions {
  Options() : ToolOptions{tool} {}
  std::string root, out, base, now, product, state_dir = state_dir_of_environment();
  bool force = false;
};

struct World {
  PosixDisk disk;
};

Outcome<Facts> collect_here(World& world, const Options& options) {
  if (options.root.empty()) return collect(LinuxHost(), PermanentAddresses());
  const auto listed = world.disk.list(options.root);
  if (!listed)
    return tl::unexpected(explain({listed.error().code, {}}, "cannot read the tree " + in_quotes(options.root),
                                  "name a folder with sys, proc and etc of a machine in it, which you may read"));
  // A captured tree has no drivers to ask.
  return collect(LinuxHost(options.root));
}

int show(World& world, const Options& options) {
  const auto collected = collect_here(world, options);
  if (!collected) return report(options, collected.error());
  const Facts& facts = *collected;
  print(options.json ? show_json(facts) : show_text(facts));
  return 0;
}

int write_facts_file(World& world, const Options& options) {
  const auto facts = collect_here(world, options);
  if (!facts) return report(options, facts.error());
  const std::string text = write_facts(*facts);
  const auto written = world.disk.write(options.out, as_bytes(text), 0600, options.force ? Existing::replace : Existing::refuse);
  if (!written) return report(options, explain({written.error().code, {}}, "cannot write " + in_quotes(options.out)));
  if (options.out == "-") return 0;
  if (options.json) {
    JsonWriter json;
    json.begin_object().key("out").text(options.out).end_object();
    print(json.str() + "\n");
  } else {
    print("Facts written to " + in_quotes(options.out) + ". They hold raw serial numbers: keep them on this site.\n");
  }
  return 0;
}

Outcome<FactsFile> read_facts_file(World& world, const std::string& path) {
  const auto file = world.disk.read(path, max_facts_bytes);
  if (!file) return tl::unexpected(explain({file.error().code, {}}, "cannot read " + in_quotes(path)));
  auto facts = read_facts(as_text(file->bytes));
  if (!facts) return tl::unexpected(explain(facts.error(), in_quotes(path), "make it with: oak-machine-id facts --out FILE"));
  return std::move(*facts);
}

std::string comparison_text(const Judgement& judgement) {
  std::string out = judgement.accept ? "accept\n" : "rebind\n";
  out += "score " + std::to_string(judgement.score) + " of " + std::to_string(judgement.enrolled) + ", " +
         std::to_string(judgement.needed) + " needed, " + (judgement.strong ? "normal" : "weak") + "\n";
  for (const ComponentVerdict& component : judgement.components)
    if (component.state != State::absent) out += describe_component(component) + "\n";
  return out;
}

Failure unequal_files(const Options& options, std::size_t base, std::size_t now) {
  return {Code::usage,
          in_quotes(options.base) + " holds " + std::to_string(base) + " machines, " + in_quotes(options.now) + " " + std::to_string(now),
          "compare as many with as many, line by line, or one with many"};
}

/// Machines are paired by their lines; ids are for the reader of the answers, and may tell him that he mixed up his files.
void warn_of_other_ids(const FactsFile& base, const FactsFile& now) {
  if (base.machines.size() == 1 || now.machines.size() == 1) return;
  for (std::size_t i = 0; i < base.machines.size(); ++i) {
    const auto &old_id = base.machines[i].id, &new_id = now.machines[i].id;
    if (!old_id || !new_id || *old_id == *new_id) continue;
    warn(tool, "machines are compared in the order of their lines, not by id, and ids differ: first " + printable(*old_id) + " with " +
                   printable(*new_id));
    return;
  }
}

int compare(World& world, const Options& options) {
  if (options.base == "-" && options.now == "-")
    return report(options, {Code::usage, "standard input can be read once only", "name a file for one of the two"});
  const auto base = read_facts_file(world, options.base);
  if (!base) return report(options, base.error());
  const auto now = read_facts_file(world, options.now);
  if (!now) return report(options, now.error());
  const std::size_t base_count = base->machines.size(), now_count = now->machines.size();
  if (base_count != now_count && base_count != 1 && now_count != 1) return report(options, unequal_files(options, base_count, now_count));
  warn_of_other_ids(*base, *now);
  const bool many = base->one_a_line || now->one_a_line;
  bool accepted = true;
  for (std::size_t i = 0; i < std::max(base_count, now_count); ++i) {
    const NamedFacts& old_machine = base->machines[base_count == 1 ? 0 : i];
    const NamedFacts& new_machine = now->machines[now_count == 1 ? 0 : i];
    const Judgement judgement = compare_facts(old_machine.facts, new_machine.facts);
    accepted &= judgement.accept;
    const bool by_now = new_machine.id && (now_count > 1 || !old_machine.id || base_count == 1);
    print(options.json || many ? comparison_json(judgement, by_now ? new_machine.id : old_machine.id) : comparison_text(judgement));
  }
  return accepted || many ? 0 : 1;
}

/// What products that don't run as root are given at boot.
int snapshot(World& world, const Options& options) {
  if (::geteuid() != 0)
    return report(options, {Code::permission_denied, "a snapshot is of what only root may read",
                            "sudo " + std::string(tool) + " snapshot --product PRODUCT, or enable the boot unit: systemctl enable --now " +
                                "oak-snapshot@PRODUCT"});
  const LinuxHost host;
  const auto taken = take_snapshot(world.disk, host, collect(host, PermanentAddresses()), options.state_dir, options.product);
  if (!taken) return report(options, taken.error());
  warn(tool, taken->warnings);
  if (options.json) {
    JsonWriter json;
    json.begin_object().key("out").text(taken->path).key("product").text(options.product);
    json.key("keys").number(taken->keys).key("members").number(taken->members).end_object();
    print(json.str() + "\n");
  } else {
    print("Snapshot of this machine for " + in_quotes(options.product) + " written to " + in_quotes(taken->path) +
          ". It holds digests only, and counts until the next boot.\n");
  }
  return 0;
}

int run(int argc, char** argv) {
  World world;
  Options options;
  CommandLine<World> commands("What this machine is known by: factors, sources and states, never a raw serial number.", options);
  CLI::App& app = commands.app;
  app.add_flag("--force", options.force, "replace an existing file");
  CLI::App* show_command = app.add_subcommand("show", "each component, its state, and why one is not used");
  show_command->add_option("--root", options.root, "read a captured tree below this folder");
  commands.add(show_command, [&](World& given) { return show(given, options); });
  CLI::App* facts_command = app.add_subcommand("facts", "write the raw facts that compare and rehearse read; not to be sent");
  facts_command->add_option("--out", options.out, "the file; - is standard output")->required();
  facts_command->add_option("--root", options.root, "read a captured tree below this folder");
  commands.add(facts_command, [&](World& given) { return write_facts_file(given, options); });
  CLI::App* compare_command = app.add_subcommand("compare", "would NOW still count as BASE?");
  compare_command->add_option("base", options.base, "facts as enrolled")->required();
  compare_command->add_option("now", options.now, "facts of today")->required();
  commands.add(compare_command, [&](World& given) { return compare(given, options); });
  CLI::App* snapshot_command = app.add_subcommand("snapshot", "as root, at each boot: digests for products that don't run as root");
  snapshot_command->add_option("--product", options.product, "the product")->required();
  snapshot_command->add_option("--state-dir", options.state_dir, "where this machine keeps its state (or OAK_STATE_DIR)")
      ->capture_default_str();
  commands.add(snapshot_command, [&](World& given) { return snapshot(given, options); });
  if (const auto ended = parse(app, argc, argv, options)) return *ended;
  return commands.run(world, options);
}

}  // namespace

int main(int argc, char** argv) {
  return run_tool(tool, [&] { return run(argc, argv); });
}
