// oak-machine-id: what this machine is known by. Flags and printing; nothing else.

#include <CLI/CLI.hpp>

#include <cstdio>

#include "core/hardware_json.h"
#include "core/failure.h"
#include "core/text.h"
#include "machine-id/facts_json.h"
#include "machine-id/permanent_mac.h"
#include "core/disk.h"

namespace {

using namespace oak;

constexpr std::string_view tool = "oak-machine-id";

struct Options {
  std::string root, out, base, now;
  bool json = false, force = false;
};

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }
void say(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

int report(const Options& options, const Failure& failure) {
  say(failure_text(tool, failure));
  if (options.json) print(failure_json(failure));
  return exit_code_of(failure.code);
}

Facts collect_here(const Options& options) {
  const LinuxHost host(options.root);
  // A captured tree has no drivers to ask.
  if (!options.root.empty()) return collect(host);
  return collect(host, PermanentAddresses());
}

bool is_usable(const Facts& facts, Factor factor) {
  for (const Fact& fact : facts.facts)
    if (factor_of(fact.component) == factor && fact.state == State::usable) return true;
  return false;
}

/// Enrolment as it would be now; the key does not matter for what counts.
Fingerprint enrol_now(const Facts& facts) { return enrol(observe(facts, SymmetricKey())); }

unsigned enrolled_weight(const Facts& facts) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < factor_count; ++i)
    sum += is_usable(facts, static_cast<Factor>(i)) ? Policy{}.weights[i] : 0U;
  return sum;
}

void write_member(JsonWriter& json, const Fact& fact) {
  json.begin_object();
  json.key("component").text(component_name(fact.component));
  json.key("label").text_or_null(fact.label);
  json.key("source").text_or_null(fact.source);
  json.key("state").text(state_name(fact.state));
  json.key("reason").text_or_null(fact.reason);
  json.end_object();
}

std::string show_json(const Facts& facts) {
  JsonWriter json;
  json.begin_object();
  json.key("strength").text(is_strong(enrol_now(facts)) ? "normal" : "weak");
  json.key("enrolled").number(enrolled_weight(facts));
  json.key("environment").begin_object();
  json.key("virtual_machine").text_or_null(facts.environment.virtual_machine);
  json.key("container").text_or_null(facts.environment.container);
  json.end_object();
  json.key("factors").begin_array();
  for (std::size_t i = 0; i < factor_count; ++i) {
    const auto factor = static_cast<Factor>(i);
    json.begin_object();
    json.key("factor").text(factor_name(factor));
    json.key("weight").number(Policy{}.weights[i]);
    json.key("usable").boolean(is_usable(facts, factor));
    json.key("members").begin_array();
    for (const std::vector<Fact>* list : {&facts.facts, &facts.left_out})
      for (const Fact& fact : *list)
        if (factor_of(fact.component) == factor) write_member(json, fact);
    json.end_array().end_object();
  }
  json.end_array().end_object();
  return json.str() + "\n";
}

std::string member_line(const Fact& fact) {
  std::string out = "    " + std::string(component_name(fact.component));
  if (!fact.label.empty()) out += " " + printable(fact.label);
  out += ": " + std::string(state_name(fact.state));
  if (!fact.reason.empty()) out += " (" + printable(fact.reason) + ")";
  if (!fact.source.empty()) out += "  [" + printable(fact.source) + "]";
  return out + "\n";
}

std::string show_text(const Facts& facts) {
  const bool strong = is_strong(enrol_now(facts));
  std::string out = "strength: " + std::string(strong ? "normal" : "weak") + "\n";
  if (!strong)
    out += "  Fewer than two of platform, network, disks and TPM can be used: a vendor must approve such a machine by hand.\n";
  const Environment& environment = facts.environment;
  if (!environment.virtual_machine.empty()) out += "virtual machine: " + environment.virtual_machine + "\n";
  if (!environment.container.empty()) out += "container: " + environment.container + "\n";
  for (std::size_t i = 0; i < factor_count; ++i) {
    const auto factor = static_cast<Factor>(i);
    out += "  " + std::string(factor_name(factor)) + ", weight " + std::to_string(Policy{}.weights[i]) +
           (is_usable(facts, factor) ? ": usable\n" : ": not usable\n");
    for (const Fact& fact : facts.facts)
      if (factor_of(fact.component) == factor) out += member_line(fact);
    for (const Fact& fact : facts.left_out)
      if (factor_of(fact.component) == factor)
        out += "    left out: " + printable(fact.label) + " (" + printable(fact.reason) + ")\n";
  }
  return out;
}

int show(const Options& options) {
  PosixDisk disk;
  if (!options.root.empty() && !disk.list(options.root))
    return report(options, explain({Code::not_found, {}}, "cannot read the tree " + in_quotes(options.root)));
  const Facts facts = collect_here(options);
  print(options.json ? show_json(facts) : show_text(facts));
  return 0;
}

int write_facts_file(const Options& options) {
  PosixDisk disk;
  const std::string text = write_facts(collect_here(options));
  const auto written = disk.write(options.out, as_bytes(text), 0600, options.force ? Existing::replace : Existing::refuse);
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

Outcome<FactsFile> read_facts_file(const std::string& path) {
  PosixDisk disk;
  const auto file = disk.read(path, max_facts_bytes);
  if (!file) return tl::unexpected(explain({file.error().code, {}}, "cannot read " + in_quotes(path)));
  auto facts = read_facts(as_text(file->bytes));
  if (!facts)
    return tl::unexpected(explain(facts.error(), in_quotes(path), "make it with: oak-machine-id facts --out FILE"));
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

int compare(const Options& options) {
  const auto base = read_facts_file(options.base);
  if (!base) return report(options, base.error());
  const auto now = read_facts_file(options.now);
  if (!now) return report(options, now.error());
  if (base->machines.size() != now->machines.size() && base->machines.size() != 1)
    return report(options, {Code::bad_facts,
                            in_quotes(options.base) + " holds " + std::to_string(base->machines.size()) + " machines, " +
                                in_quotes(options.now) + " " + std::to_string(now->machines.size()),
                            "compare as many with as many, line by line, or one with many"});
  const bool many = base->one_a_line || now->one_a_line;
  bool accepted = true;
  for (std::size_t i = 0; i < now->machines.size(); ++i) {
    const NamedFacts& old_machine = base->machines[base->machines.size() == 1 ? 0 : i];
    const NamedFacts& new_machine = now->machines[i];
    const Judgement judgement = compare_facts(old_machine.facts, new_machine.facts);
    accepted &= judgement.accept;
    const auto& id = new_machine.id ? new_machine.id : old_machine.id;
    if (options.json || many) print(comparison_json(judgement, many ? id : std::nullopt));
    else print(comparison_text(judgement));
  }
  return accepted || many ? 0 : 1;
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app{"What this machine is known by: factors, sources and states, never a raw serial number.", std::string(tool)};
  app.set_version_flag("--version", std::string(tool) + " " OAK_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  app.add_flag("--json", options.json, "one JSON value on standard output");
  app.add_flag("--force", options.force, "replace an existing file");
  CLI::App* show_command = app.add_subcommand("show", "each component, its state, and why one is not used");
  show_command->add_option("--root", options.root, "read a captured tree below this folder");
  CLI::App* facts_command = app.add_subcommand("facts", "write the raw facts that compare and rehearse read; not to be sent");
  facts_command->add_option("--out", options.out, "the file; - is standard output")->required();
  facts_command->add_option("--root", options.root, "read a captured tree below this folder");
  CLI::App* compare_command = app.add_subcommand("compare", "would NOW still count as BASE?");
  compare_command->add_option("base", options.base, "facts as enrolled")->required();
  compare_command->add_option("now", options.now, "facts of today")->required();
  for (int i = 1; i < argc; ++i) options.json |= std::string_view(argv[i]) == "--json";
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    print(app.help());
    return 0;
  } catch (const CLI::CallForVersion&) {
    print(std::string(tool) + " " OAK_VERSION "\n");
    return 0;
  } catch (const CLI::ParseError& error) {
    return report(options, {Code::usage, printable(error.what()), "see: oak-machine-id --help"});
  }
  if (const auto started = crypto_start(); !started) return report(options, explain(started.error(), "cannot start"));
  if (show_command->parsed()) return show(options);
  return facts_command->parsed() ? write_facts_file(options) : compare(options);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    say(failure_text(tool, {Code::out_of_memory, error.what(), {}}));
    return 2;
  }
}
