#include "issuer/hand_out.h"

#include <fmt/core.h>

#include "core/armour.h"
#include "core/text.h"
#include "issuer/published_trust.h"
#include "issuer/unsealing.h"
#include "request/qr_render.h"

namespace oak {
namespace {

Outcome<void> check_nothing_in_the_way(Disk& disk, const WayOut& way) {
  OAK_TRY(check_folders(disk, way.carriers));
  return way.existing == Existing::refuse ? check_free(disk, way.carriers) : Outcome<void>();
}

/// Writes an activation, and says where to. It is in the ledger by then, and stays there: a failure says how to get it again.
Outcome<std::string> hand_out(Disk& disk, const Desk& desk, const ActivationRecord& record, const WayOut& way) {
  const std::string contact = way.carriers.sheet.empty() ? std::string() : published_contact(disk, desk, record.activation.product);
  auto files = carrier_files(record.document, way.carriers, activation_comments(record), contact);
  auto written = files ? write_carriers(disk, *files, way.existing) : Outcome<void>(tl::unexpected(files.error()));
  if (written) return paths_of(*files);
  Failure failure = std::move(written).error();
  const std::string_view again = failure.code == Code::already_exists ? "name another file, or use --force; " : "";
  failure.hint = fmt::format("{}it is in the ledger and lost nothing: oak-issuer export {} --out FILE{}", again,
                             activation_id_text(record.id), desk.option());
  return tl::unexpected(std::move(failure));
}

Outcome<Report> with_terminal_page(Report report, const ActivationRecord& record, const WayOut& way) {
  if (way.carriers.qr != "-") return report;
  const auto page = qr_terminal_page(record.document);
  if (!page) return tl::unexpected(explain(page.error(), "--qr -"));
  report.text += *page;
  return report;
}

}  // namespace

Outcome<Carried> read_documents(Disk& disk, const std::vector<std::string>& paths) {
  OAK_ASSIGN(Carried carried, read_carried(disk, paths));
  for (CarriedDocument& one : carried.documents) {
    auto armoured = document_from_file_bytes(one.file);
    if (!armoured) return tl::unexpected(explain(armoured.error(), in_quotes(one.name)));
    one.file = std::move(armoured->document);
  }
  return carried;
}

Outcome<HandedOut> answer_and_hand_out(Desk& reading, const DeskWorld& world, const IssuingKeys& keys, const IssueWishes& wishes,
                                       const CarriedDocument& request, WayOut way) {
  const bool nowhere = way.carriers.out.empty() && way.carriers.qr.empty() && way.carriers.sheet.empty();
  if (nowhere) way.carriers.out = answer_name_of(request.paths.front());
  OAK_ASSIGN(const IssueTerms terms, issue_terms(wishes, request.paths, way.carriers));
  OAK_TRY(check_nothing_in_the_way(world.disk, way));
  OAK_ASSIGN(const Bytes document, unsealed(request.file, keys, request.name));
  auto issued = answer_request(reading, world, keys, terms, document);
  if (!issued) {
    issued.error().message = in_quotes(request.name) + ": " + issued.error().message;
    return tl::unexpected(std::move(issued).error());
  }
  if (!issued->refusals.empty()) {
    Report refused = refused_report(issued->refusals);
    return HandedOut{std::move(issued->refusals), std::move(refused)};
  }
  OAK_ASSIGN(const std::string where, hand_out(world.disk, reading, issued->record, way));
  OAK_ASSIGN(Report report, with_terminal_page(issued_report(issued->record, issued->repeat, where), issued->record, way));
  return HandedOut{{}, std::move(report)};
}

Outcome<Report> export_activation(Disk& disk, const Desk& desk, const ActivationRecord& record, const WayOut& way) {
  OAK_ASSIGN(const std::string where, hand_out(disk, desk, record, way));
  return with_terminal_page(exported_report(record, where), record, way);
}

}  // namespace oak
