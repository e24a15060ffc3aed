#include "verifier/store.h"

#include <algorithm>

#include "core/armour.h"
#include "core/document_type.h"
#include "core/licence_key.h"
#include "core/text.h"

namespace oak {
namespace {

// Permission bits that must not be set: what others, or the group too, may do.
constexpr std::uint32_t not_for_others = 0077, nobody_else_writes = 0022;
constexpr std::string_view marks_name = "marks.oak", marks_lock_name = "marks.lock", activation_prefix = "activation-",
                           bulletin_prefix = "bulletin-", receipt_prefix = "receipt-", renewal_prefix = "renewal-", document_suffix = ".oak";
constexpr std::uint64_t marks_wait_ms = 10'000;  // others keep the lock for two syncs of the disk
constexpr std::size_t max_damaged_key_bytes = 1 << 20;
constexpr std::size_t max_stored_activation_bytes = 2 * max_document_bytes;

struct KeyPairFile {
  std::string_view name, label;
};
KeyPairFile file_of(MachineKey which) {
  if (which == MachineKey::machine) return {"machine.key", "oak/v1/machine-key"};
  return {"seat-server.key", "oak/v1/seat-server-key"};
}

std::string number_hex(std::uint64_t number) {
  ByteArray<8> bytes{};
  for (std::size_t i = bytes.size(); i > 0; --i, number >>= 8) bytes[i - 1] = static_cast<std::uint8_t>(number & 0xff);
  return to_hex(bytes);
}

std::string path_of(const std::string& folder, std::string_view name) { return folder + "/" + std::string(name); }

std::string receipt_name(const ActivationId& id) { return std::string(receipt_prefix) + to_hex(id) + std::string(document_suffix); }

/// A licence's id is safe in a file's name (docs/format.md, "Licence keys").
std::string renewal_name(std::string_view licence) {
  return std::string(renewal_prefix) + std::string(licence) + std::string(document_suffix);
}

bool is_document_name(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix) || !name.ends_with(document_suffix)) return false;
  name.remove_prefix(prefix.size());
  return name.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz-") == name.size() - document_suffix.size();
}

}  // namespace

Store::Store(Disk& disk, std::string state_dir, std::uint32_t own_uid) : disk_(disk), state_dir_(std::move(state_dir)), own_uid_(own_uid) {}

std::string Store::product_folder(std::string_view product) const { return path_of(state_dir_, product); }

Result<std::vector<std::string>> Store::products() const {
  auto names = disk_.list(state_dir_);
  if (!names && names.error().code == Code::not_found) return std::vector<std::string>{};
  if (!names) return names;
  const auto other = [](const std::string& name) { return !is_name(name, max_product_bytes); };
  names->erase(std::remove_if(names->begin(), names->end(), other), names->end());
  return names;
}

bool Store::may_write(std::string_view product) const { return disk_.may_write(product_folder(product)); }

Result<Bytes> Store::read(const std::string& folder, const std::string& name, std::uint32_t forbidden_mode, std::size_t max_bytes) const {
  OAK_ASSIGN(FileBytes file, disk_.read_beneath(folder, name, max_bytes));
  const bool owner_is_safe = file.owner == 0 || file.owner == own_uid_;
  if (owner_is_safe && (file.mode & forbidden_mode) == 0) return std::move(file.bytes);
  wipe(file.bytes.data(), file.bytes.size());
  return fail(Code::unsafe_file, path_of(folder, name));
}

Status Store::make_product_folder(std::string_view product) {
  constexpr std::uint32_t mode = 0755;
  OAK_TRY(disk_.make_folder(state_dir_, mode));
  return disk_.make_folder(product_folder(product), mode);
}

Status Store::write(std::string_view product, const std::string& name, ByteView bytes, bool shared, Existing existing) {
  const std::string folder = product_folder(product);
  OAK_TRY(make_product_folder(product));
  return disk_.write_beneath(folder, name, bytes, shared ? 0640 : 0600, existing);
}

Result<KeyPair> Store::key_pair(std::string_view product, MachineKey which) const {
  const KeyPairFile kind = file_of(which);
  const std::string folder = product_folder(product);
  auto found = read(folder, std::string(kind.name), not_for_others, max_key_file_bytes);
  if (!found && found.error().code == Code::too_large) return fail(Code::damaged_state, path_of(folder, kind.name));
  OAK_ASSIGN(Bytes bytes, std::move(found));
  const SecretBytes file(std::move(bytes));
  auto seed = decode_key_pair_file(kind.label, file.view());
  if (!seed) return fail(Code::damaged_state, path_of(folder, kind.name));
  const PublicKey public_key = public_key_of(*seed);
  return KeyPair{std::move(*seed), public_key};
}

Result<KeyPair> Store::key_pair_or_make(std::string_view product, MachineKey which, Random& random) {
  auto found = key_pair(product, which);
  if (found || found.error().code != Code::not_found) return found;
  const KeyPair made = make_key_pair(random);
  const KeyPairFile kind = file_of(which);
  const SecretBytes file = encode_key_pair_file(kind.label, made.seed);
  const auto written = write(product, std::string(kind.name), file.view(), false, Existing::refuse);
  // Where another process was quicker, its key is the one.
  if (!written && written.error().code != Code::already_exists) return tl::unexpected(written.error());
  return key_pair(product, which);
}

Status Store::set_key_aside(std::string_view product, MachineKey which) {
  const std::string folder = product_folder(product), name(file_of(which).name);
  // Whatever damaged it may have made it longer.
  OAK_ASSIGN(Bytes bytes, read(folder, name, not_for_others, max_damaged_key_bytes));
  const SecretBytes file(std::move(bytes));
  const std::string digest = to_hex(ByteView(sha256(file.view())).first(4));
  OAK_TRY(write(product, name + "." + digest + ".damaged", file.view(), false, Existing::replace));
  return disk_.remove_beneath(folder, name);
}

Result<StoredFingerprintKey> Store::fingerprint_key(std::string_view product, const FingerprintKeyId& id) const {
  const std::string folder = product_folder(product), name = fingerprint_key_name(id);
  auto file = read_fingerprint_key(disk_, folder, name, product, own_uid_);
  if (!file && file.error().code == Code::not_found) return fail(Code::fingerprint_key_missing, path_of(folder, name));
  if (!file) return tl::unexpected(std::move(file).error());
  return StoredFingerprintKey{std::move(file->key), std::move(file->licence)};
}

Status Store::put_fingerprint_key(std::string_view product, std::string_view licence, const SymmetricKey& key) {
  const SecretBytes file = encode_fingerprint_key_file({key.clone(), std::string(licence), std::string(product)});
  return write(product, fingerprint_key_name(fingerprint_key_id(key)), file.view(), true, Existing::replace);
}

Status Store::take_in(const std::string& folder, const std::string& name, std::size_t max_bytes, std::size_t most,
                      std::vector<StoredDocument>& out, bool& too_many) const {
  if (out.size() >= most) {
    too_many = true;
    return {};
  }
  StoredDocument stored{name, path_of(folder, name), Bytes{}};
  const auto file = read(folder, name, nobody_else_writes, max_bytes);
  if (!file) {
    const Code code = file.error().code;
    if (code == Code::not_found) return {};  // removed since the folder was listed
    if (code != Code::unsafe_file && code != Code::too_large && code != Code::is_a_folder) return tl::unexpected(file.error());
    stored.document = fail(code, stored.path);
  } else if (auto armoured = document_from_file_bytes(*file)) {
    stored.document = std::move(armoured->document);
  } else {
    stored.document = fail(Code::damaged_state, stored.path);
  }
  out.push_back(std::move(stored));
  return {};
}

Result<StoredDocuments> Store::documents(std::string_view product) const {
  const std::string folder = product_folder(product);
  StoredDocuments out;
  const auto names = disk_.list(folder);
  if (!names && names.error().code == Code::not_found) return out;
  if (!names) return tl::unexpected(names.error());
  for (const std::string& name : *names) {
    if (is_document_name(name, activation_prefix))
      OAK_TRY(take_in(folder, name, max_stored_activation_bytes, max_stored_activations, out.activations, out.too_many));
    if (is_document_name(name, bulletin_prefix))
      OAK_TRY(take_in(folder, name, max_armoured_bytes, max_stored_bulletins, out.bulletins, out.too_many));
  }
  return out;
}

Status Store::put_activation(std::string_view product, const ActivationId& id, ByteView document) {
  const std::string text = armour_encode(labels_of(DocumentType::activation).armour, document);
  const std::string name = std::string(activation_prefix) + to_hex(id) + std::string(document_suffix);
  return write(product, name, as_bytes(text), true, Existing::replace);
}

Status Store::put_bulletin(std::string_view product, std::uint64_t signer, std::uint64_t number, ByteView document) {
  const DocumentType type = signer == 0 ? DocumentType::key_bulletin : DocumentType::bulletin;
  const std::string text = armour_encode(labels_of(type).armour, document);
  const std::string name =
      std::string(bulletin_prefix) + (signer == 0 ? "roots-" + number_hex(number) : number_hex(signer)) + std::string(document_suffix);
  return write(product, name, as_bytes(text), true, Existing::replace);
}

Status Store::remove_document(std::string_view product, const std::string& name) {
  return disk_.remove_beneath(product_folder(product), name);
}

Result<Bytes> Store::receipt(std::string_view product, const ActivationId& id) const {
  const std::string folder = product_folder(product), name = receipt_name(id);
  OAK_ASSIGN(const Bytes file, read(folder, name, nobody_else_writes, max_armoured_bytes));
  auto armoured = document_from_file_bytes(file);
  if (!armoured) return fail(Code::damaged_state, path_of(folder, name));
  return std::move(armoured->document);
}

bool Store::has_receipt(std::string_view product, const ActivationId& id) const {
  return disk_.exists(path_of(product_folder(product), receipt_name(id)));
}

Status Store::put_receipt(std::string_view product, const ActivationId& id, ByteView document, Existing existing) {
  const std::string text = armour_encode(labels_of(DocumentType::receipt).armour, document);
  return write(product, receipt_name(id), as_bytes(text), true, existing);
}

Result<std::vector<StoredDocument>> Store::receipts(std::string_view product) const {
  const std::string folder = product_folder(product);
  std::vector<StoredDocument> out;
  const auto names = disk_.list(folder);
  if (!names && names.error().code == Code::not_found) return out;
  if (!names) return tl::unexpected(names.error());
  bool too_many = false;
  for (const std::string& name : *names)
    if (is_document_name(name, receipt_prefix)) OAK_TRY(take_in(folder, name, max_armoured_bytes, max_stored_receipts, out, too_many));
  return out;
}

Result<Bytes> Store::renewal(std::string_view product, std::string_view licence) const {
  const std::string folder = product_folder(product), name = renewal_name(licence);
  OAK_ASSIGN(const Bytes file, read(folder, name, nobody_else_writes, max_armoured_bytes));
  auto armoured = document_from_file_bytes(file);
  if (!armoured) return fail(Code::damaged_state, path_of(folder, name));
  return std::move(armoured->document);
}

Status Store::put_renewal(std::string_view product, std::string_view licence, ByteView request) {
  const std::string text = armour_encode(labels_of(DocumentType::request).armour, request);
  return write(product, renewal_name(licence), as_bytes(text), false, Existing::replace);
}

Status Store::remove_renewal(std::string_view product, std::string_view licence) {
  return disk_.remove_beneath(product_folder(product), renewal_name(licence));
}

Result<std::optional<Marks>> Store::marks(std::string_view product) const {
  const std::string folder = product_folder(product);
  const auto file = read(folder, std::string(marks_name), nobody_else_writes, max_marks_bytes);
  if (!file && file.error().code == Code::not_found) return std::optional<Marks>{};
  const std::string path = path_of(folder, marks_name);
  if (!file && (file.error().code == Code::too_large || file.error().code == Code::is_a_folder)) return fail(Code::damaged_state, path);
  if (!file) return tl::unexpected(file.error());
  auto marks = decode_marks(*file, product);
  if (!marks) return fail(Code::damaged_state, path);
  return std::optional(std::move(*marks));
}

Result<Marks> Store::put_marks(const Marks& marks, const std::function<Status(const std::optional<Marks>& stored)>& first) {
  const std::string folder = product_folder(marks.product);
  OAK_TRY(make_product_folder(marks.product));
  const auto lock = disk_.lock_beneath(folder, std::string(marks_lock_name), {LockKind::alone, marks_wait_ms, 0600});
  // A file system that knows no locks must not stop a plant.
  if (!lock && lock.error().code != Code::io_error) return tl::unexpected(lock.error());
  auto read = this->marks(marks.product);
  if (!read && read.error().code != Code::damaged_state) return tl::unexpected(read.error());
  const std::optional<Marks> stored = std::move(read).value_or(std::nullopt);
  Marks now = stored ? merged(*stored, marks) : marks;
  const Bytes bytes = encode_marks(now);
  // What could not be read again is not written: the lists have limits.
  if (!decode_marks(bytes, marks.product)) return fail(Code::too_large, path_of(folder, marks_name));
  if (first) OAK_TRY(first(stored));
  OAK_TRY(write(marks.product, std::string(marks_name), bytes, true, Existing::replace));
  return now;
}

}  // namespace oak
