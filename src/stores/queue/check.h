// What every queue refuses in the same words, whatever keeps its records.
#pragma once
#include "stores/queue/port.h"

namespace backstitch::queue {

constexpr std::size_t value_bytes_max = 8 << 20;
constexpr std::size_t label_bytes_max = 1 << 20;    // key, schema, headers and claim together
constexpr std::size_t batch_bytes_max = 256 << 20;  // one batch is one write

/// Code::partition_unknown outside 0 … partitions-1.
Status check_partition(const std::string& topic, Partition partition, Partition partitions);
/// Code::partition_unknown, record_too_large, append_invalid (a claim mode without a claim, or the other way round).
Status check_append(const Append& append, Partition partitions);
/// Every append, and that the batch is not too large.
Status check_batch(const std::vector<Append>& batch, Partition partitions);
/// Code::offset_expired, offset_behind_end.
Status check_offset(const std::string& topic, Partition partition, Offset from, Offset begin, Offset end);

std::size_t bytes_of(const Append& append);

}  // namespace backstitch::queue
