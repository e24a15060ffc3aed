#pragma once
// The state of one machine: a folder a product below the state folder (docs/format-state.md).
//
// Everything read is checked for owner and mode: a file that somebody else than root or the caller could have
// written is unsafe_file, a secret that others may read too. Damage is damaged_state. The context of an error is the
// file's whole path. Nothing here judges: what a stored document is worth, verifier/chain.h finds out.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/activation_id.h"
#include "core/crypto.h"
#include "core/disk.h"
#include "core/fingerprint.h"
#include "core/key_file.h"
#include "verifier/marks.h"

namespace oak {

inline constexpr std::size_t max_stored_activations = 64;
inline constexpr std::size_t max_stored_bulletins = 64;
inline constexpr std::size_t max_stored_receipts = 8192;

/// The two key pairs of a machine, both made by `create`.
enum class MachineKey { machine, seat_server };

struct StoredFingerprintKey {
  SymmetricKey key;
  std::string licence;
};

/// A document as it lies in the store: its bytes, or what kept them from being read (damaged_state, unsafe_file).
struct StoredDocument {
  std::string name;  ///< of the file
  std::string path;  ///< the whole path, for messages
  Result<Bytes> document;
};

struct StoredDocuments {
  std::vector<StoredDocument> activations;  ///< by file name, at most max_stored_activations
  std::vector<StoredDocument> bulletins;
  bool too_many = false;  ///< there were more, and they were not looked at
};

class Store {
 public:
  /// `own_uid` is the caller's effective user id: besides root, only its files are believed.
  Store(Disk& disk, std::string state_dir, std::uint32_t own_uid);

  const std::string& state_dir() const { return state_dir_; }
  std::string product_folder(std::string_view product) const;
  /// Products that have a folder; none where there is no state folder yet.
  Result<std::vector<std::string>> products() const;
  /// True where the product's folder is there and the caller may change it.
  bool may_write(std::string_view product) const;

  /// not_found where there is none.
  Result<KeyPair> key_pair(std::string_view product, MachineKey which) const;
  /// Makes it where there is none. Two processes that do so at once get the same key.
  Result<KeyPair> key_pair_or_make(std::string_view product, MachineKey which, Random& random);

  /// Keeps a damaged key file under another name, so that a new key can be made and nothing is lost.
  Status set_key_aside(std::string_view product, MachineKey which);

  /// fingerprint_key_missing where there is none.
  Result<StoredFingerprintKey> fingerprint_key(std::string_view product, const FingerprintKeyId& id) const;
  Status put_fingerprint_key(std::string_view product, std::string_view licence, const SymmetricKey& key);

  /// Errors only where the folder can't be read, or one of its files for lack of permission.
  Result<StoredDocuments> documents(std::string_view product) const;
  /// Bare document bytes; they are stored armoured.
  Status put_activation(std::string_view product, const ActivationId& id, ByteView document);
  /// `signer` is the issuer key's serial, 0 for the roots, whose bulletins are kept one beside the other.
  Status put_bulletin(std::string_view product, std::uint64_t signer, std::uint64_t number, ByteView document);
  Status remove_document(std::string_view product, const std::string& name);

  /// Receipts that were made here, one an activation; not_found where there is none.
  Result<Bytes> receipt(std::string_view product, const ActivationId& id) const;
  bool has_receipt(std::string_view product, const ActivationId& id) const;
  /// `existing` refuse: the first one stays (already_exists).
  Status put_receipt(std::string_view product, const ActivationId& id, ByteView document, Existing existing);
  Result<std::vector<StoredDocument>> receipts(std::string_view product) const;

  /// The request that asks for a certificate in place of one that ends, kept until its answer is stored; not_found where there is none.
  Result<Bytes> renewal(std::string_view product, std::string_view licence) const;
  Status put_renewal(std::string_view product, std::string_view licence, ByteView request);
  Status remove_renewal(std::string_view product, std::string_view licence);

  /// nullopt where there is no file; whoever finds an activation beside no marks must treat that as damage.
  Result<std::optional<Marks>> marks(std::string_view product) const;
  /// Adds them to what is stored, and gives back what is stored then: two processes at once take no mark from each other. `first` is
  /// done before that, under the same lock, with what was stored; where it fails, nothing is written. Damaged ones are replaced. `locked`
  /// where another process keeps the lock for long.
  Result<Marks> put_marks(const Marks& marks, const std::function<Status(const std::optional<Marks>& stored)>& first = {});

 private:
  Result<Bytes> read(const std::string& folder, const std::string& name, std::uint32_t forbidden_mode, std::size_t max_bytes) const;
  Status take_in(const std::string& folder, const std::string& name, std::size_t max_bytes, std::size_t most,
                 std::vector<StoredDocument>& out, bool& too_many) const;
  /// Where it is missing.
  Status make_product_folder(std::string_view product);
  /// Makes the product's folder, too. `shared`: readable by the group oak.
  Status write(std::string_view product, const std::string& name, ByteView bytes, bool shared, Existing existing);

  Disk& disk_;
  std::string state_dir_;
  std::uint32_t own_uid_;
};

}  // namespace oak
