// The text form: what readers take, and what they refuse.

#include "core/armour.h"
#include "core/base32.h"
#include "tests/vectors/decoded.h"
#include "tests/vectors/makers.h"

namespace oak::vectors {
namespace {

constexpr std::string_view begin_line = "-----BEGIN OAK RECEIPT-----", end_line = "-----END OAK RECEIPT-----";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  text.replace(text.find(from), from.size(), to);
  return text;
}

std::string each_line_ends(const std::string& text, std::string_view ending) {
  std::string out;
  for (const char c : text) c == '\n' ? out += ending : out += c;
  return out;
}

struct Carrier {
  VectorSet& set;
  Bytes document = seal_receipt(receipt(), key_named("machine"));
  std::string text = armour_encode("OAK RECEIPT", document, {"given back by bench 12"});
  std::string body = base32_encode(document);
  std::string in_lines = text.substr(text.find("-----\n") + 6, text.find("-----END") - text.find("-----\n") - 6);

  void good(const std::string& name, std::string_view content, std::string_view why) const {
    Json values = names_of(document, DocumentType::receipt);
    values["fields"] = fields_of(receipt());
    set.good("text-form/" + name, as_bytes(content), open_as("receipt"), values, why);
  }
  void bad(const std::string& name, std::string_view content, Code error, std::string_view why) const {
    set.bad("text-form/" + name, as_bytes(content), open_as("receipt"), error, why);
  }
  std::string framed(const std::string& inside) const {
    return std::string(begin_line) + "\n" + inside + "\n" + std::string(end_line) + "\n";
  }
};

void add_good(const Carrier& carrier) {
  carrier.good("comments.oak", "\n# one\n#two\n\n" + carrier.text, "comments and blank lines before BEGIN");
  carrier.good("crlf.oak", each_line_ends(carrier.text, "\r\n"), "lines that end in CR LF");
  carrier.good("spaces.oak", each_line_ends(carrier.text, " \t\n") + "\n \t\n", "white space at the ends of lines and after END");
  carrier.good("one-line.oak", carrier.framed(carrier.body), "all characters on one line");
  carrier.good("no-last-newline.oak", carrier.text.substr(0, carrier.text.size() - 1), "END without a line end");
  carrier.good("other-label.oak", replaced(replaced(carrier.text, "OAK RECEIPT", "OAK REQUEST"), "OAK RECEIPT", "OAK REQUEST"),
               "the label is a help for people; what counts is inside");
  carrier.good("bytes.cbor", as_text(carrier.document), "the document's bytes as they are");
}

void add_bad(const Carrier& carrier) {
  Json how = open_as("receipt");
  how["zeros_up_to"] = max_armoured_bytes + 1;
  carrier.set.bad("text-form/too-large.oak", as_bytes("# a comment without an end"), how, Code::too_large,
                  "zeros behind it, up to one byte more than the limit of the text form");
  const std::string& text = carrier.text;
  carrier.bad("empty.oak", "", Code::empty_input, "a file of no bytes");
  carrier.bad("nothing-inside.oak", carrier.framed(""), Code::empty_input, "no character between BEGIN and END");
  carrier.bad("blank.oak", "\n\n", Code::bad_armour, "only blank lines");
  carrier.bad("no-begin.oak", text.substr(text.find("-----\n") + 6), Code::bad_armour, "the BEGIN line is missing");
  carrier.bad("no-end.oak", text.substr(0, text.find("-----END")), Code::bad_armour, "the END line is missing");
  carrier.bad("labels-differ.oak", replaced(text, "OAK RECEIPT", "OAK REQUEST"), Code::bad_armour, "BEGIN and END name different things");
  carrier.bad("text-before.oak", "Hello,\n" + text, Code::bad_armour, "a line before BEGIN that is no comment");
  carrier.bad("text-after.oak", text + "Best regards\n", Code::trailing_bytes, "a line after END");
  carrier.bad("comment-after.oak", text + "# sent on Monday\n", Code::trailing_bytes, "a comment after END");
  carrier.bad("twice.oak", text + text, Code::trailing_bytes, "two documents in one file");
  carrier.bad("comment-inside.oak", replaced(text, "-----\n", "-----\n# inside\n"), Code::bad_armour, "a comment between BEGIN and END");
  carrier.bad("space-inside.oak", carrier.framed(carrier.body.substr(0, 8) + " " + carrier.body.substr(8)), Code::bad_armour,
              "a space inside a line");
  carrier.bad("padding.oak", carrier.framed(carrier.body + "="), Code::bad_armour, "Base32 padding");
  std::string lower = carrier.body;
  lower[10] = 'q';
  carrier.bad("small-letter.oak", carrier.framed(lower), Code::bad_armour, "a small letter");
  lower[10] = '1';
  carrier.bad("digit-one.oak", carrier.framed(lower), Code::bad_armour, "a digit that Base32 does not have");
  lower[10] = '\0';
  carrier.bad("nul.oak", carrier.framed(lower), Code::bad_armour, "a NUL byte");
  carrier.bad("bytes-other-tag.cbor", as_text(Bytes{0xd8, 0x63, 0x80}), Code::bad_envelope,
              "bytes that begin like a tag, but not one of ours");
  carrier.bad("bytes-no-tag.cbor", as_text(Bytes(carrier.document.begin() + 1, carrier.document.end())), Code::bad_armour,
              "bytes without a tag are taken for text");
}

/// 209 bytes would leave no spare bits; the receipt's length is what it is, so the endings are tried on their own.
void add_base32(const Carrier& carrier) {
  const Bytes one = {0xd2};
  const std::string exact = base32_encode(one);
  carrier.bad("spare-bits.oak",
              carrier.framed(exact.substr(0, 1) + std::string(1, base32_char(static_cast<unsigned>(base32_value(exact[1])) | 1))),
              Code::bad_base32, "a spare bit that is set");
  carrier.bad("impossible-length.oak", carrier.framed(carrier.body.substr(0, 9)), Code::bad_base32,
              "nine characters are no number of bytes");
  carrier.bad("truncated.oak", carrier.framed(base32_encode(ByteView(carrier.document).first(100))), Code::truncated,
              "well-formed text of half a document");
}

}  // namespace

void add_carriers(VectorSet& set) {
  const Carrier carrier{set};
  add_good(carrier);
  add_bad(carrier);
  add_base32(carrier);
}

}  // namespace oak::vectors
