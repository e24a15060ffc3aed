#include "issuer/checkpoint.h"

#include <charconv>

#include "issuer/signed_note.h"

namespace oak {
namespace {

constexpr std::string_view proofs_label = "oak/v1/checkpoint-proofs", old_word = "old ";
constexpr std::size_t max_proof_hashes = 63;  // C2SP tlog-witness

std::string hash_text(const PublicKey& key) { return to_hex(ByteView(sha256(key)).first(16)); }

/// A decimal number without leading zeros.
std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || std::to_string(value) != text) return std::nullopt;
  return value;
}

std::optional<Digest> digest_in(std::string_view base64) {
  const auto bytes = from_base64(base64);
  return bytes ? to_array<32>(*bytes) : std::nullopt;
}

/// The next line without its end; nullopt where there is none.
std::optional<std::string_view> take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

}  // namespace

std::string encode_checkpoint(const Checkpoint& checkpoint) {
  return checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" + to_base64(checkpoint.root) + "\n";
}

Result<Checkpoint> decode_checkpoint(std::string_view text) {
  const std::size_t first = text.find('\n'), second = first == std::string_view::npos ? first : text.find('\n', first + 1);
  if (second == std::string_view::npos || !text.ends_with('\n')) return fail(Code::bad_note, "a checkpoint has three lines");
  Checkpoint out;
  out.origin = text.substr(0, first);
  const auto size = number_in(text.substr(first + 1, second - first - 1));
  if (!size) return fail(Code::bad_note, "line 2 is not a number of entries");
  const auto root = digest_in(text.substr(second + 1, text.size() - second - 2));
  if (!root) return fail(Code::bad_note, "line 3 is not the Base64 of 32 bytes");
  out.size = *size;
  out.root = *root;
  if (!is_note_key_name(out.origin) || encode_checkpoint(out) != text) return fail(Code::bad_note, "a checkpoint in another spelling");
  return out;
}

KeyPair checkpoint_key_of(const SymmetricKey& ledger_key) {
  Seed seed = hkdf_sha256(ledger_key.view(), as_bytes("oak/v1/desk"), as_bytes("oak/v1/checkpoint-key"));
  const PublicKey public_key = public_key_of(seed);
  return {std::move(seed), public_key};
}

std::string desk_origin(const PublicKey& key) { return "oak-desk/" + hash_text(key); }
std::string witness_name(const PublicKey& key) { return "oak-witness/" + hash_text(key); }

std::string encode_checkpoint_proofs(const CheckpointProofs& proofs) {
  std::string out = std::string(proofs_label) + "\n" + proofs.verifier_key + "\n";
  for (const CheckpointProofs::Proof& proof : proofs.proofs) {
    out += std::string(old_word) + std::to_string(proof.old_size) + "\n";
    for (const Digest& hash : proof.hashes) out += to_base64(hash) + "\n";
  }
  return out;
}

Result<CheckpointProofs> decode_checkpoint_proofs(std::string_view text) {
  if (text.size() > max_proofs_file_bytes) return fail(Code::too_large, "a file of proofs");
  std::string_view rest = text;
  if (take_line(rest) != proofs_label) return fail(Code::bad_note, "line 1 is not " + std::string(proofs_label));
  CheckpointProofs out;
  out.verifier_key = take_line(rest).value_or(std::string_view());
  if (!parse_verifier_key(out.verifier_key)) return fail(Code::bad_note, "line 2 is not a verifier key");
  while (const auto line = take_line(rest)) {
    if (line->starts_with(old_word)) {
      const auto size = number_in(line->substr(old_word.size()));
      if (!size || (!out.proofs.empty() && *size <= out.proofs.back().old_size))
        return fail(Code::bad_note, "the sizes of proofs don't ascend");
      out.proofs.push_back({*size, {}});
      continue;
    }
    const auto hash = digest_in(*line);
    if (!hash || out.proofs.empty() || out.proofs.back().hashes.size() == max_proof_hashes)
      return fail(Code::bad_note, "a line is neither a size nor the Base64 of 32 bytes");
    out.proofs.back().hashes.push_back(*hash);
  }
  if (!rest.empty()) return fail(Code::bad_note, "the last line has no end");
  return out;
}

}  // namespace oak
