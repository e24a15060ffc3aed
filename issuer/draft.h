#pragma once
// Root documents on their way from root to root (docs/format.md, "Envelopes"): who has signed, who still may, and one more
// signature. One root's key is in memory, never two.

#include <string>
#include <vector>

#include "core/trust.h"
#include "issuer/desk.h"

namespace oak {

struct Draft {
  DocumentType type{};
  Bytes payload;
  std::vector<EnvelopeSignature> signatures;
};
Outcome<Draft> read_draft(ByteView file, const std::string& name);
Bytes encode_draft(const Draft& draft);
/// As the file that travels.
std::string draft_file(const Draft& draft);

/// The desk's own copy of what it asks its roots to sign.
Outcome<void> keep_draft(Disk& disk, const std::string& desk, const std::string& path, const Draft& draft);
Outcome<void> drop_draft(Disk& disk, const std::string& desk, const std::string& path);

/// Roots of which a number must sign.
struct Quorum {
  std::string whose;  ///< for messages: "", "old ", "new "
  std::vector<PublicKey> roots;
  std::uint64_t threshold = 0;
};
/// Whose signatures make it a document. A certificate is the known trust's roots' to sign; a new trust is for the old roots and
/// the new; a key bulletin that brings a trust is for the roots before it. Where no trust is known, only a first trust can be
/// judged, by what it says itself.
Outcome<std::vector<Quorum>> quorums_of(const Draft& draft, const Trust* known);
/// bad_signature, unknown_key: somebody else's block, or a damaged one.
Outcome<void> check_signatures(const Draft& draft, const std::vector<Quorum>& quorums, const std::string& name);
/// How many signatures are missing; of each quorum, in words, as "1 more root must sign".
struct Missing {
  std::uint64_t count = 0;
  std::string text;
};
Missing missing_signatures(const Draft& draft, const std::vector<Quorum>& quorums);

/// The root whose key file lies in `root_dir` adds its block. Refused where it is none of the roots, or has signed already.
Outcome<void> sign_draft(const DeskWorld& world, const std::string& root_dir, const std::vector<Quorum>& quorums, Draft& draft);
/// The trust of a file that is named, else of the desk (a desk that waits has the draft's), else nothing.
Outcome<std::optional<Trust>> known_trust(const DeskWorld& world, const std::string& trust_file, const std::string& desk);

/// The page that a root sees before it signs.
std::string draft_page(const Draft& draft, const std::vector<Quorum>& quorums, const Trust* known);
std::string key_id_text(const PublicKey& key);

}  // namespace oak
