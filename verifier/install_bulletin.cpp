#include "verifier/install_bulletin.h"

#include "core/receipt.h"
#include "core/text.h"
#include "verifier/chain.h"

namespace oak {
namespace {

std::string what_of(const std::string& name) { return "cannot install " + in_quotes(name); }

tl::unexpected<Failure> refuse(const Error& error, const std::string& name) { return tl::unexpected(explain(error, what_of(name))); }

/// What is there before a bulletin comes in.
struct Before {
  HeldBulletins held;
  Marks marks;
};

Outcome<Before> look(const Machine& machine, const Store& store, const TrustSource& source, std::string_view product) {
  OAK_ASSIGN(const FoundTrust found, find_trust(machine.disk, source, product));
  OAK_ASSIGN(const Trust trust, require_trust(found, product));
  const auto stored = store.documents(product);
  if (!stored) return tl::unexpected(state_failure(stored.error()));
  OAK_ASSIGN(Marks marks, marks_to_change(store, *stored, product));
  return Before{open_stored_bulletins(stored->bulletins, trust, product), std::move(marks)};
}

Status refuse_older(const Marks& marks, std::uint64_t signer, std::uint64_t number) {
  const std::uint64_t seen = marks.bulletin_number(signer);
  if (number >= seen) return {};
  return fail(Code::bulletin_too_old, "number " + std::to_string(number) + ", seen " + std::to_string(seen));
}

/// The bulletin first: a mark without its bulletin would stop everything. So would an older one put over a newer one, by two
/// processes at once.
Status keep(Store& store, Marks& marks, std::uint64_t signer, std::uint64_t number, ByteView document) {
  const auto put = [&](const std::optional<Marks>& stored) -> Status {
    if (stored) OAK_TRY(refuse_older(*stored, signer, number));
    return store.put_bulletin(marks.product, signer, number, document);
  };
  marks.advance_bulletin(signer, number);
  OAK_TRY(store.put_marks(marks, put));
  return {};
}

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}

/// True where the bulletin was meant for this product and is stored now.
Outcome<bool> install_key_bulletin_for(const Machine& machine, Store& store, const TrustSource& source, const std::string& product,
                                       ByteView document, Error& why_not) {
  auto before = look(machine, store, source, product);
  if (!before && before.error().code == Code::untrusted) return false;
  if (!before) return tl::unexpected(std::move(before).error());
  const auto opened = open_key_bulletin(document, before->held.trusts);
  if (!opened) {
    why_not = opened.error();
    return false;
  }
  if (const auto newer = refuse_older(before->marks, 0, (*opened)->number); !newer) {
    why_not = newer.error();
    return false;
  }
  const auto kept = keep(store, before->marks, 0, (*opened)->number, document);
  if (kept) return true;
  if (kept.error().code != Code::bulletin_too_old) return tl::unexpected(state_write_failure(kept.error()));
  why_not = kept.error();
  return false;
}

}  // namespace

Outcome<Marks> marks_to_change(const Store& store, const StoredDocuments& stored, std::string_view product) {
  const std::string remedy = "take the activations out of the product's folder and import the newest one again; the keys stay";
  const std::string path = store.product_folder(product) + "/marks.oak";
  auto marks = store.marks(product);
  if (marks && *marks) return std::move(**marks);
  const bool begins_anew = stored.activations.empty() && (marks || marks.error().code == Code::damaged_state);
  if (!begins_anew && !marks) return tl::unexpected(explain(marks.error(), "cannot use the marks", remedy));
  if (!begins_anew) return tl::unexpected(explain({Code::damaged_state, path}, "the marks are missing", remedy));
  Marks fresh;
  fresh.product = product;
  // Lost marks take nothing back that a receipt has said.
  const auto receipts = store.receipts(product);
  if (!receipts) return tl::unexpected(state_failure(receipts.error()));
  for (const StoredDocument& stored_receipt : *receipts)
    if (const auto receipt = stored_receipt.document ? open_receipt(*stored_receipt.document) : fail(Code::not_found))
      if (receipt->receipt->product == product) fresh.add_returned(receipt->receipt->activation);
  return fresh;
}

Outcome<Installed> install_bulletin(const Machine& machine, Store& store, const TrustSource& source, const std::string& name,
                                    ByteView document) {
  const auto claimed =
      split(document, DocumentType::bulletin).and_then([](const Envelope& envelope) { return decode_bulletin(envelope.payload); });
  if (!claimed) return refuse(claimed.error(), name);
  const std::string product = claimed->product;
  OAK_ASSIGN(Before before, look(machine, store, source, product));
  const auto opened = open_bulletin(document, before.held.trusts, product);
  if (!opened) return refuse(opened.error(), name);
  const Bulletin& bulletin = *opened->bulletin;
  const std::uint64_t serial = opened->issuer->serial;
  if (before.held.revocations.revokes_issuer(serial))
    return refuse({Code::issuer_not_allowed, "the roots have revoked issuer key " + std::to_string(serial)}, name);
  if (const auto newer = refuse_older(before.marks, serial, bulletin.number); !newer) return refuse(newer.error(), name);
  if (const auto kept = keep(store, before.marks, serial, bulletin.number, document); !kept)
    return kept.error().code == Code::bulletin_too_old ? refuse(kept.error(), name) : tl::unexpected(state_write_failure(kept.error()));
  Installed out;
  out.type = DocumentType::bulletin;
  out.products = {product};
  out.number = bulletin.number;
  out.lines = {"stored bulletin " + std::to_string(bulletin.number) + " for " + product + ": " +
               counted(bulletin.revoked.size(), "activation revoked", "activations revoked")};
  out.next = "oak-verifier status --product " + product;
  return out;
}

Outcome<Installed> install_key_bulletin(const Machine& machine, Store& store, const TrustSource& source, const std::string& name,
                                        ByteView document) {
  const auto claimed =
      split(document, DocumentType::key_bulletin).and_then([](const Envelope& envelope) { return decode_key_bulletin(envelope.payload); });
  if (!claimed) return refuse(claimed.error(), name);
  const auto products = store.products();
  if (!products) return tl::unexpected(state_failure(products.error()));
  Installed out;
  out.type = DocumentType::key_bulletin;
  out.number = claimed->number;
  out.next = "oak-verifier status";
  Error why_not{Code::untrusted, "no product on this machine trusts its roots"};
  for (const std::string& product : *products) {
    OAK_ASSIGN(const bool stored, install_key_bulletin_for(machine, store, source, product, document, why_not));
    if (!stored) continue;
    out.products.push_back(product);
    out.lines.push_back("stored key bulletin " + std::to_string(claimed->number) + " for " + product + ": " +
                        counted(claimed->revoked_issuers.size(), "issuer key revoked", "issuer keys revoked"));
  }
  if (out.products.empty()) return refuse(why_not, name);
  return out;
}

}  // namespace oak
