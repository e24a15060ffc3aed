#pragma once
// Where trust comes from, and only from there: the build, else an explicit argument, else the site's file that root
// alone may write. Never the state folder.

#include <optional>
#include <string>

#include "core/disk.h"
#include "core/failure.h"
#include "core/trust.h"

namespace oak {

enum class TrustOrigin { built_in, site, argument };
std::string_view trust_origin_name(TrustOrigin origin);  ///< "built-in", "site", "argument"

/// The trust document that was fixed when the kit was built (CMake's OAK_TRUST_FILE); empty where none was.
ByteView built_in_trust();

/// What the caller brings. `--trust` sets `argument_file`, the C API `argument_bytes`.
struct TrustSource {
  ByteView built_in = built_in_trust();
  std::optional<std::string> argument_file;
  std::optional<Bytes> argument_bytes;
  std::string site_folder = "/etc/oak/trust";
};

struct FoundTrust {
  std::optional<Trust> trust;         ///< opened; nullopt: there is none, or `problem` says what is wrong with it
  std::optional<TrustOrigin> origin;  ///< nullopt: there is none
  std::optional<Failure> problem;     ///< unsafe_file, malformed, for another product …: whatever is stored is untrusted
  std::string site_file;              ///< where the site's file belongs
};

/// Failures: `usage` where a build with built-in trust is given an argument; a named file that can't be read; a
/// site's file that this user may not read. Everything else is in FoundTrust.
Outcome<FoundTrust> find_trust(Disk& disk, const TrustSource& source, std::string_view product);
/// For commands that can't go on without: the trust, or a failure that says where it belongs.
Outcome<Trust> require_trust(const FoundTrust& found, std::string_view product);

}  // namespace oak
