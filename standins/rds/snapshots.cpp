// Snapshots, and what can be restored of an instance.
#include "standins/rds/service.h"
#include "standins/rds/words.h"

namespace backstitch::standin {
using namespace rds;

/// What it takes by itself, and goes back in time from.
Result<std::vector<RdsSnapshot>> RdsService::automated() {
  auto all = ground_.snapshots();
  if (all) std::erase_if(*all, [&](const RdsSnapshot& one) { return made_labels_.contains(one.label); });
  return all;
}

RdsService::Answer RdsService::snapshot(const Object& input) {
  constexpr const char* action = "CreateDBSnapshot";
  const std::string source = lower(text_of(input, "DBInstanceIdentifier")), id = lower(text_of(input, "DBSnapshotIdentifier"));
  if (!is_identifier(id)) return tl::unexpected(RdsFault{"InvalidParameterValue", id + " is no identifier", 400});
  Instance* instance = find(source);
  if (!instance) return tl::unexpected(model_.fault(action, "DBInstanceNotFoundFault", "DBInstance " + source + " not found."));
  if (made_.contains(id)) return tl::unexpected(model_.fault(action, "DBSnapshotAlreadyExistsFault", id + " exists already"));
  if (text_of(instance->shown, "DBInstanceStatus") != "available")
    return tl::unexpected(model_.fault(action, "InvalidDBInstanceStateFault", source + " is not available"));
  Object& shown = made_[id];
  shown = {{"DBSnapshotIdentifier", id}, {"DBInstanceIdentifier", source}, {"Status", "creating"}, {"PercentProgress", 0},
           {"SnapshotType", "manual"},   {"AllocatedStorage", 20},         {"Engine", "postgres"}};
  if (const json::value* tags = input.if_contains("Tags")) shown["TagList"] = *tags;
  instance->shown["DBInstanceStatus"] = "backing-up", instance->starting = true;
  await_snapshot(id, source);
  return Object{{"DBSnapshot", shown}};
}

void RdsService::await_snapshot(const std::string& id, const std::string& source) {
  waiting_.emplace_back([=, this] {
    const auto backup = ground_.back_up(source);
    const std::lock_guard lock(mutex_);
    Instance& instance = instances_[source];
    instance.starting = false, instance.busy_until = wall_clock().plus_ms(change_ms);
    Object& shown = made_[id];
    shown["Status"] = backup ? "available" : "failed", shown["PercentProgress"] = backup ? 100 : 0;
    if (!backup) return;
    shown["SnapshotCreateTime"] = rfc3339(backup->at);
    made_labels_.insert(backup->label);
  });
}

RdsService::Answer RdsService::describe_snapshots(const Object& input) {
  const std::string type = text_of(input, "SnapshotType"), id = lower(text_of(input, "DBInstanceIdentifier")),
                    name = lower(text_of(input, "DBSnapshotIdentifier"));
  json::array list;
  const auto snapshots = automated();
  if (!snapshots) return tl::unexpected(RdsFault{"InternalFailure", snapshots.error().text(), 500});
  if (type.empty() || type == "automated")
    for (const RdsSnapshot& one : *snapshots)
      list.push_back(Object{{"DBSnapshotIdentifier", "rds:" + one.label},
                            {"DBInstanceIdentifier", id.empty() ? settings_.instance : id},
                            {"SnapshotCreateTime", rfc3339(one.at)},
                            {"Status", "available"},
                            {"SnapshotType", "automated"},
                            {"AllocatedStorage", 20},
                            {"Engine", "postgres"}});
  if (type.empty() || type == "manual")
    for (const auto& [label, shown] : made_)
      if (id.empty() || text_of(shown, "DBInstanceIdentifier") == id) list.push_back(shown);
  if (name.empty()) return Object{{"DBSnapshots", std::move(list)}};
  json::array named;
  for (const json::value& one : list)
    if (lower(text_of(one.as_object(), "DBSnapshotIdentifier")) == name) named.push_back(one);
  if (named.empty())
    return tl::unexpected(model_.fault("DescribeDBSnapshots", "DBSnapshotNotFoundFault", "DBSnapshot " + name + " not found."));
  return Object{{"DBSnapshots", std::move(named)}};
}

RdsService::Answer RdsService::describe_backups(const Object& input) {
  const std::string id = text_of(input, "DBInstanceIdentifier");
  Instance* instance = find(id.empty() ? settings_.instance : id);
  json::array list;
  const auto snapshots = automated();
  if (instance && snapshots && !snapshots->empty()) {
    Object window{{"EarliestTime", rfc3339(snapshots->front().at)}};
    if (const auto latest = ground_.latest(text_of(instance->shown, "DBInstanceIdentifier")))
      window["LatestTime"] = rfc3339(*latest);
    list.push_back(Object{{"DBInstanceIdentifier", text_of(instance->shown, "DBInstanceIdentifier")},
                          {"Status", "active"},
                          {"RestoreWindow", std::move(window)}});
  }
  return Object{{"DBInstanceAutomatedBackups", std::move(list)}};
}

}  // namespace backstitch::standin
