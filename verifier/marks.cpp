#include "verifier/marks.h"

#include <algorithm>

#include "core/cbor.h"
#include "core/fields.h"
#include "core/licence_key.h"
#include "core/text.h"
#include "verifier/checked_file.h"

namespace oak {
namespace {

constexpr std::string_view marks_label = "oak/v1/marks";

template <typename Entries, typename Key, typename Of>
auto lower_bound_of(Entries& entries, const Key& key, Of of) {
  return std::lower_bound(entries.begin(), entries.end(), key, [&](const auto& entry, const Key& wanted) { return of(entry) < wanted; });
}

std::string_view licence_of(const LicenceMarks& entry) { return entry.licence; }

tl::unexpected<Error> damaged(std::string context = {}) { return fail(Code::damaged_state, std::move(context)); }

void write_licence(cbor::Writer& writer, const LicenceMarks& entry) {
  writer.array(5);
  writer.text(entry.licence);
  writer.uint(entry.generation);
  writer.uint(entry.reset_generation);
  entry.active_once ? writer.bytes(*entry.active_once) : writer.null();
  entry.grace_start_unix_s ? writer.uint(*entry.grace_start_unix_s) : writer.null();
}

Result<LicenceMarks> read_licence(cbor::Reader& reader) {
  OAK_ASSIGN(const std::size_t size, reader.array());
  if (size != 5) return damaged();
  LicenceMarks entry;
  OAK_ASSIGN(const std::string_view licence, reader.text());
  if (!is_licence_id(licence)) return damaged();
  entry.licence = licence;
  OAK_ASSIGN(entry.generation, reader.uint());
  OAK_ASSIGN(entry.reset_generation, reader.uint());
  OAK_ASSIGN(const bool never_active, reader.null());
  if (!never_active) {
    OAK_ASSIGN(const ByteView id, reader.bytes());
    entry.active_once = to_array<16>(id);
    if (!entry.active_once) return damaged();
  }
  OAK_ASSIGN(const bool no_grace, reader.null());
  if (!no_grace) {
    OAK_ASSIGN(entry.grace_start_unix_s, reader.uint());
    if (*entry.grace_start_unix_s > max_unix_s) return damaged();
  }
  return entry;
}

Result<ActivationId> read_id(cbor::Reader& reader) {
  OAK_ASSIGN(const ByteView bytes, reader.bytes());
  const auto id = to_array<16>(bytes);
  if (!id) return damaged();
  return *id;
}

Result<BulletinMark> read_bulletin(cbor::Reader& reader) {
  OAK_ASSIGN(const std::size_t size, reader.array());
  if (size != 2) return damaged();
  BulletinMark mark;
  OAK_ASSIGN(mark.signer, reader.uint());
  OAK_ASSIGN(mark.number, reader.uint());
  return mark;
}

/// A list of at most `most` entries.
template <typename Entry, typename Read>
Result<std::vector<Entry>> read_list(cbor::Reader& reader, std::size_t most, Read read) {
  OAK_ASSIGN(const std::size_t count, reader.array());
  if (count > most) return damaged();
  std::vector<Entry> entries;
  entries.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    OAK_ASSIGN(Entry entry, read(reader));
    entries.push_back(std::move(entry));
  }
  return entries;
}

template <typename Entries, typename Of>
bool ascends(const Entries& entries, Of of) {
  return std::adjacent_find(entries.begin(), entries.end(), [&](const auto& a, const auto& b) { return !(of(a) < of(b)); }) ==
         entries.end();
}

Bytes encode_body(const Marks& marks) {
  cbor::Writer writer;
  writer.array(5);
  writer.text(marks.product);
  writer.uint(marks.time_unix_s);
  writer.array(marks.bulletins.size());
  for (const BulletinMark& mark : marks.bulletins) {
    writer.array(2);
    writer.uint(mark.signer);
    writer.uint(mark.number);
  }
  writer.array(marks.licences.size());
  for (const LicenceMarks& entry : marks.licences) write_licence(writer, entry);
  writer.array(marks.returned.size());
  for (const ActivationId& id : marks.returned) writer.bytes(id);
  return writer.take();
}

Result<Marks> decode_body(ByteView body) {
  cbor::Reader reader(body);
  OAK_ASSIGN(const std::size_t size, reader.array());
  if (size != 5) return damaged();
  Marks marks;
  OAK_ASSIGN(const std::string_view product, reader.text());
  marks.product = product;
  OAK_ASSIGN(marks.time_unix_s, reader.uint());
  if (marks.time_unix_s > max_unix_s) return damaged();
  OAK_ASSIGN(marks.bulletins, read_list<BulletinMark>(reader, max_marked_signers, read_bulletin));
  OAK_ASSIGN(marks.licences, read_list<LicenceMarks>(reader, max_marked_licences, read_licence));
  OAK_ASSIGN(marks.returned, read_list<ActivationId>(reader, max_returned, read_id));
  OAK_TRY(reader.finish());
  if (!ascends(marks.bulletins, [](const BulletinMark& mark) { return mark.signer; }) || !ascends(marks.licences, licence_of) ||
      !ascends(marks.returned, [](const ActivationId& id) { return id; }))
    return damaged();
  return marks;
}

bool knows_another_reset(const Marks& marks, const Marks& than) {
  return std::any_of(marks.licences.begin(), marks.licences.end(), [&](const LicenceMarks& entry) {
    const LicenceMarks* other = than.find_licence(entry.licence);
    return entry.reset_generation > (other ? other->reset_generation : 0);
  });
}

/// Of two activations of one generation, and of two beginnings of one grace, the one that was written first stays.
void merge_into(LicenceMarks& stored, const LicenceMarks& changed) {
  const std::uint64_t reset = std::max(stored.reset_generation, changed.reset_generation);
  if (changed.generation > stored.generation)
    stored = changed;
  else if (changed.active_once == stored.active_once && !stored.grace_start_unix_s)
    stored.grace_start_unix_s = changed.grace_start_unix_s;
  stored.reset_generation = reset;
}

}  // namespace

const LicenceMarks* Marks::find_licence(std::string_view wanted) const {
  const auto found = lower_bound_of(licences, wanted, licence_of);
  return found != licences.end() && found->licence == wanted ? &*found : nullptr;
}

LicenceMarks& Marks::licence(std::string_view wanted) {
  auto found = lower_bound_of(licences, wanted, licence_of);
  if (found == licences.end() || found->licence != wanted) {
    found = licences.insert(found, LicenceMarks{});
    found->licence = wanted;
  }
  return *found;
}

std::uint64_t Marks::bulletin_number(std::uint64_t signer) const {
  const auto found = lower_bound_of(bulletins, signer, [](const BulletinMark& mark) { return mark.signer; });
  return found != bulletins.end() && found->signer == signer ? found->number : 0;
}

bool Marks::is_returned(const ActivationId& id) const { return std::binary_search(returned.begin(), returned.end(), id); }

bool Marks::advance_time(std::uint64_t now_unix_s) {
  now_unix_s = std::min(now_unix_s, max_unix_s);
  if (now_unix_s <= time_unix_s) return false;
  time_unix_s = now_unix_s;
  return true;
}

bool Marks::advance_bulletin(std::uint64_t signer, std::uint64_t number) {
  if (number <= bulletin_number(signer)) return false;
  const auto place = lower_bound_of(bulletins, signer, [](const BulletinMark& mark) { return mark.signer; });
  if (place != bulletins.end() && place->signer == signer)
    place->number = number;
  else
    bulletins.insert(place, BulletinMark{signer, number});
  return true;
}

bool Marks::advance_generation(std::string_view wanted, std::uint64_t generation, const ActivationId& id) {
  LicenceMarks& entry = licence(wanted);
  if (generation <= entry.generation) return false;
  entry.generation = generation;
  entry.active_once = id;
  entry.grace_start_unix_s.reset();
  return true;
}

bool Marks::begin_grace(std::string_view wanted, const ActivationId& id, std::uint64_t now_unix_s) {
  const LicenceMarks* found = find_licence(wanted);
  if (found == nullptr || found->active_once != id || found->grace_start_unix_s) return false;
  licence(wanted).grace_start_unix_s = std::min(now_unix_s, max_unix_s);
  return true;
}

bool Marks::add_returned(const ActivationId& id) {
  const auto place = std::lower_bound(returned.begin(), returned.end(), id);
  if (place != returned.end() && *place == id) return false;
  returned.insert(place, id);
  return true;
}

bool Marks::reset_time(std::string_view wanted, std::uint64_t generation, std::uint64_t issued_at_unix_s) {
  LicenceMarks& entry = licence(wanted);
  if (generation <= entry.reset_generation) return false;
  entry.reset_generation = generation;
  time_unix_s = issued_at_unix_s;
  return true;
}

Marks merged(const Marks& stored, const Marks& changed) {
  Marks out = stored;
  // A time from before a reset is the wrong one, which the reset took back.
  const bool stored_was_reset = knows_another_reset(stored, changed), changed_was_reset = knows_another_reset(changed, stored);
  if (changed_was_reset && !stored_was_reset) out.time_unix_s = changed.time_unix_s;
  if (changed_was_reset == stored_was_reset) out.advance_time(changed.time_unix_s);
  for (const LicenceMarks& entry : changed.licences) merge_into(out.licence(entry.licence), entry);
  for (const BulletinMark& mark : changed.bulletins) out.advance_bulletin(mark.signer, mark.number);
  for (const ActivationId& id : changed.returned) out.add_returned(id);
  return out;
}

Bytes encode_marks(const Marks& marks) { return encode_checked(marks_label, encode_body(marks)); }

Result<Marks> decode_marks(ByteView file, std::string_view product) {
  if (file.size() > max_marks_bytes) return damaged("it is too large");
  const auto body = decode_checked(marks_label, file);
  auto marks = body ? decode_body(*body) : damaged();
  if (!marks) return damaged("it is not whole");
  if (marks->product != product) return damaged("it is another product's");
  return marks;
}

}  // namespace oak
