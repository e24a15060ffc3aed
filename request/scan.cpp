#include "request/scan.h"

#include <algorithm>

#include "core/armour.h"
#include "core/cbor.h"
#include "core/text.h"
#include "request/picture.h"
#include "request/qr_parts.h"
#include "request/qr_read.h"
#include "request/sandbox.h"

namespace oak {
namespace {

constexpr std::chrono::milliseconds time_for_all{60'000};
constexpr std::string_view no_landlock = "this kernel has no landlock: pictures are decoded under seccomp alone";

/// What the child answers: [code, context, [text…]], code 0 where there is none.
Bytes answer(std::uint64_t code, std::string_view context, const std::vector<std::string>& texts) {
  cbor::Writer out;
  out.array(3);
  out.uint(code);
  out.bytes(as_bytes(context));
  out.array(texts.size());
  for (const std::string& text : texts) out.bytes(as_bytes(text));
  return out.take();
}

/// A symbol that belongs to a set is searched on for the others. Part sets of altered texts are refused later.
bool lacks_no_part(const std::vector<std::string>& texts) {
  const auto joined = join_parts(texts);
  return !joined || std::all_of(joined->sets.begin(), joined->sets.end(), [](const PartSet& set) { return set.missing.empty(); });
}

/// Runs inside the sandbox.
Bytes decode_picture(ByteView file, bool ladder) {
  auto picture = read_picture(file);
  if (!picture) return answer(static_cast<std::uint64_t>(picture.error().code), picture.error().context, {});
  return answer(0, {}, ladder ? read_qr_symbols(std::move(*picture), lacks_no_part) : read_qr_symbols_plainly(*picture));
}

/// Reads the child's answer, which is as little to be trusted as the picture.
Result<std::vector<std::string>> read_answer(ByteView output) {
  cbor::Reader in(output);
  OAK_ASSIGN(const std::size_t fields, in.array());
  OAK_ASSIGN(const std::uint64_t code, in.uint());
  OAK_ASSIGN(const ByteView context, in.bytes());
  OAK_ASSIGN(const std::size_t count, in.array());
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) {
    OAK_ASSIGN(const ByteView text, in.bytes());
    texts.emplace_back(as_text(text));
  }
  OAK_TRY(in.finish());
  if (fields != 3) return fail(Code::not_canonical);
  if (code == 0) return texts;
  const bool known = code == static_cast<std::uint64_t>(Code::too_large) || code == static_cast<std::uint64_t>(Code::out_of_memory);
  return fail(known ? static_cast<Code>(code) : Code::bad_picture, std::string(as_text(context)));
}

struct File {
  std::string path;
  Result<Bytes> bytes;
  bool is_picture = false;
};

Failure unread(const Error& error, const std::string& path) {
  const bool large = error.code == Code::too_large;
  return explain(error, "cannot read " + in_quotes(path), large ? "give a smaller picture: 64 megapixels and 16 MB at most" : "");
}

File load(Disk& disk, const std::string& path) {
  File out{path, Bytes{}, false};
  auto file = disk.read(path, max_picture_file_bytes);
  if (!file) {
    out.bytes = fail(file.error().code);
  } else {
    out.is_picture = picture_format(file->bytes).has_value();
    out.bytes = std::move(file->bytes);
  }
  return out;
}

/// One call's worth of pictures: they share a span of time.
class Scanner {
 public:
  explicit Scanner(bool ladder) : ladder_(ladder) {}

  /// The texts of one picture; internal where it can't be confined.
  ImageTexts scan(const File& file) {
    ImageTexts image{file.path, {}, {}};
    auto texts = texts_of(file);
    if (!texts)
      image.failure = unread(texts.error(), file.path);
    else if (texts->empty())
      image.failure = explain({Code::no_code_found, {}}, in_quotes(file.path));
    else
      image.texts = std::move(*texts);
    return image;
  }
  bool landlock_missing() const { return landlock_missing_; }

 private:
  Result<std::vector<std::string>> texts_of(const File& file) {
    if (!file.bytes) return tl::unexpected(file.bytes.error());
    if (file.bytes->empty()) return fail(Code::empty_input);
    if (!file.is_picture) return fail(Code::bad_picture, "it is neither PNG nor JPEG");
    SandboxLimits limits;
    limits.time = std::min(limits.time, time_.left());
    if (limits.time.count() == 0) return fail(Code::bad_picture, "there was no time left for it: give fewer pictures at once");
    OAK_ASSIGN(const SandboxResult result,
               run_in_sandbox(*file.bytes, limits, [this](ByteView bytes) { return decode_picture(bytes, ladder_); }));
    landlock_missing_ |= !result.has_landlock;
    auto texts = read_answer(result.output);
    if (!texts && texts.error().code != Code::too_large && texts.error().code != Code::out_of_memory)
      texts.error().code = Code::bad_picture;
    return texts;
  }

  bool ladder_;
  TimeBudget time_{time_for_all};
  bool landlock_missing_ = false;
};

tl::expected<void, Failure> check_count(const std::vector<std::string>& paths) {
  if (paths.empty()) return tl::unexpected(Failure{Code::usage, "no file is given", {}});
  if (paths.size() <= max_scan_files) return {};
  return tl::unexpected(Failure{Code::usage,
                                std::to_string(paths.size()) + " files are given, " + std::to_string(max_scan_files) + " at most",
                                "give fewer at once"});
}

std::string listed(const std::vector<std::string>& words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) out += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + words[i];
  return out;
}

std::vector<std::string> paths_of(const std::vector<ImageTexts>& images) {
  std::vector<std::string> out;
  for (const ImageTexts& image : images) out.push_back(image.path);
  return out;
}

Failure missing_failure(const Joined& joined, const std::vector<ImageTexts>& images) {
  std::string message;
  for (const PartSet& set : joined.sets) message += (message.empty() ? "" : "; ") + describe_missing(set);
  for (const ImageTexts& image : images)
    if (image.failure) message += "; " + image.failure->message;
  std::string hint(code_hint(Code::part_missing));
  if (joined.sets.size() > 1)
    hint = "these are parts of different documents: add the pictures of the missing parts, or give those of one document";
  return {Code::part_missing, std::move(message), std::move(hint)};
}

/// What the pictures' texts hold, appended to `carried`.
tl::expected<void, Failure> join_pictures(const std::vector<ImageTexts>& images, Carried& carried) {
  std::vector<std::string> texts;
  for (const ImageTexts& image : images) texts.insert(texts.end(), image.texts.begin(), image.texts.end());
  const std::string names = listed(paths_of(images));
  const auto joined = join_parts(texts);
  if (!joined)
    return tl::unexpected(explain(joined.error(), in_quotes(names), "a code was altered: make the codes again where they come from"));
  if (joined->sets.empty()) {
    for (const ImageTexts& image : images)
      if (image.failure) return tl::unexpected(*image.failure);
    return tl::unexpected(Failure{Code::no_code_found, in_quotes(names) + ": a QR code is there, but no code of an OAK document",
                                  "photograph the codes that oak-request or oak-issuer made"});
  }
  bool whole = false;
  for (const PartSet& set : joined->sets) {
    if (!set.missing.empty()) continue;
    carried.documents.push_back({names, paths_of(images), set.document, true});
    whole = true;
  }
  if (!whole) return tl::unexpected(missing_failure(*joined, images));
  for (const PartSet& set : joined->sets)
    if (!set.missing.empty()) carried.warnings.push_back("left out: " + describe_missing(set));
  for (const std::string& fault : joined->faults) carried.warnings.push_back("left out: " + fault);
  for (const ImageTexts& image : images)
    if (image.failure) carried.warnings.push_back(image.failure->message);
  return {};
}

Outcome<Carried> read_files(Disk& disk, const std::vector<std::string>& paths, bool pictures_only) {
  OAK_TRY(check_count(paths));
  Carried carried;
  std::vector<ImageTexts> images;
  Scanner scanner(true);
  for (const std::string& path : paths) {
    File file = load(disk, path);
    if (!file.bytes) return tl::unexpected(unread(file.bytes.error(), path));
    if (!file.is_picture && !pictures_only) {
      carried.documents.push_back({path, {path}, std::move(*file.bytes), false});
      continue;
    }
    images.push_back(scanner.scan(file));
    const auto& failure = images.back().failure;
    if (failure && failure->code == Code::internal) return tl::unexpected(*failure);
  }
  if (!images.empty()) OAK_TRY(join_pictures(images, carried));
  if (scanner.landlock_missing()) carried.warnings.emplace_back(no_landlock);
  return carried;
}

}  // namespace

Outcome<RawScan> scan_raw(Disk& disk, const std::vector<std::string>& paths, bool ladder) {
  OAK_TRY(check_count(paths));
  RawScan out;
  Scanner scanner(ladder);
  for (const std::string& path : paths) {
    out.images.push_back(scanner.scan(load(disk, path)));
    const auto& failure = out.images.back().failure;
    if (failure && failure->code == Code::internal) return tl::unexpected(*failure);
  }
  if (scanner.landlock_missing()) out.warnings.emplace_back(no_landlock);
  return out;
}

Outcome<Carried> read_carried(Disk& disk, const std::vector<std::string>& paths) { return read_files(disk, paths, false); }

Outcome<Carried> scan_documents(Disk& disk, const std::vector<std::string>& paths) { return read_files(disk, paths, true); }

}  // namespace oak
