#include "stores/database/rds/snapshots.h"

#include <algorithm>

#include "base/backoff.h"
#include "base/net/xml.h"

namespace backstitch::database {
namespace {

BackupInfo snapshot_info(std::string_view xml, Time at) {
  BackupInfo info;
  info.label = xml_text(xml, "DBSnapshotIdentifier"), info.started_at = info.ended_at = at;
  info.bytes = std::atoll(xml_text(xml, "AllocatedStorage").c_str()) << 30;
  return info;
}

/// Letters, digits and single hyphens.
std::string new_label(Time now) {
  std::string text = rfc3339(now).substr(0, 19);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return identifier_of("backstitch-" + text + "z");
}

}  // namespace

Result<std::vector<BackupInfo>> snapshots_of(RdsRegion& region, const std::string& instance, const std::string& type) {
  Pairs parameters{{"DBInstanceIdentifier", instance}};
  if (!type.empty()) parameters.emplace_back("SnapshotType", type);
  const auto answer = region.must("DescribeDBSnapshots", std::move(parameters), Code::backup_failed);
  if (!answer) return fail(answer.error());
  std::vector<BackupInfo> out;
  for (const std::string_view one : xml_elements(*answer, "DBSnapshot")) {
    const auto at = parse_rfc3339(xml_text(one, "SnapshotCreateTime"));
    if (xml_text(one, "Status") == "available" && at) out.push_back(snapshot_info(one, *at));
  }
  std::sort(out.begin(), out.end(), [](const BackupInfo& a, const BackupInfo& b) { return a.ended_at < b.ended_at; });
  return out;
}

Result<BackupInfo> make_snapshot(RdsRegion& region, const std::string& instance, const BackupProvider::Say& say) {
  const std::string label = new_label(wall_clock());
  const auto begun =
      region.must("CreateDBSnapshot", {{"DBInstanceIdentifier", instance}, {"DBSnapshotIdentifier", label}}, Code::backup_failed);
  // The answer to a first attempt may have been lost on the way.
  if (!begun && begun.error().detail.find("DBSnapshotAlreadyExists") == std::string::npos) return fail(begun.error());
  Backoff backoff(copy_timeout_ms, {.attempts_max = 1'000'000,
                                    .first_ms = region.settings().ask_every_ms_least,
                                    .wait_ms_max = region.settings().ask_every_ms_most});
  for (std::string told;;) {
    const auto answer = region.must("DescribeDBSnapshots", {{"DBSnapshotIdentifier", label}}, Code::backup_failed);
    if (!answer) return fail(answer.error());
    const std::string status = xml_text(*answer, "Status"), progress = xml_text(*answer, "PercentProgress");
    const auto at = parse_rfc3339(xml_text(*answer, "SnapshotCreateTime"));
    if (status == "available" && at) return snapshot_info(*answer, *at);
    if (status == "failed") return fail(Code::backup_failed, "snapshot {} has failed", label);
    if (say && told != status + progress) say(fmt::format("snapshot {} is {}, {} %", label, status, progress));
    told = status + progress;
    if (!backoff.wait()) return fail(Code::backup_failed, "snapshot {} is {} after {} ms", label, status, copy_timeout_ms);
  }
}

}  // namespace backstitch::database
