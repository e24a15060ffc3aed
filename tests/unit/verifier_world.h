#pragma once
// A vendor and a site in memory, for the verifier's tests: keys made on the spot, a disk that can fail at any call, a
// host made of strings, a clock that stands where it is put.

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/activation.h"
#include "core/armour.h"
#include "core/bulletin.h"
#include "core/fields.h"
#include "core/licence_key.h"
#include "verifier/check.h"
#include "verifier/install.h"

namespace oak::test {

/// Bytes that count up: every run makes the same keys.
class CountingRandom final : public Random {
 public:
  explicit CountingRandom(std::uint8_t start) : next_(start) {}
  void fill(std::uint8_t* out, std::size_t size) override {
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(next_ * 31 + i);
    ++next_;
  }

 private:
  std::uint8_t next_;
};

struct FakeFile {
  Bytes bytes;
  std::uint32_t owner = 0, mode = 0600;
};

/// Every file of a folder tree by its path. Each change is whole or does not happen, as on the real disk; from call
/// number `fail_from` on all changes fail, as after a power cut.
class FakeDisk final : public Disk {
 public:
  std::map<std::string, FakeFile> files;
  std::set<std::string> folders;
  std::size_t changes = 0;
  std::optional<std::size_t> fail_from;
  std::set<std::string> unreadable;
  bool read_only = false, has_oak_group = true;
  /// What another process does while this one waits for a lock, once; what the lock is then answered with; and who has locked.
  std::function<void(FakeDisk&)> while_waiting;
  std::optional<Code> lock_problem;
  std::vector<std::string> locked;

  Result<FileBytes> read(const std::string& path, std::size_t max_bytes) override {
    if (unreadable.count(path)) return fail(Code::permission_denied, path);
    if (folders.count(path)) return fail(Code::is_a_folder, path);
    const auto found = files.find(path);
    if (found == files.end()) return fail(Code::not_found, path);
    if (found->second.bytes.size() > max_bytes) return fail(Code::too_large, path);
    return FileBytes{found->second.bytes, found->second.owner, found->second.mode};
  }
  Status write(const std::string& path, ByteView bytes, std::uint32_t mode, Existing existing) override {
    OAK_TRY(change(path + ".tmp"));  // as a temporary file, then by its name
    OAK_TRY(change(path));
    if (existing == Existing::refuse && files.count(path)) return fail(Code::already_exists, path);
    files[path] = FakeFile{Bytes(bytes.begin(), bytes.end()), 0, mode == 0640 && !has_oak_group ? 0600 : mode};
    return {};
  }
  Result<FileBytes> read_beneath(const std::string& folder, const std::string& name, std::size_t max_bytes) override {
    return read(folder + "/" + name, max_bytes);
  }
  Status write_beneath(const std::string& folder, const std::string& name, ByteView bytes, std::uint32_t mode, Existing existing) override {
    return write(folder + "/" + name, bytes, mode, existing);
  }
  Status remove_beneath(const std::string& folder, const std::string& name) override {
    OAK_TRY(change(folder + "/" + name));
    files.erase(folder + "/" + name);
    return {};
  }
  Result<FileLock> lock_beneath(const std::string& folder, const std::string& name, const LockTerms&) override {
    locked.push_back(folder + "/" + name);
    if (while_waiting) std::exchange(while_waiting, nullptr)(*this);
    if (lock_problem) return fail(*lock_problem, folder + "/" + name);
    return FileLock();
  }
  Result<std::vector<std::string>> list(const std::string& folder) override {
    if (unreadable.count(folder)) return fail(Code::permission_denied, folder);
    if (!folders.count(folder)) return fail(Code::not_found, folder);
    std::set<std::string> names;
    const std::string prefix = folder + "/";
    const auto take = [&](const std::string& path) {
      if (path.starts_with(prefix)) names.insert(path.substr(prefix.size(), path.find('/', prefix.size()) - prefix.size()));
    };
    for (const auto& [path, file] : files) take(path);
    for (const std::string& path : folders) take(path);
    return std::vector<std::string>(names.begin(), names.end());
  }
  Status make_folder(const std::string& folder, std::uint32_t) override {
    if (folders.count(folder)) return {};
    OAK_TRY(change(folder));
    folders.insert(folder);
    return {};
  }
  bool may_write(const std::string& folder) override { return !read_only && folders.count(folder) > 0; }
  bool exists(const std::string& path) override { return files.count(path) || folders.count(path); }
  Status share_with_oak_group(const std::string& folder, const std::string& name) override {
    OAK_TRY(change(folder + "/" + name));
    files[folder + "/" + name].mode = has_oak_group ? 0640 : 0600;
    return {};
  }

 private:
  Status change(const std::string& path) {
    if (read_only) return fail(Code::permission_denied, path);
    if (fail_from && changes++ >= *fail_from) return fail(Code::io_error, path);
    if (!fail_from) ++changes;
    return {};
  }
};

/// A physical machine: each of platform, network, disk, operating system and model can be replaced.
class FakeHost final : public Host {
 public:
  std::map<std::string, std::string> files;
  std::map<std::string, std::string> links;
  std::set<std::string> unreadable;

  FakeHost() {
    const std::string dmi = "/sys/class/dmi/id/";
    set_platform("1f2e3d4c-5b6a-4978-8796-a5b4c3d2e1f0", "PF3K7Q2M", "L1HF65E08WX");
    files[dmi + "sys_vendor"] = "Northwind Instruments\n";
    files[dmi + "product_name"] = "Bench 400\n";
    files[dmi + "board_name"] = "NB400\n";
    files["/proc/cpuinfo"] = "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 158\nstepping\t: 10\n\n";
    files["/sys/class/net/eth0/addr_assign_type"] = "0\n";
    files["/sys/class/net/eth0/type"] = "1\n";
    links["/sys/class/net/eth0"] = "/sys/devices/pci0000:00/0000:00:1f.6/net/eth0";
    links["/sys/class/net/eth0/device"] = "/sys/devices/pci0000:00/0000:00:1f.6";
    links["/sys/class/net/eth0/device/subsystem"] = "/sys/bus/pci";
    set_network("3c:52:82:11:22:33");
    links["/sys/block/nvme0n1"] = "/sys/devices/pci0000:00/0000:00:1d.0/0000:03:00.0/nvme/nvme0/nvme0n1";
    links["/sys/block/nvme0n1/device"] = "/sys/devices/pci0000:00/0000:00:1d.0/0000:03:00.0/nvme/nvme0";
    files["/sys/block/nvme0n1/removable"] = "0\n";
    set_disk("S4EVNF0M812345");
    set_system("6fa459eaee8a3ca4894edb77e160355e");
  }
  void set_platform(const std::string& uuid, const std::string& serial, const std::string& board) {
    files["/sys/class/dmi/id/product_uuid"] = uuid + "\n";
    files["/sys/class/dmi/id/product_serial"] = serial + "\n";
    files["/sys/class/dmi/id/board_serial"] = board + "\n";
  }
  void set_network(const std::string& address) { files["/sys/class/net/eth0/address"] = address + "\n"; }
  void set_disk(const std::string& serial) { files["/sys/block/nvme0n1/device/serial"] = serial + "\n"; }
  void set_system(const std::string& id) { files["/etc/machine-id"] = id + "\n"; }
  void become_another_machine() {
    set_platform("a0b1c2d3-e4f5-4617-8829-3a4b5c6d7e8f", "ZX81QL48", "Q9W8E7R6T5");
    set_network("3c:52:82:44:55:66");
    set_disk("S4EVNF0M999999");
  }

  Result<std::string> read(const std::string& path) const override {
    if (unreadable.count(path)) return fail(Code::permission_denied, path);
    const auto found = files.find(path);
    if (found == files.end()) return fail(Code::not_found, path);
    return found->second;
  }
  std::vector<std::string> list(const std::string& path) const override {
    std::set<std::string> names;
    for (const auto& [file, content] : files)
      if (file.starts_with(path + "/")) names.insert(file.substr(path.size() + 1, file.find('/', path.size() + 1) - path.size() - 1));
    return {names.begin(), names.end()};
  }
  std::string resolve(const std::string& path) const override {
    const auto found = links.find(path);
    return found == links.end() ? std::string() : found->second;
  }
};

class FakeClock final : public Clock {
 public:
  std::uint64_t now = 1'760'000'000;
  unsigned reads = 0;
  std::uint64_t now_unix_s() override {
    ++reads;
    return now;
  }
};

/// Root keys, 2 of 3; one issuer key, certified for everything.
struct Vendor {
  std::vector<KeyPair> roots;
  KeyPair issuer;
  std::uint64_t serial;
  Trust trust;
  Bytes trust_document, certificate_document;

  explicit Vendor(std::uint8_t seed, std::uint64_t issuer_serial = 7) : serial(issuer_serial) {
    CountingRandom random(seed);
    for (int i = 0; i < 3; ++i) roots.push_back(make_key_pair(random));
    issuer = make_key_pair(random);
    trust = make_trust(1);
    trust_document = sign_by_roots(DocumentType::trust, encode_trust(trust));
    certificate_document = certify(issuer, serial);
  }
  Trust make_trust(std::uint64_t number) const {
    Trust out;
    for (const KeyPair& root : roots) out.roots.push_back(root.public_key);
    std::sort(out.roots.begin(), out.roots.end());
    out.threshold = 2;
    out.number = number;
    return out;
  }
  Bytes certify(const KeyPair& key, std::uint64_t key_serial) const {
    IssuerCertificate certificate;
    certificate.issuer_key = key.public_key;
    certificate.serial = key_serial;
    certificate.kinds = {1, 2};
    certificate.not_after_unix_s = max_unix_s;
    return sign_by_roots(DocumentType::issuer_certificate, encode_issuer_certificate(certificate));
  }
  Bytes sign_by_roots(DocumentType type, ByteView payload) const {
    return seal_threshold(type, payload, {sign_threshold(type, payload, roots[0]), sign_threshold(type, payload, roots[1])});
  }
};

inline const std::string state_dir = "/state", product = "demo", folder = state_dir + "/" + product;

/// One vendor, one machine, one licence.
struct World {
  Vendor vendor{1};
  FakeDisk disk;
  FakeHost host;
  FakeClock clock;
  Machine machine{disk, host, clock, 0, state_dir};
  LicenceKey licence_key;
  SymmetricKey fingerprint_key;
  TrustSource source;

  World() {
    static_cast<void>(crypto_start());
    CountingRandom random(50);
    licence_key = make_licence_key("L1", random);
    fingerprint_key = fingerprint_key_of(licence_key, product, {});
    source.built_in = {};
    source.argument_bytes = vendor.trust_document;
  }
  /// What this machine would be granted now: 3 seats of 3.*, permanent.
  Activation grant(std::uint64_t generation = 1) const {
    Activation out;
    out.product = product;
    out.licence = "L1";
    out.seats = 3;
    out.versions = *VersionRange::parse("3.*");
    out.issued_at_unix_s = 1'750'000'000;
    out.fingerprint = enrol(observe(collect(host), fingerprint_key));
    out.fingerprint_key = fingerprint_key_id(fingerprint_key);
    out.generation = generation;
    out.index = generation;
    return out;
  }
  Activation certificate(std::uint64_t start, std::uint64_t end, std::uint64_t generation = 1) const {
    Activation out = grant(generation);
    out.kind = Kind::certificate;
    out.issued_at_unix_s = start;
    out.not_after_unix_s = end;
    return out;
  }
  Bytes seal(const Activation& activation) const { return seal_activation(activation, vendor.issuer, vendor.certificate_document); }
  ActivationId id_of(const Activation& activation) const { return activation_id_of(sha256(encode_activation(activation))); }
  std::string path_of(const Activation& activation) const { return folder + "/activation-" + to_hex(id_of(activation)) + ".oak"; }

  Outcome<Installed> try_install(ByteView document, bool with_key = true) {
    InstallInput input{"act.oak", document, with_key ? &licence_key : nullptr, {}};
    return install(machine, source, input);
  }
  /// False where it was refused.
  bool install_one(const Activation& activation) { return try_install(seal(activation)).has_value(); }
  /// Puts the file where `install` would, without asking anybody.
  void slip_in(const Activation& activation) {
    const std::string text = armour_encode("OAK ACTIVATION", seal(activation));
    disk.files[path_of(activation)] = FakeFile{Bytes(text.begin(), text.end()), 0, 0640};
  }
  Outcome<Answer> check(std::string_view version = "3.5", std::uint64_t seats = 0) {
    return Check::load(machine, source, product).and_then([&](Check check) { return check.answer(*make_question(version, seats)); });
  }
  /// The verdict, not_verified where there is no answer.
  Verdict verdict(std::string_view version = "3.5", std::uint64_t seats = 0) {
    const auto answer = check(version, seats);
    return answer ? answer->verdict : Verdict::not_verified;
  }
  std::optional<Marks> marks() {
    const auto found = Store(disk, state_dir, 0).marks(product);
    return found ? *found : std::nullopt;
  }
  void put_marks(const Marks& marks) { disk.files[folder + "/marks.oak"] = FakeFile{encode_marks(marks), 0, 0640}; }
};

}  // namespace oak::test
