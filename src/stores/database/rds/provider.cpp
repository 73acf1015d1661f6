#include "stores/database/rds/provider.h"

#include "base/net/xml.h"
#include "base/probe.h"
#include "stores/database/external/standing.h"
#include "stores/database/postgres/connection.h"
#include "stores/database/postgres/database.h"
#include "stores/database/private/server.h"
#include "stores/database/rds/region.h"
#include "stores/database/rds/snapshots.h"

namespace backstitch::database {
namespace {

constexpr std::int64_t archive_timeout_ms = 20 * 60'000;

/// The service restores to whole seconds: what was committed later in that one is left out, and folded from the log again.
Time whole_second(Time at) { return Time{at.us - at.us % 1'000'000}; }

class InstanceCopy : public Copy {
 public:
  InstanceCopy(std::shared_ptr<RdsRegion> region, RdsInstance instance, std::vector<std::string> changes)
      : region_(std::move(region)), instance_(std::move(instance)), changes_(std::move(changes)) {}
  Status start() override {
    const auto up = region_->await_available(instance_.id, change_timeout_ms, {});
    if (!up) return fail(up.error());
    instance_ = *up;
    return await_connections(connection(), change_timeout_ms);
  }
  Status stop() override { return {}; }  // it goes on serving, to whoever knows where
  std::string connection() const override {
    const auto address = moved_address(region_->settings().configured, instance_.host, instance_.port);
    return address ? address->connection : std::string();
  }
  std::string place() const override { return fmt::format("{} ({}:{})", instance_.id, instance_.host, instance_.port); }
  Status remove() override { return region_->remove(instance_.id); }
  std::vector<std::string> changes() const override { return changes_; }

 private:
  std::shared_ptr<RdsRegion> region_;
  RdsInstance instance_;
  std::vector<std::string> changes_;
};

class LeftInstance : public LeftDatabase {
 public:
  explicit LeftInstance(std::string connection) : connection_(std::move(connection)) {}
  std::string connection() const override { return connection_; }
  Status archive_rest(std::int64_t) override { return {}; }  // the service does, in its own time
  Status stop() override { return {}; }

 private:
  std::string connection_;
};

class RdsProvider : public BackupProvider {
 public:
  RdsProvider(RdsSettings settings, safe::Safe& safe) : region_(std::make_shared<RdsRegion>(std::move(settings))), safe_(safe) {}

  const char* name() const override { return "rds"; }
  bool takes_places() const override { return false; }

  Result<std::vector<BackupInfo>> backups() override {
    const auto source = source_id();
    if (!source) return fail(source.error());
    return snapshots_of(*region_, *source, "");
  }

  Result<BackupInfo> create(const Say& say) override {
    const auto source = source_id();
    return source ? make_snapshot(*region_, *source, say) : fail(source.error());
  }

  /// Who wants to see what a copy holds pays for an instance.
  Result<BackupCheck> check(const Say&) override {
    const auto kept = backups();
    if (!kept) return fail(kept.error());
    const auto reach = range();
    if (!reach) return fail(reach.error());
    if (kept->empty()) return fail(Code::backup_not_found, "Amazon RDS keeps no snapshot");
    BackupCheck report;
    report.label = kept->back().label, report.size_bytes = kept->back().bytes;
    report.known = fmt::format(
        "snapshot {} is available; {}, {} behind now; Amazon RDS says no more than that. What a copy holds is seen by restoring "
        "one: recover start --prepare",
        report.label, reach->text(), duration_text((wall_clock().us - reach->latest.time.us) / 1000));
    return report;
  }

  /// From the earliest of what it keeps by itself to what it calls the latest restorable time: a snapshot that somebody has made
  /// holds its own moment alone.
  Result<RestorableRange> range() override {
    const auto source = source_instance();
    if (!source) return fail(source.error());
    const auto kept = snapshots_of(*region_, source->id, "automated");
    if (!kept) return fail(kept.error());
    const auto answer =
        region_->must("DescribeDBInstanceAutomatedBackups", {{"DBInstanceIdentifier", source->id}}, Code::backup_failed);
    if (!answer) return fail(answer.error());
    RestorableRange range;
    range.backups = static_cast<std::int64_t>(kept->size());
    if (!kept->empty()) range.earliest.time = kept->front().ended_at;
    if (const auto window = parse_rfc3339(xml_text(*answer, "EarliestTime")))
      if (!range.earliest.time.is_set() || *window < range.earliest.time) range.earliest.time = *window;
    if (!range.earliest.time.is_set() || !source->latest.is_set())
      return fail(Code::backup_not_found, "instance {} has no automated backups: its retention period is 0", source->id);
    range.latest.time = source->latest;
    range.stretches.push_back({range.earliest, range.latest, 1});
    return range;
  }

  Status archive_rest(std::int64_t) override {
    const auto source = source_instance();
    if (!source) return fail(source.error());
    const Time now = wall_clock();
    const auto reached = region_->await(source->id, "its latest restorable time was to reach the present", archive_timeout_ms, {},
                                        [&](const RdsInstance& one) { return one.latest >= now; });
    return reached ? Status() : fail(reached.error());
  }

  Result<std::string> live() override {
    const auto standing = standing_of(safe_, configured());
    if (!standing) return fail(standing.error());
    const auto address = address_at(configured(), *standing);
    return address ? Result<std::string>(address->connection) : fail(address.error());
  }

  Result<std::unique_ptr<Copy>> restore(const std::string& name, const RestoreTarget& target, const Say& say) override {
    if (target.before.is_set()) return fail(Code::usage, "Amazon RDS goes back to a time, not to a place in the WAL");
    const auto source = source_instance();
    if (!source) return fail(source.error());
    BS_TRY(check(target));
    BS_TRY(discard(name));  // of a run that was killed: it may stand at another time
    if (say) say(fmt::format("Amazon RDS restores instance {} beside {}", identifier_of(name), source->id));
    Status made = begin(name, *source, target);
    Result<std::unique_ptr<Copy>> copy = made ? finish(name, *source, say) : fail(std::move(made.error()));
    if (!copy) BS_TRY(discard(name));
    return copy;
  }

  Result<std::unique_ptr<Copy>> find(const std::string& name) override {
    const auto source = source_instance();
    if (!source) return fail(source.error());
    const std::string id = identifier_of(name);
    if (source->id == id) return std::unique_ptr<Copy>();  // it has become the database
    const auto found = region_->find(id);
    if (!found) return fail(found.error());
    // Not whole before it has what the other one has.
    if (!*found || (*found)->made_by != name || !(*found)->is_settled() || !differences_between(*source, **found).empty())
      return std::unique_ptr<Copy>();
    auto changes = noted_changes(name);
    if (!changes) return fail(std::move(changes.error()));
    return std::make_unique<InstanceCopy>(region_, **found, std::move(*changes));
  }

  Status discard(const std::string& name) override {
    const auto source = source_id();
    if (!source) return fail(source.error());
    if (*source == identifier_of(name)) return {};  // it is no copy any more but the database
    return region_->remove(identifier_of(name));
  }

  Result<std::unique_ptr<LeftDatabase>> seal(std::uint64_t epoch) override {
    auto connection = live();
    if (!connection) return fail(std::move(connection.error()));
    BS_TRY(make_postgres_database({*connection, 1})->set_epoch(epoch, false));
    return std::make_unique<LeftInstance>(std::move(*connection));
  }

  Status switch_to(const std::string& name, std::uint64_t epoch) override {
    const auto switched = is_switched(epoch);
    if (!switched) return fail(switched.error());
    if (*switched) return {};
    const auto instance = region_->get(identifier_of(name));
    if (!instance) return fail(instance.error());
    Standing standing;
    standing.epoch = epoch, standing.host = instance->host, standing.port = instance->port, standing.instance = instance->id;
    hit(Probe::becoming_live);
    BS_TRY(keep_standing(safe_, configured(), standing));
    hit(Probe::becoming_live);
    return {};
  }

  Result<bool> is_switched(std::uint64_t epoch) override {
    const auto standing = standing_of(safe_, configured());
    if (!standing) return fail(standing.error());
    return standing->epoch >= epoch;
  }

 private:
  const ExternalAddress& configured() const { return region_->settings().configured; }

  Result<std::string> source_id() {
    const auto standing = standing_of(safe_, configured());
    if (!standing) return fail(standing.error());
    return standing->instance.empty() ? region_->settings().instance : standing->instance;
  }
  Result<RdsInstance> source_instance() {
    const auto id = source_id();
    return id ? region_->get(*id) : fail(id.error());
  }

  Status check(const RestoreTarget& target) {
    if (!target.until.is_set()) return {};
    const auto reach = range();
    if (!reach) return fail(reach.error());
    if (target.until < reach->earliest.time || target.until > reach->latest.time)
      return fail(Code::target_out_of_range, "{}: {}", rfc3339(target.until), reach->text());
    return {};
  }

  /// With the subnet group of the other one: it cannot be changed later within one network.
  Status begin(const std::string& name, const RdsInstance& source, const RestoreTarget& target) {
    Pairs parameters{{"SourceDBInstanceIdentifier", source.id},
                     {"TargetDBInstanceIdentifier", identifier_of(name)},
                     {"Tags.Tag.1.Key", copy_tag},
                     {"Tags.Tag.1.Value", name}};
    if (!source.subnet_group.empty()) parameters.emplace_back("DBSubnetGroupName", source.subnet_group);
    if (target.until.is_set())
      parameters.emplace_back("RestoreTime", rfc3339(whole_second(target.until)));
    else
      parameters.emplace_back("UseLatestRestorableTime", "true");
    const auto begun = region_->must("RestoreDBInstanceToPointInTime", parameters);
    if (begun) return {};
    // The answer to a first attempt may have been lost on the way.
    const bool is_there = begun.error().detail.find("DBInstanceAlreadyExists") != std::string::npos;
    return is_there ? Status() : fail(begun.error());
  }

  /// Waits for it, and gives it what a restore leaves out.
  Result<std::unique_ptr<Copy>> finish(const std::string& name, const RdsInstance& source, const Say& say) {
    const std::string id = identifier_of(name);
    auto copy = region_->await_available(id, copy_timeout_ms, say);
    if (!copy) return fail(std::move(copy.error()));
    if (copy->subnet_group != source.subnet_group)
      return fail(Code::restore_failed, "instance {} lies in the subnet group {}, {} in {}: it cannot be moved", id,
                  copy->subnet_group, source.id, source.subnet_group);
    const std::vector<std::string> changes = differences_between(source, *copy);
    BS_TRY(note_changes(name, changes));
    if (!changes.empty()) {
      copy = reapply(id, source, say);
      if (!copy) return fail(std::move(copy.error()));
    }
    auto made = std::make_unique<InstanceCopy>(region_, *copy, changes);
    BS_TRY(made->start());
    return made;
  }

  Result<RdsInstance> reapply(const std::string& id, const RdsInstance& source, const Say& say) {
    Pairs parameters{{"DBInstanceIdentifier", id}, {"ApplyImmediately", "true"}};
    int number = 0;
    for (const std::string& group : source.security_groups)
      parameters.emplace_back(fmt::format("VpcSecurityGroupIds.VpcSecurityGroupId.{}", ++number), group);
    if (!source.parameter_group.empty()) parameters.emplace_back("DBParameterGroupName", source.parameter_group);
    BS_TRY(region_->must("ModifyDBInstance", parameters));
    // A change begins a moment later: until then the instance is available, and has what it had.
    auto copy =
        region_->await(id, "it was to take over the groups of " + source.id, change_timeout_ms, say, [&](const RdsInstance& one) {
          return one.is_available() && one.parameter_status != "applying" && differences_between(source, one).empty();
        });
    if (!copy || copy->is_settled()) return copy;
    BS_TRY(region_->must("RebootDBInstance", {{"DBInstanceIdentifier", id}}));
    return region_->await(id, "its parameter group was to hold", change_timeout_ms, say,
                          [](const RdsInstance& one) { return one.is_settled(); });
  }

  /// Kept beside the copy, which is found again by who was killed or has prepared it.
  Status note_changes(const std::string& name, const std::vector<std::string>& changes) {
    std::string lines;
    for (const std::string& change : changes) lines += change + "\n";
    return safe_.put("database/changes/" + identifier_of(name), lines);
  }
  Result<std::vector<std::string>> noted_changes(const std::string& name) {
    const auto text = safe_.get("database/changes/" + identifier_of(name));
    std::vector<std::string> out;
    if (!text && text.error().code != Code::object_not_found) return fail(text.error());
    for (std::size_t begin = 0, end = 0; text && (end = text->find('\n', begin)) != std::string::npos; begin = end + 1)
      out.push_back(text->substr(begin, end - begin));
    return out;
  }

  std::shared_ptr<RdsRegion> region_;
  safe::Safe& safe_;
};

}  // namespace

std::unique_ptr<BackupProvider> make_rds_provider(RdsSettings settings, safe::Safe& safe) {
  return std::make_unique<RdsProvider>(std::move(settings), safe);
}

}  // namespace backstitch::database
