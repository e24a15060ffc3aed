#include "core/error.h"

#include <iterator>
#include <utility>

namespace oak {
namespace {

constexpr CodeEntry table[] = {
    CodeEntry{Code::truncated, "truncated", "the data ends in the middle of an item"},
    CodeEntry{Code::trailing_bytes, "trailing-bytes", "there is data after the end"},
    CodeEntry{Code::not_canonical, "not-canonical", "the encoding is not the one accepted spelling"},
    CodeEntry{Code::duplicate_key, "duplicate-key", "a field appears twice"},
    CodeEntry{Code::too_deep, "too-deep", "the data is nested deeper than any document"},
    CodeEntry{Code::type_not_allowed, "type-not-allowed", "the data holds a type that documents don't use here"},
    CodeEntry{Code::bad_utf8, "bad-utf8", "a text is not valid UTF-8"},
    CodeEntry{Code::too_large, "too-large", "the data is larger than the limit"},
    CodeEntry{Code::bad_armour, "bad-armour", "this is not a document's text form"},
    CodeEntry{Code::bad_base32, "bad-base32", "the Base32 text has a wrong character, length or ending"},
    CodeEntry{Code::empty_input, "empty-input", "there is nothing in it"},

    CodeEntry{Code::bad_envelope, "bad-envelope", "this is not a signed document"},
    CodeEntry{Code::wrong_type, "wrong-type", "this is another kind of document"},
    CodeEntry{Code::unsupported_algorithm, "unsupported-algorithm", "the signature algorithm is not supported"},
    CodeEntry{Code::bad_signature, "bad-signature", "the signature does not verify"},
    CodeEntry{Code::unknown_key, "unknown-key", "it was signed by a key that is not known here"},
    CodeEntry{Code::not_enough_signatures, "not-enough-signatures", "too few root keys have signed it"},
    CodeEntry{Code::signers_not_sorted, "signers-not-sorted", "signatures are not in order, or a key signed twice"},
    CodeEntry{Code::weak_key, "weak-key", "a public key is not a valid point, or of small order"},
    CodeEntry{Code::bad_note, "bad-note", "this is not a signed note"},
    CodeEntry{Code::bad_seal, "bad-seal", "the seal does not open: it was sealed for another key, or altered"},

    CodeEntry{Code::missing_field, "missing-field", "a field is missing"},
    CodeEntry{Code::unknown_field, "unknown-field", "there is a field that this version does not know"},
    CodeEntry{Code::bad_field, "bad-field", "a field has a value that is not allowed"},
    CodeEntry{Code::unknown_critical, "unknown-critical", "it has an extension that must be understood and is not"},

    CodeEntry{Code::issuer_not_allowed, "issuer-not-allowed", "the issuer's key may not sign this"},
    CodeEntry{Code::issuer_outside_window, "issuer-outside-window", "it was signed outside the issuer key's time"},
    CodeEntry{Code::wrong_product, "wrong-product", "it is for another product"},
    CodeEntry{Code::wrong_proof, "wrong-proof", "its proof was not made with the licence key"},
    CodeEntry{Code::bad_licence_key, "bad-licence-key", "the licence key is mistyped"},
    CodeEntry{Code::bad_version, "bad-version", "this is not a version"},
    CodeEntry{Code::bad_range, "bad-range", "this is not a range of versions"},
    CodeEntry{Code::wrong_licence_key, "wrong-licence-key", "the licence key belongs to another licence"},
    CodeEntry{Code::wrong_machine, "wrong-machine", "it was made for another machine"},
    CodeEntry{Code::bulletin_too_old, "bulletin-too-old", "a newer bulletin has been seen already"},
    CodeEntry{Code::superseded, "superseded", "a newer activation has taken its place"},
    CodeEntry{Code::returned, "returned", "this activation was given back"},
    CodeEntry{Code::revoked, "revoked", "the vendor has revoked it"},
    CodeEntry{Code::rebind_needed, "rebind-needed", "it does not fit this machine"},
    CodeEntry{Code::untrusted, "untrusted", "it can't be traced to a trusted vendor"},
    CodeEntry{Code::fingerprint_key_missing, "fingerprint-key-missing", "this machine lacks the fingerprint key"},
    CodeEntry{Code::not_activated, "not-activated", "there is no activation on this machine"},
    CodeEntry{Code::bad_facts, "bad-facts", "this is not a file of machine facts"},
    CodeEntry{Code::refused, "refused", "the request is refused"},
    CodeEntry{Code::unknown_licence, "unknown-licence", "the desk has no such licence"},
    CodeEntry{Code::unknown_activation, "unknown-activation", "the desk has no such activation"},
    CodeEntry{Code::already_exists, "already-exists", "it exists already"},
    CodeEntry{Code::no_usable_hardware, "no-usable-hardware", "nothing here identifies the machine"},
    CodeEntry{Code::bad_picture, "bad-picture", "the picture can't be read"},
    CodeEntry{Code::no_code_found, "no-code-found", "there is no QR code that can be read in the picture"},
    CodeEntry{Code::part_missing, "part-missing", "a part of the document is missing"},

    CodeEntry{Code::not_found, "not-found", "there is no such file"},
    CodeEntry{Code::permission_denied, "permission-denied", "permission denied"},
    CodeEntry{Code::is_a_folder, "is-a-folder", "this is a folder"},
    CodeEntry{Code::disk_full, "disk-full", "the disk is full"},
    CodeEntry{Code::io_error, "io-error", "reading or writing failed"},
    CodeEntry{Code::unsafe_file, "unsafe-file", "the file's type, owner or permissions are not safe"},
    CodeEntry{Code::damaged_state, "damaged-state", "a file of the machine's state is damaged"},
    CodeEntry{Code::wrong_passphrase, "wrong-passphrase", "the passphrase does not open the key"},
    CodeEntry{Code::bad_key_file, "bad-key-file", "this is not a usable key file"},
    CodeEntry{Code::usage, "usage", "a name or an option can't be used"},
    CodeEntry{Code::locked, "locked", "another process is using it"},
    CodeEntry{Code::ledger_damaged, "ledger-damaged", "the ledger is damaged"},
    CodeEntry{Code::ledger_rolled_back, "ledger-rolled-back", "the ledger is older than what it has already issued"},
    CodeEntry{Code::out_of_memory, "out-of-memory", "there is not enough memory"},
    CodeEntry{Code::internal, "internal", "the system can't provide what is needed"},

    CodeEntry{Code::unreachable, "unreachable", "the server does not answer"},
    CodeEntry{Code::wrong_server, "wrong-server", "another server answers than the one that is known"},
    CodeEntry{Code::bad_answer, "bad-answer", "the server's answer can't be used"},
};

const CodeEntry& entry_of(Code code) {
  for (const CodeEntry& entry : table)
    if (entry.code == code) return entry;
  return entry_of(Code::internal);
}

}  // namespace

std::string_view code_name(Code code) { return entry_of(code).name; }
std::string_view code_cause(Code code) { return entry_of(code).cause; }
std::pair<const CodeEntry*, std::size_t> all_codes() { return {std::data(table), std::size(table)}; }

}  // namespace oak
