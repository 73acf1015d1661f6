// How the log is read (LogStore).
#include <rocksdb/db.h>

#include "stores/queue/embedded/log_database.h"

namespace backstitch::queue::embedded {
namespace {

std::string_view view(const rocksdb::Slice& text) { return {text.data(), text.size()}; }

tl::unexpected<Error> broken(TopicId topic, Partition partition) {
  return fail(Code::queue_failed, "a record of topic {} partition {} cannot be read back", topic, partition);
}

}  // namespace

Result<LogIdentity> LogStore::identity() {
  const std::shared_lock lock(database_->opening);
  BS_TRY(database_->usable());
  LogIdentity out;
  for (const auto& [key, value] : {std::pair("i", &out.log), std::pair("o", &out.owner)})
    if (const auto status = database_->db->Get({}, key, value); !status.ok() && !status.IsNotFound())
      return store_failed("read the log", status);
  return out;
}

Result<std::vector<Record>> LogStore::records(TopicId topic, Partition partition, Offset from, Offset end,
                                              std::size_t records_max) {
  const std::shared_lock lock(database_->opening);
  BS_TRY(database_->usable());
  std::string first, bound;
  encode_record_key(first, topic, partition, from);
  encode_record_key(bound, topic, partition, end);
  const rocksdb::Slice upper(bound);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &upper;
  const std::unique_ptr<rocksdb::Iterator> at(database_->db->NewIterator(options, database_->handles[records_family]));
  std::vector<Record> found;
  for (at->Seek(first); at->Valid() && found.size() < records_max; at->Next()) {
    auto record = decode_record(view(at->key()), view(at->value()));
    if (!record) return broken(topic, partition);
    found.push_back(std::move(*record));
  }
  if (!at->status().ok()) return store_failed("read the log", at->status());
  return found;
}

Result<std::optional<Record>> LogStore::last_record(TopicId topic, Partition partition) {
  const std::shared_lock lock(database_->opening);
  BS_TRY(database_->usable());
  std::string first, last;
  encode_record_key(first, topic, partition, 0);
  encode_record_key(last, topic, partition, ~Offset{0});
  const std::unique_ptr<rocksdb::Iterator> at(database_->db->NewIterator({}, database_->handles[records_family]));
  at->SeekForPrev(last);
  if (!at->status().ok()) return store_failed("read the log", at->status());
  if (!at->Valid() || at->key().compare(first) < 0) return std::optional<Record>{};
  auto record = decode_record(view(at->key()), view(at->value()));
  if (!record) return broken(topic, partition);
  return record;
}

Result<std::string> LogStore::holders(const std::string& claim_key) {
  const std::shared_lock lock(database_->opening);
  BS_TRY(database_->usable());
  std::string list;
  const auto status = database_->db->Get({}, database_->handles[claims_family], claim_key, &list);
  if (!status.ok() && !status.IsNotFound()) return store_failed("read a claim", status);
  return list;
}

Result<std::vector<TopicMeta>> LogStore::topics() {
  const std::shared_lock lock(database_->opening);
  BS_TRY(database_->usable());
  std::vector<TopicMeta> found;
  const std::unique_ptr<rocksdb::Iterator> at(database_->db->NewIterator({}, database_->handles[meta_family]));
  for (at->Seek("t"); at->Valid() && at->key().starts_with("t"); at->Next()) {
    auto topic = decode_topic(view(at->key()), view(at->value()));
    if (!topic) return fail(Code::queue_failed, "the settings of queue {} are broken", view(at->key()).substr(1));
    found.push_back(std::move(*topic));
  }
  if (!at->status().ok()) return store_failed("read the log", at->status());
  return found;
}

Result<PartitionMeta> LogStore::partition(TopicId topic, Partition partition) {
  const std::shared_lock lock(database_->opening);
  BS_TRY(database_->usable());
  std::string value;
  const auto status = database_->db->Get({}, database_->handles[meta_family], partition_key(topic, partition), &value);
  if (status.IsNotFound()) return PartitionMeta{};
  if (!status.ok()) return store_failed("read the log", status);
  auto found = decode_partition(value);
  if (!found) return fail(Code::queue_failed, "the ends of topic {} partition {} are broken", topic, partition);
  return *found;
}

}  // namespace backstitch::queue::embedded
