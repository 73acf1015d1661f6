#include "stores/queue/embedded/log_database.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include "stores/queue/embedded/fault_layer.h"

namespace backstitch::queue::embedded {
namespace {

rocksdb::Options database_options(rocksdb::Env* env) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.env = env;
  options.max_open_files = 256;  // the soft limit of a bare machine is 1024
  options.max_background_jobs = 2;
  options.max_total_wal_size = 32 << 20;  // a start reads all of it: a recovery's outage waits for that
  options.keep_log_file_num = 3;
  options.info_log_level = rocksdb::WARN_LEVEL;
  options.allow_fallocate = false;                  // preallocated blocks would count as a full disk
  options.allow_concurrent_memtable_write = false;  // there is one writer
  return options;
}

rocksdb::ColumnFamilyOptions family_options(Family family, const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = 64 << 20;
  options.compression = rocksdb::kLZ4Compression;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  if (family == records_family) {  // else what retention removed stays on the disk until its file happens to be compacted
    options.periodic_compaction_seconds = 2 * 3600;
  }
  if (family == claims_family) {  // most claims are new: the filter answers without touching a block
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10, false));
    options.memtable_prefix_bloom_size_ratio = 0.05;
    options.memtable_whole_key_filtering = true;
  }
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

}  // namespace

LogStore::Database::Database() : cache(rocksdb::NewLRUCache(32 << 20)) {}
LogStore::Database::~Database() { close(); }

void LogStore::Database::close() {
  for (auto* handle : handles) db->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  handles.clear();
  db.reset();
}

Status LogStore::Database::open(const StoreSettings& settings) {
  const std::vector<rocksdb::ColumnFamilyDescriptor> wanted = {
      {rocksdb::kDefaultColumnFamilyName, family_options(meta_family, cache)},
      {"records", family_options(records_family, cache)},
      {"claims", family_options(claims_family, cache)}};
  rocksdb::DB* opened = nullptr;
  auto options = database_options(environment(settings));
  if (settings.beside_owner) options.max_open_files = -1;  // all from the start: the owner may take a file away
  const auto status = settings.beside_owner ? rocksdb::DB::OpenForReadOnly(options, settings.folder, wanted, &handles, &opened)
                                            : rocksdb::DB::Open(options, settings.folder, wanted, &handles, &opened);
  db.reset(opened);
  if (!status.ok()) return store_failed("open the log", status);
  return {};
}

Status LogStore::Database::usable() const {
  if (db) return {};
  return fail(Code::queue_failed, "the log is closed: it could not be opened again after a full disk");
}

// A failed write is in the file at most, not in memory, so what is stored now is what was there before it.
std::unique_ptr<rocksdb::WriteBatch> LogStore::Database::opposite(const rocksdb::WriteBatch& batch) {
  struct Visitor : rocksdb::WriteBatch::Handler {
    Database& database;
    std::unique_ptr<rocksdb::WriteBatch> opposite = std::make_unique<rocksdb::WriteBatch>();
    explicit Visitor(Database& of) : database(of) {}
    rocksdb::Status PutCF(std::uint32_t family, const rocksdb::Slice& key, const rocksdb::Slice&) override {
      auto* handle = database.handles[family];
      std::string before;
      const auto status = database.db->Get({}, handle, key, &before);
      return status.ok() ? opposite->Put(handle, key, before) : opposite->Delete(handle, key);
    }
    rocksdb::Status DeleteRangeCF(std::uint32_t, const rocksdb::Slice&, const rocksdb::Slice&) override { return {}; }
  } visitor(*this);
  batch.Iterate(&visitor).PermitUncheckedError();
  return std::move(visitor.opposite);
}

rocksdb::Env* environment(const StoreSettings& settings) {
  return settings.faults ? settings.faults->env() : rocksdb::Env::Default();
}

tl::unexpected<Error> store_failed(const char* act, const rocksdb::Status& status) {
  return fail(status.IsNoSpace() ? Code::disk_full : Code::queue_failed, "cannot {}: {}", act, status.ToString());
}

}  // namespace backstitch::queue::embedded
