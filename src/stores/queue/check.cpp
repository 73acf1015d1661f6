#include "stores/queue/check.h"

namespace backstitch::queue {

Status check_partition(const std::string& topic, Partition partition, Partition partitions) {
  if (partition >= 0 && partition < partitions) return {};
  return fail(Code::partition_unknown, "partition {} of queue {}; there are 0 to {}", partition, topic, partitions - 1);
}

Status check_append(const Append& append, Partition partitions) {
  BS_TRY(check_partition(append.topic, append.partition, partitions));
  if (append.value.size() > value_bytes_max) {
    return fail(Code::record_too_large, "a record for queue {}, key {}, has {} bytes", append.topic, append.key,
                append.value.size());
  }
  const std::size_t labels = bytes_of(append) - append.value.size();
  if (labels > label_bytes_max) {
    return fail(Code::record_too_large, "key, headers and claim of a record for queue {} have {} bytes, at most {} are kept",
                append.topic, labels, label_bytes_max);
  }
  if ((append.mode == ClaimMode::none) != append.claim.empty()) {
    return fail(Code::append_invalid, "a record for queue {}, key {}, has the claim \"{}\" and claim mode {}", append.topic,
                append.key, append.claim, static_cast<int>(append.mode));
  }
  return {};
}

Status check_batch(const std::vector<Append>& batch, Partition partitions) {
  std::size_t bytes = 0;
  for (const Append& append : batch) {
    BS_TRY(check_append(append, partitions));
    bytes += bytes_of(append);
  }
  if (bytes <= batch_bytes_max) return {};
  return fail(Code::record_too_large, "a batch of {} records has {} bytes, at most {} are written at once", batch.size(), bytes,
              batch_bytes_max);
}

Status check_offset(const std::string& topic, Partition partition, Offset from, Offset begin, Offset end) {
  if (from < begin) {
    return fail(Code::offset_expired, "offset {} of queue {}, partition {}; the first still there is {}", from, topic, partition,
                begin);
  }
  if (from > end) {
    return fail(Code::offset_behind_end, "offset {} of queue {}, partition {}; it ends at {}", from, topic, partition, end);
  }
  return {};
}

std::size_t bytes_of(const Append& append) {
  return append.key.size() + append.schema.size() + append.headers.size() + append.value.size() + append.claim.size();
}

}  // namespace backstitch::queue
