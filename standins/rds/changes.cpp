// What changes an instance, or makes one.
#include "standins/rds/service.h"
#include "standins/rds/words.h"

namespace backstitch::standin {
using namespace rds;

RdsService::Answer RdsService::restore(const Object& input) {
  constexpr const char* action = "RestoreDBInstanceToPointInTime";
  const std::string source = lower(text_of(input, "SourceDBInstanceIdentifier")),
                    target = lower(text_of(input, "TargetDBInstanceIdentifier"));
  const bool latest = flag_of(input, "UseLatestRestorableTime");
  if (!is_identifier(target)) return tl::unexpected(RdsFault{"InvalidParameterValue", target + " is no identifier", 400});
  if (latest == input.contains("RestoreTime"))
    return tl::unexpected(RdsFault{"InvalidParameterCombination", "either RestoreTime or UseLatestRestorableTime", 400});
  Instance* from = find(source);
  if (!from) return tl::unexpected(model_.fault(action, "DBInstanceNotFoundFault", "DBInstance " + source + " not found."));
  if (find(target)) return tl::unexpected(model_.fault(action, "DBInstanceAlreadyExistsFault", "DB instance already exists"));
  if (text_of(from->shown, "DBInstanceStatus") != "available")
    return tl::unexpected(model_.fault(action, "InvalidDBInstanceStateFault", source + " is not available"));
  const auto snapshots = automated();
  const auto end = ground_.latest(source);
  if (!snapshots || snapshots->empty() || !end)
    return tl::unexpected(model_.fault(action, "PointInTimeRestoreNotEnabledFault", source + " has no backups"));
  const Time until = latest ? *end : parse_rfc3339(text_of(input, "RestoreTime")).value();
  if (until < snapshots->front().at || *end < until)
    return tl::unexpected(model_.fault(action, "InvalidRestoreFault",
                                       "The specified instance cannot be restored to a time earlier than " +
                                           rfc3339(snapshots->front().at) + " or later than " + rfc3339(*end)));
  Instance& made = instances_[target];
  made.shown = first(target, {});
  made.shown["DBInstanceStatus"] = "creating";
  if (const std::string group = text_of(input, "DBSubnetGroupName"); !group.empty())
    made.shown["DBSubnetGroup"] = json::object{{"DBSubnetGroupName", group}, {"VpcId", "vpc-11111111"}};
  if (const json::value* ids = input.if_contains("VpcSecurityGroupIds")) made.shown["VpcSecurityGroups"] = groups(texts(*ids));
  if (const std::string group = text_of(input, "DBParameterGroupName"); !group.empty())
    made.shown["DBParameterGroups"] = parameters(group, "in-sync");
  if (const json::value* tags = input.if_contains("Tags")) made.shown["TagList"] = *tags;
  if (const Status begun = ground_.restore(target, source, until); !begun)
    return tl::unexpected(RdsFault{"InternalFailure", begun.error().text(), 500});
  await_ground(target, "backing-up", "incompatible-restore");
  return Object{{"DBInstance", made.shown}};
}

void RdsService::await_ground(const std::string& id, const char* then, const char* otherwise) {
  instances_[id].starting = true;
  waiting_.emplace_back([=, this] {
    const auto endpoint = ground_.await(id);
    const std::lock_guard lock(mutex_);
    Instance& instance = instances_[id];
    instance.starting = false;
    instance.shown["DBInstanceStatus"] = endpoint ? then : otherwise;
    if (!endpoint) return;
    instance.shown["Endpoint"] = json::object{{"Address", endpoint->address}, {"Port", endpoint->port}};
    instance.busy_until = wall_clock().plus_ms(change_ms);
  });
}

RdsService::Answer RdsService::modify(const Object& input) {
  const std::string id = text_of(input, "DBInstanceIdentifier");
  Instance* instance = find(id);
  if (!instance)
    return tl::unexpected(model_.fault("ModifyDBInstance", "DBInstanceNotFoundFault", "DBInstance " + id + " not found."));
  if (text_of(instance->shown, "DBInstanceStatus") != "available")
    return tl::unexpected(model_.fault("ModifyDBInstance", "InvalidDBInstanceStateFault", id + " is not available"));
  if (const json::value* ids = input.if_contains("VpcSecurityGroupIds"))
    instance->wanted["VpcSecurityGroups"] = groups(texts(*ids));
  if (const std::string group = text_of(input, "DBParameterGroupName"); !group.empty()) {
    instance->wanted_group = group;
    instance->shown["DBParameterGroups"] = parameters(group, "applying");
  }
  for (const char* name : {"BackupRetentionPeriod", "AllocatedStorage", "DBInstanceClass", "MultiAZ", "PubliclyAccessible",
                           "PreferredBackupWindow", "PreferredMaintenanceWindow", "DeletionProtection"})
    if (const json::value* value = input.if_contains(name)) instance->wanted[name] = *value;
  json::object pending;
  for (const char* name : {"BackupRetentionPeriod", "AllocatedStorage", "DBInstanceClass", "MultiAZ"})
    if (const json::value* value = input.if_contains(name)) pending[name] = *value;
  if (!pending.empty()) instance->shown["PendingModifiedValues"] = std::move(pending);
  instance->begins_at = wall_clock().plus_ms(change_ms);
  return Object{{"DBInstance", instance->shown}};
}

RdsService::Answer RdsService::reboot(const Object& input) {
  const std::string id = text_of(input, "DBInstanceIdentifier");
  Instance* instance = find(id);
  if (!instance)
    return tl::unexpected(model_.fault("RebootDBInstance", "DBInstanceNotFoundFault", "DBInstance " + id + " not found."));
  if (text_of(instance->shown, "DBInstanceStatus") != "available" || instance->begins_at.is_set())
    return tl::unexpected(model_.fault("RebootDBInstance", "InvalidDBInstanceStateFault", id + " is not available"));
  if (const Status begun = ground_.restart(lower(id)); !begun)
    return tl::unexpected(RdsFault{"InternalFailure", begun.error().text(), 500});
  instance->shown["DBInstanceStatus"] = "rebooting";
  await_ground(lower(id), "rebooting", "failed");
  return Object{{"DBInstance", instance->shown}};
}

RdsService::Answer RdsService::remove(const Object& input) {
  const std::string id = text_of(input, "DBInstanceIdentifier");
  Instance* instance = find(id);
  if (!instance)
    return tl::unexpected(model_.fault("DeleteDBInstance", "DBInstanceNotFoundFault", "DBInstance " + id + " not found."));
  if (flag_of(input, "SkipFinalSnapshot") == input.contains("FinalDBSnapshotIdentifier"))
    return tl::unexpected(
        RdsFault{"InvalidParameterCombination", "FinalDBSnapshotIdentifier is wanted, or SkipFinalSnapshot", 400});
  if (instance->starting || text_of(instance->shown, "DBInstanceStatus") == "deleting")
    return tl::unexpected(model_.fault("DeleteDBInstance", "InvalidDBInstanceStateFault", id + " is not available"));
  if (flag_of(instance->shown, "DeletionProtection"))
    return tl::unexpected(RdsFault{"InvalidParameterCombination", "Cannot delete protected DB Instance", 400});
  ground_.remove(lower(id));
  instance->shown["DBInstanceStatus"] = "deleting";
  instance->busy_until = wall_clock().plus_ms(change_ms);
  return Object{{"DBInstance", instance->shown}};
}

}  // namespace backstitch::standin
