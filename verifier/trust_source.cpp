#include "verifier/trust_source.h"

#include "core/armour.h"
#include "core/text.h"

namespace oak {
namespace {

constexpr std::uint32_t written_by_others = 0022;

std::string name_of(TrustOrigin origin, const std::string& file) {
  if (origin == TrustOrigin::built_in) return "the built-in trust";
  if (file.empty()) return "the trust that was handed in";
  return "the trust file " + in_quotes(file);
}

void open(FoundTrust& found, TrustOrigin origin, const std::string& file, ByteView bytes, std::string_view product) {
  found.origin = origin;
  const auto opened = [&]() -> Result<Trust> {
    OAK_ASSIGN(const Armoured armoured, document_from_file_bytes(bytes));
    OAK_ASSIGN(const Verified<Trust> trust, open_trust(armoured.document, product));
    return *trust;
  }();
  if (opened)
    found.trust = *opened;
  else
    found.problem = explain(opened.error(), "cannot use " + name_of(origin, file), "ask the vendor for its trust file");
}

void open_site_file(FoundTrust& found, const FileBytes& file, std::string_view product) {
  if (file.owner == 0 && (file.mode & written_by_others) == 0) return open(found, TrustOrigin::site, found.site_file, file.bytes, product);
  found.origin = TrustOrigin::site;
  found.problem = Failure{Code::unsafe_file,
                          "cannot use the trust file " + in_quotes(found.site_file) + ": somebody else than root could have written it",
                          "sudo chown root:root " + found.site_file + " && sudo chmod 0644 " + found.site_file};
}

tl::unexpected<Failure> cannot_read(const Error& error, const std::string& file) {
  return tl::unexpected(explain({error.code, {}}, "cannot read the trust file " + in_quotes(file)));
}

}  // namespace

std::string_view trust_origin_name(TrustOrigin origin) {
  switch (origin) {
    case TrustOrigin::built_in: return "built-in";
    case TrustOrigin::site: return "site";
    case TrustOrigin::argument: break;
  }
  return "argument";
}

Outcome<FoundTrust> find_trust(Disk& disk, const TrustSource& source, std::string_view product) {
  const std::string site_name = std::string(product) + ".oak";
  FoundTrust found;
  found.site_file = source.site_folder + "/" + site_name;
  if (!source.built_in.empty()) {
    if (source.argument_file || source.argument_bytes)
      return tl::unexpected(Failure{Code::usage, "this build has its trust built in and takes no other", "leave out --trust"});
    open(found, TrustOrigin::built_in, {}, source.built_in, product);
  } else if (source.argument_bytes) {
    open(found, TrustOrigin::argument, {}, *source.argument_bytes, product);
  } else if (source.argument_file) {
    const auto file = disk.read(*source.argument_file, max_armoured_bytes);
    if (!file) return cannot_read(file.error(), *source.argument_file);
    open(found, TrustOrigin::argument, *source.argument_file, file->bytes, product);
  } else {
    const auto file = disk.read_beneath(source.site_folder, site_name, max_armoured_bytes);
    if (file)
      open_site_file(found, *file, product);
    else if (file.error().code == Code::unsafe_file)
      open_site_file(found, FileBytes{{}, 1, written_by_others}, product);
    else if (file.error().code != Code::not_found)
      return cannot_read(file.error(), found.site_file);
  }
  return found;
}

Outcome<Trust> require_trust(const FoundTrust& found, std::string_view product) {
  if (found.trust) return *found.trust;
  if (found.problem) return tl::unexpected(*found.problem);
  return tl::unexpected(Failure{Code::untrusted, "there is no trust for " + in_quotes(product) + " on this machine",
                                "put the vendor's trust file in place: sudo install -D -m 0644 trust.oak " + found.site_file});
}

}  // namespace oak
