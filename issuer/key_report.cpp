#include "issuer/key_report.h"

#include <fmt/core.h>

#include <algorithm>

#include "core/text.h"
#include "issuer/desk_files.h"

namespace oak {
namespace {

struct FoundRoot {
  PublicKey key{};
  std::string folder;
  bool in_desk = false;
};

/// Below desk/roots, and where the caller says.
std::vector<FoundRoot> find_roots(const DeskWorld& world, const Desk& desk, const std::vector<std::string>& root_dirs) {
  std::vector<FoundRoot> found;
  const std::string roots = desk.folder() + "/roots";
  if (const auto names = world.disk.list(roots))
    for (const std::string& name : *names)
      if (const auto key = shown_key(world.disk, roots + "/" + name, root_key_file)) found.push_back({*key, roots + "/" + name, true});
  for (const std::string& folder : root_dirs)
    if (const auto key = shown_key(world.disk, folder, root_key_file)) found.push_back({*key, folder, false});
  return found;
}

std::string capped(const std::optional<std::uint64_t>& cap) { return cap ? "at most " + std::to_string(*cap) : std::string("uncapped"); }

std::string kinds_of(const IssuerCertificate& terms) {
  std::string out;
  for (const std::uint64_t kind : terms.kinds) out += (out.empty() ? "" : ", ") + std::string(kind_name(static_cast<Kind>(kind)));
  return out;
}

std::string issuer_lines(const IssuerKey& key) {
  std::string text = fmt::format("issuer {:<12}{}{}\n", key.name, key.state(), key.has_key ? "" : ", its key lies elsewhere");
  if (!key.problem.empty()) text += "  problem          " + key.problem + "\n";
  const auto& terms = key.terms ? key.terms : key.draft;
  if (!terms) return text;
  text += fmt::format("  serial           {}\n  products         {}\n  may issue        {}\n", terms->serial,
                      terms->products.empty() ? "all" : joined(terms->products), kinds_of(*terms));
  text += fmt::format("  days             {}\n  seats            {}\n  versions         {}\n", capped(terms->max_days),
                      capped(terms->max_seats), terms->versions ? terms->versions->text() : "uncapped");
  text += fmt::format("  window           {} to {}\n", utc_date(terms->not_before_unix_s), utc_date(terms->not_after_unix_s));
  if (key.terms && key.draft) text += fmt::format("  drafted          serial {}\n", key.draft->serial);
  return text;
}

void write_cap(JsonWriter& json, std::string_view name, const std::optional<std::uint64_t>& cap) {
  json.key(name);
  cap ? json.number(*cap) : json.null();
}

void write_issuer(JsonWriter& json, const IssuerKey& key) {
  json.begin_object();
  json.key("name").text(key.name);
  json.key("state").text(key.state());
  json.key("here").boolean(key.has_key);
  if (const auto& terms = key.terms ? key.terms : key.draft) {
    json.key("serial").number(terms->serial);
    json.key("key").text(to_hex(terms->issuer_key));
    json.key("products").begin_array();
    for (const std::string& product : terms->products) json.text(product);
    json.end_array();
    json.key("kinds").begin_array();
    for (const std::uint64_t kind : terms->kinds) json.text(kind_name(static_cast<Kind>(kind)));
    json.end_array();
    write_cap(json, "max_days", terms->max_days);
    write_cap(json, "max_seats", terms->max_seats);
    json.key("versions").text_or_null(terms->versions ? terms->versions->text() : std::string());
    json.key("not_before").number(terms->not_before_unix_s);
    json.key("not_after").number(terms->not_after_unix_s);
  }
  json.end_object();
}

std::string folder_of(const std::vector<FoundRoot>& found, const PublicKey& root) {
  const auto at = std::find_if(found.begin(), found.end(), [&](const FoundRoot& one) { return one.key == root; });
  return at == found.end() ? std::string() : at->folder;
}

std::string roots_lying_together(const Desk& desk, const std::vector<FoundRoot>& found) {
  const auto& roots = desk.trust().roots;
  const auto count = std::count_if(roots.begin(), roots.end(), [&](const PublicKey& root) {
    return std::any_of(found.begin(), found.end(), [&](const FoundRoot& one) { return one.in_desk && one.key == root; });
  });
  if (static_cast<std::uint64_t>(count) < desk.trust().threshold) return {};
  return fmt::format("{} root keys lie together below {}, and {} can sign anything: move each to a medium of its own, and keep them apart",
                     count, in_quotes(desk.folder() + "/roots"), desk.trust().threshold);
}

}  // namespace

Outcome<KeyList> list_keys(const DeskWorld& world, const Desk& desk, const std::vector<std::string>& root_dirs) {
  OAK_ASSIGN(const std::vector<IssuerKey> issuers, issuer_keys(world.disk, desk));
  const std::vector<FoundRoot> found = find_roots(world, desk, root_dirs);
  const Trust& trust = desk.trust();
  KeyList out;
  std::string& text = out.report.text;
  text = fmt::format("trust number {}{}: {} of {} roots must sign\n", trust.number, desk.is_waiting() ? ", not signed yet" : "",
                     trust.threshold, trust.roots.size());
  JsonWriter json;
  json.begin_object();
  json.key("number").number(trust.number);
  json.key("waiting").boolean(desk.is_waiting());
  json.key("threshold").number(trust.threshold);
  json.key("roots").begin_array();
  for (const PublicKey& root : trust.roots) {
    const std::string folder = folder_of(found, root);
    text += fmt::format("root {}  {}\n", key_id_text(root), folder.empty() ? "elsewhere" : "in " + in_quotes(folder));
    json.begin_object();
    json.key("id").text(key_id_text(root));
    json.key("key").text(to_hex(root));
    json.key("folder").text_or_null(folder);
    json.end_object();
  }
  json.end_array();
  json.key("earlier").number(trust.earlier.size());
  if (!trust.earlier.empty())
    text += fmt::format("earlier roots: what {} before them signed still counts\n",
                        trust.earlier.size() == 1 ? "those" : "the " + std::to_string(trust.earlier.size()) + " sets");
  json.key("issuers").begin_array();
  for (const IssuerKey& issuer : issuers) {
    text += issuer_lines(issuer);
    write_issuer(json, issuer);
  }
  json.end_array();
  text += "sealing key " + to_hex(trust.sealing_key) + "\n";
  json.key("sealing_key").text(to_hex(trust.sealing_key));
  json.end_object();
  out.report.json = json.str() + "\n";
  if (std::string together = roots_lying_together(desk, found); !together.empty()) out.warnings.push_back(std::move(together));
  return out;
}

Report draft_report(const std::string& what, const Draft& draft, const std::vector<Quorum>& quorums, const std::string& out,
                    const std::string& name, std::uint64_t serial) {
  const Missing missing = missing_signatures(draft, quorums);
  JsonWriter json;
  json.begin_object();
  json.key("type").text(labels_of(draft.type).word);
  json.key("out").text(out);
  json.key("name").text_or_null(name);
  json.key("serial");
  serial > 0 ? json.number(serial) : json.null();
  json.key("payload").text(to_hex(sha256(draft.payload)));
  json.key("signatures").number(draft.signatures.size());
  json.key("missing").number(missing.count);
  json.end_object();
  const std::string next = missing.count > 0 ? "let the next root sign it: oak-issuer key sign " + out + " --root-dir DIR --out FILE"
                                             : "at the desk: oak-issuer key import " + out;
  return {fmt::format("{}\n  written to       {}\n  signatures       {}\n  next             {}\n", what, printable(out), missing.text,
                      printable(next)),
          json.str() + "\n"};
}

Report root_report(const std::string& name, const PublicKey& key, const std::string& folder) {
  JsonWriter json;
  json.begin_object().key("name").text(name).key("id").text(key_id_text(key)).key("key").text(to_hex(key)).end_object();
  return {
      fmt::format("{} made in {}\n  key id           {}\n  public key       {}\n", name, in_quotes(folder), key_id_text(key), to_hex(key)),
      json.str() + "\n"};
}

Report imported_keys_report(const ImportedKeys& imported) {
  std::string text;
  JsonWriter json;
  json.begin_object();
  json.key("imported").text(labels_of(imported.type).word);
  json.key("lines").begin_array();
  for (const std::string& line : imported.lines) {
    text += line + "\n";
    json.text(line);
  }
  json.end_array();
  json.key("next").text(imported.next);
  json.end_object();
  if (!imported.next.empty()) text += "next: " + imported.next + "\n";
  return {text, json.str() + "\n"};
}

}  // namespace oak
