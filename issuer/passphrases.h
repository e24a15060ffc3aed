#pragma once
// Where the passphrases of key files come from: a file, or a person. Never an argument.

#include <functional>
#include <string>
#include <vector>

#include "core/disk.h"
#include "core/failure.h"
#include "core/terminal.h"
#include "issuer/key_file.h"

namespace oak {

class Passphrases {
 public:
  /// `file` may be empty. Lines "NAME: passphrase" serve the keys they name (desk, root-N, issuer-N), also where there is
  /// only one; any other file of one line serves every key (docs/format-desk.md, "Passphrase files").
  Passphrases(Disk& disk, Terminal& terminal, std::string file);
  ~Passphrases();
  Passphrases(const Passphrases&) = delete;
  Passphrases& operator=(const Passphrases&) = delete;

  /// True where a passphrase could be had without a person, or a person is there.
  bool available() const { return !file_.empty() || terminal_.interactive(); }
  /// For a new key: asked twice on a terminal.
  Outcome<std::string> choose(const std::string& key_name);
  /// Tries what was entered before, then asks, three times at most. `what` names the file for messages.
  Outcome<OpenedKeyFile> unlock(ByteView key_document, const std::string& what);

 private:
  Outcome<std::string> from_file(const std::string& key_name);
  Failure nobody_to_ask(const std::string& key_name) const;
  Disk& disk_;
  Terminal& terminal_;
  std::string file_;
  std::vector<std::string> entered_;
};

}  // namespace oak
