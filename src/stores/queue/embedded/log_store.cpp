#include "stores/queue/embedded/log_store.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/write_batch.h>

#include "base/files.h"
#include "base/hash.h"
#include "base/log.h"
#include "stores/queue/embedded/log_database.h"

namespace backstitch::queue::embedded {
namespace {

constexpr char format_version[] = "1";

rocksdb::WriteOptions synced(bool sync = true) {
  rocksdb::WriteOptions options;
  options.sync = sync;
  return options;
}

}  // namespace

LogStore::LogStore(StoreSettings settings) : settings_(std::move(settings)), database_(std::make_unique<Database>()) {}
LogStore::~LogStore() = default;

Result<std::unique_ptr<LogStore>> LogStore::open(const StoreSettings& settings) {
  if (settings.beside_owner) {
    std::unique_ptr<LogStore> beside(new LogStore(settings));
    beside->database_->stopped = "it is open beside its owner, to be read";
    BS_TRY(beside->database_->open(settings));
    BS_TRY(beside->check_format());
    return beside;
  }
  if (!settings.log.empty() && !file_exists(settings.folder + "/CURRENT"))
    return fail(Code::topic_replaced, "there is no log in {}, and the safe is that of number {}: put it back there",
                settings.folder, settings.log);
  BS_TRY(make_folders(settings.folder));
  BS_TRY(sync_folder(settings.folder + "/.."));  // else a power cut may take the folder with all that was synced into it
  std::unique_ptr<LogStore> store(new LogStore(settings));
  auto owner = FolderLock::take(settings.folder + "/OWNER");
  if (!owner) return fail(std::move(owner.error()));
  store->database_->owner.emplace(std::move(*owner));
  BS_TRY(store->database_->open(settings));
  BS_TRY(store->check_format());
  return store;
}

Status LogStore::check_format() {
  auto& db = *database_->db;
  std::string version, partitions;
  const auto status = db.Get({}, "v", &version);
  if (status.IsNotFound() && settings_.beside_owner) return fail(Code::queue_failed, "there is no log in {}", settings_.folder);
  if (status.IsNotFound()) {
    rocksdb::WriteBatch batch;
    batch.Put("v", format_version);
    batch.Put("n", std::to_string(settings_.partitions));
    batch.Put("i", random_hex(8));
    if (const auto written = db.Write(synced(), &batch); !written.ok()) return store_failed("write to the log", written);
    return {};
  }
  if (!status.ok()) return store_failed("read the log", status);
  if (version != format_version) {
    return fail(Code::schema_unknown, "the log in {} has format {}, this version knows {}", settings_.folder, version,
                format_version);
  }
  if (const auto read = db.Get({}, "n", &partitions); !read.ok()) return store_failed("read the log", read);
  if (partitions == std::to_string(settings_.partitions)) return check_number();
  return fail(Code::config_invalid, "the log in {} was made with {} partitions, not {}; their number is fixed", settings_.folder,
              partitions, settings_.partitions);
}

Status LogStore::check_number() {
  const auto found = identity();
  if (!found) return fail(found.error());
  if (found->log.empty() && !settings_.beside_owner) {  // an older version made it
    if (const auto written = database_->db->Put(synced(), "i", random_hex(8)); !written.ok())
      return store_failed("write to the log", written);
    return {};
  }
  if (settings_.log.empty() || found->log.empty() || found->log == settings_.log) return {};
  return fail(Code::store_unfit, "the log in {} is number {}, the safe is that of number {}", settings_.folder, found->log,
              settings_.log);
}

std::unique_ptr<LogStore::Write> LogStore::begin_write() { return std::unique_ptr<Write>(new Write(*this)); }

Status LogStore::ready_to_write(std::size_t bytes, Reserve reserve) {
  if (!database_->stopped.empty()) {
    return fail(Code::queue_failed, "the log stopped and must be opened again: {}", database_->stopped);
  }
  std::uint64_t free = 0;
  const auto status = environment(settings_)->GetFreeSpace(settings_.folder, &free);
  if (!status.ok()) return store_failed("ask for free space", status);
  const std::int64_t stay_free = reserve == Reserve::kept ? settings_.free_bytes_min : 0;
  if (free < bytes + static_cast<std::uint64_t>(stay_free)) {
    return fail(Code::disk_full, "{} bytes are free under the log in {}, {} stay free", free, settings_.folder, stay_free);
  }
  return database_->undo ? open_again() : Status{};
}

// RocksDB would go on behind the torn record in the same file, and a start after a crash reads no further than the torn
// record. Opening again reads the file as such a start would, and begins a new one.
Status LogStore::open_again() {
  const std::unique_lock lock(database_->opening);
  database_->close();
  BS_TRY(database_->open(settings_));
  const auto status = database_->db->Write(synced(), database_->undo.get());
  if (!status.ok()) return store_failed("write to the log", status);
  database_->undo.reset();
  log_info("queue.disk_full_ended", "folder={}", settings_.folder);
  return {};
}

Status LogStore::commit(Write& write, bool sync) {
  const std::shared_lock lock(database_->opening);
  BS_TRY(database_->usable());
  const auto status = database_->db->Write(synced(sync), write.batch_->batch.get());
  if (status.ok()) return {};
  if (status.IsNoSpace()) {
    database_->undo = database_->opposite(*write.batch_->batch);
  } else {
    database_->stopped = status.ToString();
  }
  log_error("queue.write_failed", "folder={} error=\"{}\"", settings_.folder, status.ToString());
  return store_failed("write to the log", status);
}

}  // namespace backstitch::queue::embedded
