// How a write is put together (LogStore::Write).
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include "stores/queue/embedded/log_database.h"

namespace backstitch::queue::embedded {

LogStore::Write::Write(LogStore& store) : store_(store), batch_(std::make_unique<Batch>()) {
  batch_->batch = std::make_unique<rocksdb::WriteBatch>();
}
LogStore::Write::~Write() = default;

void LogStore::Write::put_record(TopicId topic, Partition partition, const Record& record) {
  encode_record_key(key_, topic, partition, record.offset);
  value_.clear();
  encode_record(value_, record);
  batch_->batch->Put(store_.database_->handles[records_family], key_, value_);
}

void LogStore::Write::put_claim(const std::string& key, const std::string& list) {
  batch_->batch->Put(store_.database_->handles[claims_family], key, list);
}

void LogStore::Write::put_owner(const std::string& owner) { batch_->batch->Put("o", owner); }

void LogStore::Write::put_topic(const TopicMeta& topic) {
  batch_->batch->Put(store_.database_->handles[meta_family], topic_key(topic.name), encode_topic(topic));
}

void LogStore::Write::put_partition(TopicId topic, Partition partition, const PartitionMeta& meta) {
  batch_->batch->Put(store_.database_->handles[meta_family], partition_key(topic, partition), encode_partition(meta));
}

void LogStore::Write::remove_records(TopicId topic, Partition partition, Offset from, Offset end) {
  encode_record_key(key_, topic, partition, from);
  encode_record_key(value_, topic, partition, end);
  batch_->batch->DeleteRange(store_.database_->handles[records_family], key_, value_);
}

}  // namespace backstitch::queue::embedded
