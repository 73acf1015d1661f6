#include "stores/database/pgbackrest/provider.h"

#include <algorithm>
#include <filesystem>

#include "base/files.h"
#include "base/probe.h"
#include "stores/database/backup/compare_copy.h"
#include "stores/database/backup/restore.h"
#include "stores/database/external/standing.h"
#include "stores/database/pgbackrest/archive_rest.h"
#include "stores/database/pgbackrest/brought_wal.h"
#include "stores/database/pgbackrest/choice.h"
#include "stores/database/pgbackrest/restored_folder.h"
#include "stores/database/pgbackrest/run_backup.h"
#include "stores/database/postgres/connection.h"
#include "stores/database/postgres/database.h"
#include "stores/database/private/programs.h"
#include "stores/database/private/server.h"
#include "stores/database/rewind/restored_cluster.h"

namespace backstitch::database {
namespace {

/// Written last: what has it is whole. It holds the copy's name, so that one which a backup brought along says nothing.
std::string mark_of(const std::string& folder) { return folder + "/backstitch.restored"; }

/// Not where the running ones lie. They keep their name when the copy becomes the database: links lead there.
std::string tablespaces_of(const RestoredFolder& at) { return at.folder + "-tablespaces"; }

Result<std::string> local_connection(const ExternalAddress& configured, const std::string& sockets) {
  const auto address = moved_address(configured, sockets, "5432");
  return address ? Result<std::string>(address->connection) : fail(address.error());
}

class FolderCopy : public Copy {
 public:
  FolderCopy(RestoredFolder at, std::string connection) : at_(std::move(at)), connection_(std::move(connection)) {}
  Status start() override { return start_folder(at_, connection_); }
  Status stop() override { return stop_server(at_.folder, "fast"); }
  std::string connection() const override { return connection_; }
  std::string place() const override { return at_.folder; }
  Status remove() override {
    BS_TRY(stop_server(at_.folder, "immediate"));
    BS_TRY(remove_tree(tablespaces_of(at_)));
    return remove_copy({at_.folder, at_.sockets, {}});
  }
  std::vector<std::string> changes() const override { return changes_of(at_); }

 private:
  RestoredFolder at_;
  std::string connection_;
};

class LeftExternal : public LeftDatabase {
 public:
  LeftExternal(std::string connection, std::string folder, const PgBackRest& tool)
      : connection_(std::move(connection)), folder_(std::move(folder)), tool_(tool) {}
  std::string connection() const override { return connection_; }
  Status archive_rest(std::int64_t timeout_ms) override {
    const auto last = archive_rest_of(connection_, tool_, timeout_ms);
    return last ? Status() : fail(last.error());
  }
  Status stop() override { return folder_.empty() ? Status() : stop_server(folder_, "fast"); }

 private:
  std::string connection_, folder_;
  PgBackRest tool_;
};

class PgBackRestProvider : public BackupProvider {
 public:
  PgBackRestProvider(PgBackRestSettings settings, safe::Safe& safe)
      : settings_(std::move(settings)), safe_(safe), tool_(settings_.stanza, settings_.config) {}

  const char* name() const override { return "pgbackrest"; }

  Result<std::vector<BackupInfo>> backups() override {
    auto stanza = tool_.stanza();
    if (!stanza) return fail(std::move(stanza.error()));
    return std::move(stanza->backups);
  }

  Result<RestorableRange> range() override {
    const auto stanza = tool_.stanza();
    if (!stanza) return fail(stanza.error());
    if (stanza->backups.empty()) return fail(Code::backup_not_found, "stanza {} holds no backup", settings_.stanza);
    RestorableRange range;
    range.backups = static_cast<std::int64_t>(stanza->backups.size());
    range.earliest = {stanza->backups.front().end_lsn, stanza->backups.front().ended_at};
    range.latest = {stanza->backups.back().end_lsn, stanza->backups.back().ended_at};
    // What is committed by now is archived before a plan is made; of one that does not answer, a backup's end is known at least.
    if (const auto now = latest()) range.latest = *now;
    range.stretches.push_back({range.earliest, range.latest, 1});
    return range;
  }

  Result<BackupInfo> create(const Say& say) override {
    const auto standing = standing_of(safe_, settings_.configured);
    return standing ? run_backup(tool_, *standing, say) : fail(standing.error());
  }

  Result<BackupCheck> check(const Say& say) override {
    const auto stanza = tool_.stanza();
    if (!stanza) return fail(stanza.error());
    if (stanza->backups.empty()) return fail(Code::backup_not_found, "stanza {} holds no backup", settings_.stanza);
    BS_TRY(verify_repository(tool_, say));
    return check_by_restoring(*this, stanza->backups.back(), say);
  }

  Status archive_rest(std::int64_t timeout_ms) override {
    const auto at = live();
    if (!at) return fail(at.error());
    if (!takes_connections(*at)) return {};
    auto last = archive_rest_of(*at, tool_, timeout_ms);
    if (!last) return fail(std::move(last.error()));
    archived_last_ = std::move(*last);
    return {};
  }

  Result<std::string> live() override {
    const auto standing = standing_of(safe_, settings_.configured);
    if (!standing) return fail(standing.error());
    const auto address = address_at(settings_.configured, *standing);
    return address ? Result<std::string>(address->connection) : fail(address.error());
  }

  Result<std::optional<History>> history_from(const Lsn& from, const Say& say) override {
    const auto stanza = tool_.stanza();
    const auto standing = standing_of(safe_, settings_.configured);
    if (!stanza) return fail(stanza.error());
    if (!standing) return fail(standing.error());
    BroughtWal::Asked asked{.from = from,
                            .last = last_of_line(*stanza),
                            .cluster = standing->folder,
                            .backup = stanza->backups.empty() ? "" : stanza->backups.back().label,
                            .database = settings_.configured.database};
    if (asked.last.empty()) return fail(Code::wal_missing, "stanza {} holds no WAL", settings_.stanza);
    if (!wal_) {
      auto made = BroughtWal::make(settings_.folders.pg);
      if (!made) return fail(std::move(made.error()));
      wal_ = std::move(*made);
    }
    BS_TRY(wal_->bring(tool_, asked, say));
    return History::brought(wal_->folder(), stanza->version, wal_);
  }

  Result<std::unique_ptr<Copy>> restore(const std::string& name, const RestoreTarget& target, const Say& say) override {
    const RestoredFolder at = folder_of(name);
    auto connection = local_connection(settings_.configured, at.sockets);
    if (!connection) return fail(std::move(connection.error()));
    const auto backup = check(target);
    if (!backup) return fail(backup.error());
    BS_TRY(stop_server(at.folder, "immediate"));  // of a run that was killed: what it copied is taken over
    BS_TRY(await_leaving(at.folder));
    Status restored = bring(at, *backup, target, say);
    if (restored) restored = recover_folder(at, *connection);
    if (restored) restored = write_file_durably(mark_of(at.folder), name);
    if (restored) return std::make_unique<FolderCopy>(at, std::move(*connection));
    BS_TRY(discard(name));
    return fail(std::move(restored.error()));
  }

  Result<std::unique_ptr<Copy>> find(const std::string& name) override {
    const RestoredFolder at = folder_of(name);
    if (read_file(mark_of(at.folder)).value_or("") != name) return std::unique_ptr<Copy>();
    auto connection = local_connection(settings_.configured, at.sockets);
    if (!connection) return fail(std::move(connection.error()));
    return std::make_unique<FolderCopy>(at, std::move(*connection));
  }

  Status discard(const std::string& name) override {
    const RestoredFolder at = folder_of(name);
    if (file_exists(at.folder)) {  // else they may be those of the database that it has become
      BS_TRY(stop_server(at.folder, "immediate"));
      BS_TRY(remove_tree(tablespaces_of(at)));
    }
    return remove_copy({at.folder, at.sockets, {}});
  }

  /// Nobody but our own can be shut out there: its epoch is closed, so that no process of ours writes any more.
  Result<std::unique_ptr<LeftDatabase>> seal(std::uint64_t epoch) override {
    const auto standing = standing_of(safe_, settings_.configured);
    if (!standing) return fail(standing.error());
    if (!standing->folder.empty()) BS_TRY(serve_moved(settings_, standing->folder, standing->sockets));
    const auto address = address_at(settings_.configured, *standing);
    if (!address) return fail(address.error());
    BS_TRY(make_postgres_database({address->connection, 1})->set_epoch(epoch, false));
    return std::make_unique<LeftExternal>(address->connection, standing->folder, tool_);
  }

  Status switch_to(const std::string& name, std::uint64_t epoch) override {
    const RestoredFolder at = folder_of(name);
    const std::string live = epoch_folder(settings_.folders, epoch);
    if (file_exists(at.folder)) {
      if (file_exists(live)) return fail(Code::restore_failed, "there is a cluster {} already", live);
      BS_TRY(stop_server(at.folder, "fast"));
      hit(Probe::becoming_live);
      std::error_code error;
      std::filesystem::rename(at.folder, live, error);
      if (error) return fail(Code::restore_failed, "cannot rename {} to {}: {}", at.folder, live, error.message());
      hit(Probe::becoming_live);
    }
    if (!file_exists(live + "/PG_VERSION")) return fail(Code::restore_failed, "neither {} nor {} is there", at.folder, live);
    BS_TRY(sync_folder(settings_.folders.pg));
    BS_TRY(remove_tree(mark_of(live)));
    BS_TRY(remove_tree(at.sockets));
    Standing standing;
    standing.epoch = epoch, standing.host = settings_.folders.sockets, standing.port = "5432", standing.folder = live;
    standing.sockets = settings_.folders.sockets;
    return keep_standing(safe_, settings_.configured, standing);
  }

  Result<bool> is_switched(std::uint64_t epoch) override {
    return file_exists(epoch_folder(settings_.folders, epoch) + "/PG_VERSION");
  }

 private:
  RestoredFolder folder_of(const std::string& name) const {
    return {settings_.folders.pg + "/" + name, settings_.folders.sockets + "-" + name};
  }

  /// Of several timelines that were archived, what the running one has brought there; else the newest.
  std::string last_of_line(const Stanza& stanza) const {
    const bool goes_on = stanza.archive_last.substr(0, 8) == archived_last_.substr(0, 8);
    return archived_last_.empty() || goes_on ? stanza.archive_last : archived_last_;
  }

  /// The present of the running one; nothing when it does not answer.
  std::optional<RestorePoint> latest() {
    const auto at = live();
    if (!at || !takes_connections(*at)) return {};
    auto session = Connection::open(*at);
    if (!session) return {};
    const auto place = place_of(*session);
    const auto now = session->query("select (extract(epoch from clock_timestamp()) * 1000000)::bigint");
    if (!place || !now) return {};
    return RestorePoint{*place, Time{static_cast<std::int64_t>(now->number(0, 0))}};
  }

  /// Asked before anything is touched; the backup that is restored.
  Result<BackupInfo> check(const RestoreTarget& target) {
    const auto stanza = tool_.stanza();
    if (!stanza) return fail(stanza.error());
    if (stanza->backups.empty()) return fail(Code::backup_not_found, "stanza {} holds no backup", settings_.stanza);
    BS_TRY(postgres_program_of("pg_ctl", stanza->version));
    const auto chosen = choose_backup(stanza->backups, target);
    if (!chosen) return fail(chosen.error());
    if (target.before.is_set() && is_behind_archive(target.before, stanza->archive_last))
      return fail(Code::target_out_of_range, "{} lies behind the last segment of the archive, {}", target.before.text(),
                  stanza->archive_last);
    if (const std::int64_t free = free_bytes(settings_.folders.pg); free < chosen->bytes)
      return fail(Code::disk_full, "the backup takes {} MiB, {} has {} MiB", chosen->bytes >> 20, settings_.folders.pg,
                  free >> 20);
    return chosen;
  }

  /// What lies there already and is right is not copied again.
  Status bring(const RestoredFolder& at, const BackupInfo& backup, const RestoreTarget& target, const Say& say) {
    BS_TRY(make_server_folder(at.folder));
    if (say)
      say(fmt::format("restoring backup {} of stanza {}, {} MiB, to {}", backup.label, settings_.stanza, backup.bytes >> 20,
                      at.folder));
    std::vector<std::string> arguments = target_arguments(target);
    arguments.insert(arguments.begin(), {"--pg1-path=" + at.folder, "--set=" + backup.label, "--delta",
                                         "--tablespace-map-all=" + tablespaces_of(at)});
    arguments.push_back("restore");
    const auto done = run_telling(tool_, arguments, [&] {
      if (say) say(fmt::format("restored {} of {} MiB", bytes_below(at.folder) >> 20, backup.bytes >> 20));
    });
    if (done) return {};
    const bool full = done.error().detail.find("No space left on device") != std::string::npos;
    return fail(full ? Code::disk_full : Code::restore_failed, "{}", done.error().detail);
  }

  PgBackRestSettings settings_;
  safe::Safe& safe_;
  PgBackRest tool_;
  std::string archived_last_;  // segment
  std::shared_ptr<BroughtWal> wal_;
};

}  // namespace

std::unique_ptr<BackupProvider> make_pgbackrest_provider(PgBackRestSettings settings, safe::Safe& safe) {
  return std::make_unique<PgBackRestProvider>(std::move(settings), safe);
}

Status serve_moved(const PgBackRestSettings& settings, const std::string& folder, const std::string& sockets) {
  const auto connection = local_connection(settings.configured, sockets);
  if (!connection) return fail(connection.error());
  return serve_folder({folder, sockets}, *connection, PgBackRest(settings.stanza, settings.config));
}

}  // namespace backstitch::database
