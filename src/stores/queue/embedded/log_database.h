// The open RocksDB of a log_store, for its own source files.
#pragma once
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "base/files.h"
#include "stores/queue/embedded/log_store.h"

namespace rocksdb {
class Cache;
class ColumnFamilyHandle;
class DB;
class Env;
class Slice;
class Status;
class WriteBatch;
}  // namespace rocksdb

namespace backstitch::queue::embedded {

enum Family { meta_family, records_family, claims_family };

struct LogStore::Database {
  Database();
  ~Database();
  Status open(const StoreSettings& settings);
  void close();
  /// Code::queue_failed while it is closed.
  Status usable() const;
  /// The batch that sets every key of `batch` to what is stored now.
  std::unique_ptr<rocksdb::WriteBatch> opposite(const rocksdb::WriteBatch& batch);

  std::shared_ptr<rocksdb::Cache> cache;
  std::optional<FolderLock> owner;
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;  // by Family
  std::shared_mutex opening;                          // shared while in use, exclusive while it is opened again
  std::string stopped;                                // why no write is accepted any more
  std::unique_ptr<rocksdb::WriteBatch> undo;          // after a full disk: takes back what the failed write may have left
};

struct LogStore::Write::Batch {
  std::unique_ptr<rocksdb::WriteBatch> batch;
};

rocksdb::Env* environment(const StoreSettings& settings);
/// Code::disk_full or queue_failed.
tl::unexpected<Error> store_failed(const char* act, const rocksdb::Status& status);

}  // namespace backstitch::queue::embedded
