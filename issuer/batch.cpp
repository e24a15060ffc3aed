#include "issuer/batch.h"

#include <algorithm>
#include <future>

#include "core/armour.h"
#include "core/text.h"
#include "issuer/unsealing.h"

namespace oak {
namespace {

constexpr std::size_t max_own_report_bytes = 256U << 20;
constexpr std::string_view answer_ending = ".activation.oak", own_report = "{\"request\": \"";

std::string answer_name(const BatchRequest& request) { return request.stem + std::string(answer_ending); }
std::string report_name(const BatchRequest& request) { return request.stem + ".json"; }

Bytes bytes_of(std::string_view text) { return {as_bytes(text).begin(), as_bytes(text).end()}; }

std::string answer_file(const ActivationRecord& record) {
  return armour_encode(labels_of(DocumentType::activation).armour, record.document, activation_comments(record));
}

Failure in_the_way(const std::string& path) { return explain({Code::already_exists, {}}, "cannot write " + in_quotes(path)); }

/// One request, read and opened.
struct Loaded {
  const BatchRequest* request = nullptr;
  Bytes document;
  Outcome<ReceivedRequest> received;
};

/// Work for a group of requests, which needs no desk.
std::vector<Loaded> load(Disk& disk, const IssuingKeys& keys, const BatchRequest* first, std::size_t count) {
  std::vector<Loaded> out;
  out.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    auto document = read_batch_request(disk, first[i]);
    if (document) document = unsealed(*document, keys, first[i].name);
    Loaded loaded{&first[i], {}, tl::unexpected(Failure{})};
    if (document) {
      loaded.document = std::move(*document);
      loaded.received = receive_request(loaded.document);
    } else {
      loaded.received = tl::unexpected(document.error());
    }
    if (document && !loaded.received) loaded.received.error().message = in_quotes(first[i].name) + ": " + loaded.received.error().message;
    out.push_back(std::move(loaded));
  }
  return out;
}

/// What is written once its group is in the ledger.
struct Outgoing {
  std::string name;
  Bytes bytes;
  Existing existing = Existing::refuse;
};

struct Answered {
  std::vector<BatchRow> rows;
  std::vector<Outgoing> files;
};

class Batch {
 public:
  Batch(Desk& reading, const DeskWorld& world, const IssuingKeys& keys, const IssueWishes& wishes, const BatchRequests& batch,
        const BatchWay& way)
      : reading_(reading), world_(world), keys_(keys), wishes_(wishes), batch_(batch), way_(way) {}

  Outcome<void> prepare() {
    const auto made = world_.disk.make_folder(way_.folder, 0755);
    if (!made && made.error().code == Code::already_exists)
      return tl::unexpected(Failure{Code::already_exists, in_quotes(way_.folder) + " is a file, and the answers need a folder",
                                    "name another one: --out DIR"});
    if (!made) return tl::unexpected(explain({made.error().code, {}}, "cannot make the folder " + in_quotes(way_.folder)));
    if (way_.existing == Existing::refuse && !is_free_for_report(std::string(batch_report_name), "["))
      return tl::unexpected(in_the_way(path_of(std::string(batch_report_name))));
    remove_unfinished();
    return {};
  }

  /// Shows what would be issued until nothing changes between that and the yes.
  Outcome<std::optional<Desk>> confirm() {
    for (bool again = false;; again = true) {
      OAK_ASSIGN(const std::vector<BatchRow> shown, rehearse());
      const auto issued =
          std::count_if(shown.begin(), shown.end(), [](const BatchRow& row) { return row.decision == BatchRow::Decision::issued; });
      if (again) world_.terminal.say("\nMeanwhile the desk's ledger has changed. Now it is:\n\n");
      world_.terminal.say(batch_page(shown));
      if (issued == 0) return std::optional<Desk>{};
      const auto answer =
          world_.terminal.ask("Issue " + std::to_string(issued) + (issued == 1 ? " activation" : " activations") + "? [y/N] ");
      if (!answer || (*answer != "y" && *answer != "yes")) return tl::unexpected(Failure{Code::refused, "not issued, as you answered", {}});
      OAK_ASSIGN(Desk desk, Desk::open(world_, reading_.folder(), DeskUse::write));
      const auto size = desk.ledger().size();
      if (!size) return tl::unexpected(ledger_failure(size.error(), reading_.folder()));
      if (*size == rehearsed_size_) return std::optional<Desk>(std::move(desk));
    }
  }

  Outcome<std::vector<BatchRow>> run(std::optional<Desk> desk, const Progress& progress) {
    const std::size_t total = batch_.requests.size();
    std::vector<BatchRow> rows;
    std::future<std::vector<Loaded>> loading = load_from(0);
    std::vector<Outgoing> leaving;
    std::future<Status> writing;
    for (std::size_t at = 0; at < total; at += way_.group) {
      const std::vector<Loaded> group = loading.get();
      if (at + way_.group < total) loading = load_from(at + way_.group);
      if (!desk) {
        OAK_ASSIGN(desk, Desk::open(world_, reading_.folder(), DeskUse::write));
      }
      OAK_ASSIGN(Answered answered, answer(*desk, group));
      desk.reset();
      // Written while the next group is decided; nothing is told of a group before its files are on the disk.
      if (writing.valid()) OAK_TRY(finish(writing));
      progress(std::min(rows.size(), total), total);
      std::move(answered.rows.begin(), answered.rows.end(), std::back_inserter(rows));
      leaving = std::move(answered.files);
      writing = std::async(std::launch::async, [this, &leaving] { return write(leaving); });
    }
    if (writing.valid()) OAK_TRY(finish(writing));
    progress(rows.size(), total);
    const Report all = batch_report(rows, way_.folder);
    const auto written =
        world_.disk.write_beneath(way_.folder, std::string(batch_report_name), as_bytes(all.json), 0644, Existing::replace);
    if (!written) return tl::unexpected(unwritten(written.error()));
    return rows;
  }

 private:
  std::string path_of(const std::string& name) const { return way_.folder + (way_.folder.ends_with('/') ? "" : "/") + name; }

  /// What a batch that was killed had not put in place. One that is at work here all the same loses no more than files.
  void remove_unfinished() {
    const auto names = world_.disk.list(way_.folder);
    if (!names) return;
    for (const std::string& name : *names)
      if (name.starts_with(unfinished_prefix) && name.ends_with(unfinished_suffix))
        static_cast<void>(world_.disk.remove_beneath(way_.folder, name));  // where it can't be, it is in nobody's way
  }

  std::future<std::vector<Loaded>> load_from(std::size_t at) {
    const std::size_t count = std::min(way_.group, batch_.requests.size() - at);
    return std::async(std::launch::async, [this, at, count] { return load(world_.disk, keys_, &batch_.requests[at], count); });
  }

  /// Nothing is there, or what an earlier batch has written.
  bool is_free_for_report(const std::string& name, std::string_view before = {}) {
    if (!world_.disk.exists(path_of(name))) return true;
    const auto there = world_.disk.read_beneath(way_.folder, name, max_own_report_bytes);
    return there && as_text(there->bytes).starts_with(std::string(before) + std::string(own_report));
  }

  /// An existing file is the same answer again, or it stays and its request is not decided.
  Outcome<void> check_way(Desk& desk, const Loaded& loaded) {
    if (way_.existing == Existing::replace) return {};
    if (!is_free_for_report(report_name(*loaded.request))) return tl::unexpected(in_the_way(path_of(report_name(*loaded.request))));
    const std::string name = answer_name(*loaded.request);
    if (!world_.disk.exists(path_of(name))) return {};
    const auto there = world_.disk.read_beneath(way_.folder, name, max_armoured_bytes);
    const auto earlier = desk.ledger().answer_to(loaded.received->opened.payload);
    if (!earlier) return tl::unexpected(ledger_failure(earlier.error(), desk.folder()));
    if (there && *earlier && answer_file(**earlier) == as_text(there->bytes)) return {};
    return tl::unexpected(in_the_way(path_of(name)));
  }

  Outcome<Asking> asking_of(Desk& desk, const Loaded& loaded) {
    const std::string out = path_of(answer_name(*loaded.request));
    OAK_ASSIGN(IssueTerms terms, issue_terms(wishes_, loaded.request->paths, {out, {}, {}}));
    Asking asking{loaded.document, std::move(terms), loaded.received};
    if (!asking.request) return asking;
    if (const auto free = check_way(desk, loaded); !free) asking.request = tl::unexpected(free.error());
    return asking;
  }

  Outcome<std::vector<Outcome<Issued>>> decide(Desk& desk, const std::vector<Loaded>& group, Recording recording) {
    std::vector<Asking> asked;
    for (const Loaded& loaded : group) {
      OAK_ASSIGN(Asking asking, asking_of(desk, loaded));
      asked.push_back(std::move(asking));
    }
    return issue_each(desk, world_, keys_, asked, recording);
  }

  Outcome<std::vector<BatchRow>> rehearse() {
    const std::vector<Loaded> all = load(world_.disk, keys_, batch_.requests.data(), batch_.requests.size());
    OAK_ASSIGN(Desk desk, Desk::open(world_, reading_.folder(), DeskUse::write));
    const auto size = desk.ledger().size();
    if (!size) return tl::unexpected(ledger_failure(size.error(), desk.folder()));
    rehearsed_size_ = *size;
    OAK_ASSIGN(const std::vector<Outcome<Issued>> answers, decide(desk, all, Recording::rehearse));
    std::vector<BatchRow> rows;
    for (std::size_t i = 0; i < all.size(); ++i) rows.push_back(batch_row(all[i].request->name, answers[i], {}));
    return rows;
  }

  Outcome<Answered> answer(Desk& desk, const std::vector<Loaded>& group) {
    OAK_ASSIGN(const std::vector<Outcome<Issued>> answers, decide(desk, group, Recording::keep));
    Answered out;
    for (std::size_t i = 0; i < group.size(); ++i) {
      const BatchRequest& request = *group[i].request;
      const Outcome<Issued>& one = answers[i];
      out.rows.push_back(batch_row(request.name, one, path_of(answer_name(request))));
      const bool stays = !one && one.error().code == Code::already_exists;
      if (!stays) out.files.push_back({report_name(request), bytes_of(out.rows.back().json + "\n"), Existing::replace});
      if (!one || !one->refusals.empty()) continue;
      // What is there has these bytes already, or may be replaced.
      if (way_.existing == Existing::refuse && one->repeat && world_.disk.exists(path_of(answer_name(request)))) continue;
      out.files.push_back({answer_name(request), bytes_of(answer_file(one->record)), way_.existing});
    }
    return out;
  }

  Status write(const std::vector<Outgoing>& leaving) {
    std::vector<NewFile> files;
    files.reserve(leaving.size());
    for (const Outgoing& file : leaving) files.push_back({file.name, file.bytes, file.existing});
    return world_.disk.write_many_beneath(way_.folder, files, 0644);
  }

  Outcome<void> finish(std::future<Status>& writing) {
    const Status written = writing.get();
    if (!written) return tl::unexpected(unwritten(written.error()));
    return {};
  }

  Failure unwritten(const Error& error) const {
    return explain({error.code, {}}, "cannot write " + in_quotes(error.context.empty() ? way_.folder : error.context),
                   "what was issued is in the ledger and lost nothing: make way, and give the same command again");
  }

  Desk& reading_;
  const DeskWorld& world_;
  const IssuingKeys& keys_;
  const IssueWishes& wishes_;
  const BatchRequests& batch_;
  const BatchWay& way_;
  std::uint64_t rehearsed_size_ = 0;
};

}  // namespace

Outcome<std::vector<BatchRow>> issue_batch(Desk& reading, const DeskWorld& world, const IssuingKeys& keys, const IssueWishes& wishes,
                                           const BatchRequests& batch, const BatchWay& way, const Progress& progress) {
  // Wrong wishes are wrong for all of them: found before a folder is made.
  OAK_TRY(issue_terms(wishes, {}, {}));
  Batch work(reading, world, keys, wishes, batch, way);
  OAK_TRY(work.prepare());
  std::optional<Desk> desk;
  if (world.terminal.interactive()) {
    OAK_ASSIGN(desk, work.confirm());
  }
  return work.run(std::move(desk), progress);
}

}  // namespace oak
