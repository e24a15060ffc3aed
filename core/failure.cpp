#include "core/failure.h"

#include "core/json_writer.h"
#include "core/text.h"

namespace oak {

Failure explain(const Error& error, std::string_view what, std::string_view hint) {
  std::string message(what);
  if (!error.context.empty()) message += (message.empty() ? "" : ": ") + printable(error.context);
  message += (message.empty() ? "" : ": ") + std::string(code_cause(error.code));
  return {error.code, std::move(message), std::string(hint.empty() ? code_hint(error.code) : hint)};
}

std::string_view code_hint(Code code) {
  switch (code) {
    case Code::truncated:
    case Code::trailing_bytes:
    case Code::not_canonical:
    case Code::duplicate_key:
    case Code::too_deep:
    case Code::type_not_allowed:
    case Code::bad_utf8:
    case Code::bad_armour:
    case Code::bad_note:
    case Code::bad_base32:
    case Code::bad_envelope:
    case Code::bad_signature:
    case Code::bad_seal:
    case Code::missing_field:
    case Code::bad_field: return "the file was damaged or altered on its way: copy it again from where it was made";
    case Code::empty_input: return "the file is empty: copy it again from where it was made";
    case Code::too_large: return "no document is that large: check that this is the right file";
    case Code::wrong_type: return "check that this is the right file";
    case Code::unknown_field:
    case Code::unknown_critical:
    case Code::unsupported_algorithm: return "a newer version of this tool can read it";
    case Code::unknown_key:
    case Code::not_enough_signatures:
    case Code::untrusted: return "check that the trust file is the one of the vendor who made this document";
    case Code::issuer_not_allowed:
    case Code::issuer_outside_window: return "ask the vendor: a key was used for what it is not certified for";
    case Code::bulletin_too_old: return "keep the newer one: nothing was changed; if it has gone, ask the vendor for the newest";
    case Code::bad_licence_key: return "compare it with the printed key; letters are A to Z, digits are 2 to 7";
    case Code::fingerprint_key_missing: return "give the licence key once: --licence-key-file FILE";
    case Code::bad_picture: return "give a PNG or JPEG file that opens elsewhere; take the photograph again where it does not";
    case Code::no_code_found:
      return "take it again: closer, so that the code fills the picture, held flat and straight, in even light, sharp";
    case Code::part_missing: return "add the picture that shows it";
    case Code::not_found: return "check the spelling of the path";
    case Code::permission_denied: return "run it as root, or as a user who may use this path";
    case Code::is_a_folder: return "name a file in it";
    case Code::disk_full: return "free some space and run the same command again: nothing was changed";
    case Code::already_exists: return "choose another name, or add --force to replace it";
    case Code::wrong_passphrase: return "try again; keys keep the passphrase they were made with";
    case Code::locked: return "wait until it has finished and run the same command again";
    case Code::damaged_state: return "import the activation file again";
    case Code::unsafe_file: return "make it a regular file that only its owner can write";
    case Code::unreachable: return "check the address, and that the server runs and may be reached from here";
    case Code::wrong_server: return "ask whoever runs the server whether its key has changed; don't go on before you know";
    case Code::bad_answer: return "check the address: this may be another kind of server";
    default: return {};
  }
}

int exit_code_of(Code code) {
  switch (code) {
    case Code::bad_version:
    case Code::bad_range: return 2;  // both come from the command line; inside documents they are bad_field
    case Code::bad_key_file:
    case Code::ledger_damaged:
    case Code::ledger_rolled_back:
    case Code::damaged_state: return 1;
    case Code::already_exists:
    case Code::no_usable_hardware: return 2;
    default: return static_cast<int>(code) < 100 ? 1 : 2;
  }
}

std::string failure_text(std::string_view tool, const Failure& failure) {
  std::string out = std::string(tool) + ": error: " + failure.message + "\n";
  if (!failure.hint.empty()) out += "hint: " + failure.hint + "\n";
  return out;
}

std::string failure_json(const Failure& failure) {
  JsonWriter json;
  json.begin_object().key("error").begin_object();
  json.key("code").text(code_name(failure.code));
  json.key("message").text(failure.message);
  json.key("hint").text(failure.hint);
  json.end_object().end_object();
  return json.str() + "\n";
}

}  // namespace oak
