#include "recovery/audit/audit_copy.h"

#include <algorithm>
#include <chrono>

#include "stores/database/postgres/database.h"
#include "stores/database/private/server.h"
#include "stores/database/rewind/positions.h"

namespace backstitch::recovery {
namespace {

constexpr const char* copy_name = "audit";  // always the same: what a killed audit left goes with the next one
constexpr auto look_every = std::chrono::milliseconds(100);

/// From where the restorable range begins: older backups lie on a line of history that was given up.
Result<database::RestoreTarget> begin_of_live(database::BackupProvider& provider) {
  const auto range = provider.range();
  if (!range) return fail(range.error());
  const database::RestorePoint& earliest = range->earliest;
  if (!provider.takes_places())
    return database::RestoreTarget{
        .before = {}, .backup = {}, .until = earliest.time.plus_ms(1000)};  // it may know whole seconds alone
  const auto list = provider.backups();
  if (!list) return fail(list.error());
  const auto found = std::find_if(list->begin(), list->end(),
                                  [&](const database::BackupInfo& backup) { return backup.end_lsn == earliest.lsn; });
  if (found == list->end()) return fail(Code::backup_not_found, "no backup ended at {}", earliest.lsn);
  const auto end = database::Lsn::parse(found->end_lsn);
  if (!end) return fail(end.error());
  return database::RestoreTarget{.before = *end, .backup = found->label, .until = {}};
}

/// Whoever keeps the backups may have begun before this instance did.
Status has_our_schema(const std::string& connection) {
  auto session = database::Connection::open(connection);
  if (!session) return fail(std::move(session.error()));
  const auto there = session->query("select to_regclass('backstitch.position') is not null");
  if (!there) return fail(there.error());
  if (there->boolean(0, 0)) return {};
  return fail(Code::target_out_of_range, "the oldest backup was taken before this instance began: audit --from-start");
}

}  // namespace

Result<std::unique_ptr<AuditCopy>> AuditCopy::restore(const AuditSettings& settings, const AuditSources& sources) {
  const auto target = begin_of_live(sources.provider);
  if (!target) return fail(target.error());
  std::unique_ptr<AuditCopy> copy(new AuditCopy(settings));
  copy->from_ = target->backup.empty() ? "the moment " + rfc3339(target->until) : "backup " + target->backup;
  copy->begin_ = target->before;
  // A copy of ours lies in a folder that can be pulled away; elsewhere it is waited for.
  if (sources.provider.takes_places())
    copy->watch([&provider = sources.provider] { static_cast<void>(provider.discard(copy_name)); });
  auto restored = sources.provider.restore(copy_name, *target, settings.say);
  if (!restored) return fail(std::move(restored.error()));
  copy->restored_ = std::move(*restored);
  const auto epoch = sources.safe.epoch();
  if (!epoch) return fail(epoch.error());
  BS_TRY(has_our_schema(copy->restored_->connection()));
  BS_TRY(copy->open(copy->restored_->connection()));
  BS_TRY(copy->database_->migrate());
  BS_TRY(copy->database_->set_epoch(epoch->n, true));
  return copy;
}

Result<std::unique_ptr<AuditCopy>> AuditCopy::empty(const AuditSettings& settings, int partitions) {
  std::unique_ptr<AuditCopy> copy(new AuditCopy(settings));
  copy->from_ = "the beginning";
  auto scratch = database::ScratchCluster::make();
  if (!scratch) return fail(std::move(scratch.error()));
  copy->scratch_ = std::move(*scratch);
  copy->watch([folder = copy->scratch_->cluster().folder()] { static_cast<void>(database::stop_server(folder, "immediate")); });
  if (auto fresh = copy->scratch_->fresh(partitions); !fresh) return fail(std::move(fresh.error()));
  BS_TRY(copy->open(copy->scratch_->cluster().connection()));
  return copy;
}

Status AuditCopy::open(const std::string& connection) {
  connection_ = connection;
  BS_TRY(database::forgo_durability(connection));
  database_ = database::make_postgres_database({connection, std::max(settings_.threads, 1) + 1});
  return {};
}

// Whatever is being done to the copy fails once it is not there any more, and then the audit ends like any other that fails.
void AuditCopy::watch(std::function<void()> pull_away) {
  if (!settings_.give_up) return;
  watcher_ = std::thread([this, pull_away = std::move(pull_away)] {
    for (; !end_; std::this_thread::sleep_for(look_every))
      if (*settings_.give_up) pull_away();
  });
}

AuditCopy::~AuditCopy() {
  end_ = true;
  if (watcher_.joinable()) watcher_.join();
  database_.reset();
  if (!restored_) return;
  if (const Status removed = restored_->remove(); !removed) settings_.say("the copy is not removed: " + removed.error().text());
}

}  // namespace backstitch::recovery
