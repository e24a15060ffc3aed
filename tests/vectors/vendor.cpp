#include "tests/vectors/vendor.h"

#include <algorithm>

#include "tests/vectors/payload_map.h"

namespace oak::vectors {
namespace {

constexpr std::string_view licence_id = "K7QX2M4A";

void sort_roots(std::vector<PublicKey>& roots) { std::sort(roots.begin(), roots.end()); }

std::vector<PublicKey> public_keys(const std::vector<std::string>& names) {
  std::vector<PublicKey> keys;
  for (const std::string& name : names) keys.push_back(key_named(name).public_key);
  sort_roots(keys);
  return keys;
}

Fingerprint sorted(std::vector<Member> members) {
  std::sort(members.begin(), members.end(), [](const Member& a, const Member& b) { return a.key() < b.key(); });
  return {std::move(members)};
}

Fingerprint small_fingerprint() {
  return sorted({member(Component::product_uuid, "1f2e3d4c-5b6a-4978-8796-a5b4c3d2e1f0"), member(Component::mac, "8c:16:45:aa:00:01")});
}

Fingerprint large_fingerprint() {
  return sorted({member(Component::product_uuid, "1f2e3d4c-5b6a-4978-8796-a5b4c3d2e1f0"), member(Component::product_serial, "PF3K7Q2M"),
                 member(Component::board_serial, "L1HF65E08WX"), member(Component::mac, "8c:16:45:aa:00:01", "eth0"),
                 member(Component::mac, "8c:16:45:aa:00:02", "eth1"), member(Component::disk, "S4EWNX0R123456", "nvme0n1"),
                 member(Component::disk, "WD-WX12A80ABCDE"), member(Component::machine_id, "6c9e2f7d0a4b4c1f8f5e3d2c1b0a9f8e"),
                 member(Component::model, "Northwind/Bench 12/B12-A/6/158/10")});
}

/// Integers stand before texts, shorter heads before longer ones.
Bytes extensions() {
  return item::map({{item::uint(7), item::array({item::uint(1), item::bytes(1, 0)})}, {item::text("note"), item::text("kept as it came")}});
}

}  // namespace

KeyPair key_named(std::string_view name) {
  Seed seed(fixed<32>(name));
  const PublicKey public_key = public_key_of(seed);
  return {std::move(seed), public_key};
}

void NamedRandom::fill(std::uint8_t* out, std::size_t size) {
  for (std::size_t done = 0; done < size;) {
    const auto block = fixed<32>(name_ + " block " + std::to_string(block_++));
    const std::size_t take = std::min(size - done, block.size());
    std::copy_n(block.begin(), take, out + done);
    done += take;
  }
}

LicenceKey licence_key() {
  NamedRandom random("licence secret");
  return make_licence_key(std::string(licence_id), random);
}

SymmetricKey fingerprint_key() { return fingerprint_key_of(licence_key(), "demo", {}); }

Member member(Component component, std::string_view value, std::string_view label) {
  static const SymmetricKey key = fingerprint_key();
  return {component, member_digest(key, component, value), std::string(label)};
}

Trust trust_two_of_three() {
  Trust trust;
  trust.issued_at_unix_s = start_unix_s;
  trust.roots = public_keys({"root 1", "root 2", "root 3"});
  trust.threshold = 2;
  trust.sealing_key = sealing_public_key_of(Seed(fixed<32>("sealing key")));
  trust.contact = "licences@vendor.example";
  trust.lowest_bulletin = 5;
  return trust;
}

Trust trust_one_of_one() {
  Trust trust = trust_two_of_three();
  trust.roots = public_keys({"lone root"});
  trust.threshold = 1;
  trust.contact.clear();
  trust.lowest_bulletin = 0;
  return trust;
}

Trust trust_one_product() {
  Trust trust = trust_two_of_three();
  trust.product = "demo";
  return trust;
}

Bytes seal_by_roots(DocumentType type, ByteView payload, const std::vector<std::string>& roots) {
  std::vector<EnvelopeSignature> blocks;
  for (const std::string& name : roots) blocks.push_back(sign_threshold(type, payload, key_named(name)));
  return seal_threshold(type, payload, std::move(blocks));
}

IssuerCertificate uncapped_certificate() {
  IssuerCertificate certificate;
  certificate.issued_at_unix_s = start_unix_s;
  certificate.issuer_key = key_named("issuer 1").public_key;
  certificate.serial = 1;
  certificate.kinds = {1, 2};
  certificate.not_before_unix_s = start_unix_s;
  certificate.not_after_unix_s = start_unix_s + 3650 * day_unix_s;
  return certificate;
}

IssuerCertificate capped_certificate() {
  IssuerCertificate certificate = uncapped_certificate();
  certificate.issuer_key = key_named("issuer 2").public_key;
  certificate.serial = 2;
  certificate.products = {"demo", "lite"};
  certificate.kinds = {2};
  certificate.max_days = 30;
  certificate.max_seats = 10;
  certificate.versions = VersionRange::parse("3.*").value();
  certificate.not_after_unix_s = start_unix_s + 365 * day_unix_s;
  return certificate;
}

Bytes certificate_document(const IssuerCertificate& certificate) {
  return seal_by_roots(DocumentType::issuer_certificate, encode_issuer_certificate(certificate), {"root 1", "root 3"});
}

Request minimal_request() {
  Request request;
  request.product = "demo";
  request.licence = licence_id;
  request.version = "3.5";
  request.machine_key = key_named("machine").public_key;
  request.seat_server_key = key_named("seat server").public_key;
  request.nonce = fixed<16>("nonce");
  request.created_at_unix_s = start_unix_s + 1000;
  request.fingerprint = small_fingerprint();
  request.fingerprint_key = fingerprint_key_id(fingerprint_key());
  request.accepts = {2};
  return request;
}

Request full_request() {
  Request request = minimal_request();
  request.seats = 3;
  request.version = "3.5.1-rc.2";
  request.fingerprint = large_fingerprint();
  request.unusable = {
      {Component::dt_serial, State::placeholder}, {Component::disk, State::unreadable}, {Component::disk, State::placeholder}};
  request.environment = {"kvm", "docker"};
  request.kind = Kind::certificate;
  request.supersedes = Supersedes{activation_id_of(fixed<32>("old activation")), 4, 17};
  request.site = "Werk 2, Halle «Süd»";
  request.reason = "board replaced after a lightning strike";
  request.accepts = {2, 4, 5, 6, 8};
  request.ignorable = extensions();
  return request;
}

Activation permanent_activation() {
  Activation activation;
  activation.product = "demo";
  activation.licence = licence_id;
  activation.seats = 3;
  activation.versions = VersionRange::parse("3.*").value();
  activation.machine_key = key_named("machine").public_key;
  activation.seat_server_key = key_named("seat server").public_key;
  activation.issued_at_unix_s = start_unix_s + day_unix_s;
  activation.fingerprint = small_fingerprint();
  activation.fingerprint_key = fingerprint_key_id(fingerprint_key());
  activation.generation = 1;
  activation.request = fixed<16>("request");
  return activation;
}

Activation certificate_activation() {
  Activation activation = permanent_activation();
  activation.kind = Kind::certificate;
  activation.not_after_unix_s = activation.issued_at_unix_s + 30 * day_unix_s;
  return activation;
}

Activation full_activation() {
  Activation activation = certificate_activation();
  activation.versions = VersionRange::parse(">=3.0 <5").value();
  activation.fingerprint = large_fingerprint();
  activation.environment = {"kvm", ""};
  activation.generation = 5;
  activation.supersedes = activation_id_of(fixed<32>("old activation"));
  activation.site = "Werk 2, Halle «Süd»";
  activation.features = {"export", "reports", "übersetzung"};
  activation.policy = {75, {5, 3, 2, 0, 1, 1}};
  activation.grace_days = 14;
  activation.index = 18;
  activation.customer = "Northwind Instruments";
  activation.reset_clock = true;
  activation.ignorable = extensions();
  return activation;
}

Receipt receipt() {
  Receipt receipt;
  receipt.product = "demo";
  receipt.licence = licence_id;
  receipt.machine_key = key_named("machine").public_key;
  receipt.returned_at_unix_s = start_unix_s + 40 * day_unix_s;
  receipt.generation = 5;
  receipt.activation = activation_id_of(fixed<32>("given back"));
  return receipt;
}

Bulletin bulletin() {
  Bulletin bulletin;
  bulletin.product = "demo";
  bulletin.issued_at_unix_s = start_unix_s + 50 * day_unix_s;
  bulletin.number = 5;
  for (const char* name : {"revoked 1", "revoked 2", "revoked 3"}) bulletin.revoked.push_back(activation_id_of(fixed<32>(name)));
  std::sort(bulletin.revoked.begin(), bulletin.revoked.end());
  return bulletin;
}

KeyBulletin key_bulletin() {
  KeyBulletin bulletin;
  bulletin.issued_at_unix_s = start_unix_s + 60 * day_unix_s;
  bulletin.number = 6;
  std::vector<ActivationId> survivors = {activation_id_of(fixed<32>("survivor 1")), activation_id_of(fixed<32>("survivor 2"))};
  std::sort(survivors.begin(), survivors.end());
  bulletin.revoked_issuers = {{1, survivors}, {7, {}}};
  return bulletin;
}

Trust new_trust() {
  Trust trust = trust_two_of_three();
  trust.issued_at_unix_s = start_unix_s + 60 * day_unix_s;
  trust.roots = public_keys({"root 2", "root 4", "root 5"});
  trust.number = 2;
  return trust;
}

Trust rotated_trust() {
  Trust trust = new_trust();
  trust.earlier = {{trust_two_of_three().roots, 2}};
  return trust;
}

SeatLease seat_lease() {
  SeatLease lease;
  lease.product = "demo";
  lease.licence = licence_id;
  lease.issued_at_unix_s = start_unix_s + 2 * day_unix_s;
  const Bytes payload = encode_activation(permanent_activation());
  lease.activation = activation_id_of(sha256(payload));
  lease.computer_key = key_named("computer").public_key;
  lease.lease = fixed<16>("lease");
  lease.ttl_s = 600;
  lease.counter = 42;
  return lease;
}

Bytes host_activation() {
  return seal_activation(permanent_activation(), key_named("issuer 1"), certificate_document(uncapped_certificate()));
}

}  // namespace oak::vectors
