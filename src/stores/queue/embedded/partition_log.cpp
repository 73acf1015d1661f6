#include "stores/queue/embedded/partition_log.h"

#include <algorithm>

namespace backstitch::queue::embedded {
namespace {

std::size_t bytes_in_memory(const Record& record) {
  return sizeof(Record) + record.key.size() + record.schema.size() + record.headers.size() + record.value.size();
}

}  // namespace

PartitionLog::View PartitionLog::view() const {
  const std::lock_guard lock(mutex_);
  return view_;
}

void PartitionLog::open(const PartitionMeta& meta, const std::optional<Record>& first, Offset end) {
  next = end;
  gaps = meta.gaps;
  view_ = {first ? first->offset : end, end, first ? first->appended : Time{}};
}

std::optional<std::vector<Record>> PartitionLog::from_tail(Offset from, std::size_t records_max) const {
  const std::lock_guard lock(mutex_);
  if (tail_.empty() || from < tail_.front().offset || from > tail_.back().offset) return std::nullopt;
  const auto first = tail_.begin() + static_cast<std::ptrdiff_t>(from - tail_.front().offset);
  const auto count = std::min<std::size_t>(records_max, static_cast<std::size_t>(tail_.end() - first));
  return std::vector<Record>(first, first + static_cast<std::ptrdiff_t>(count));
}

void PartitionLog::publish(Record record, std::size_t tail_bytes_max) {
  const std::lock_guard lock(mutex_);
  if (view_.begin == view_.end) {
    view_.begin = record.offset;
    view_.first_at = record.appended;
  }
  view_.end = record.offset + 1;
  tail_bytes_ += bytes_in_memory(record);
  tail_.push_back(std::move(record));
  while (tail_bytes_ > tail_bytes_max && tail_.size() > 1) {
    tail_bytes_ -= bytes_in_memory(tail_.front());
    tail_.pop_front();
  }
}

void PartitionLog::cut(Offset begin, Time first_at) {
  const std::lock_guard lock(mutex_);
  std::erase_if(gaps, [&](const Gap& gap) { return gap.to <= begin; });
  view_.begin = begin;
  view_.first_at = first_at;
  while (!tail_.empty() && tail_.front().offset < begin) {
    tail_bytes_ -= bytes_in_memory(tail_.front());
    tail_.pop_front();
  }
}

void PartitionLog::open_behind(Offset position) {
  const std::lock_guard lock(mutex_);
  gaps.push_back({next, position});
  next = position;
  if (view_.begin == view_.end) view_.begin = position;
  view_.end = position;
  tail_.clear();
  tail_bytes_ = 0;
}

std::vector<std::pair<Offset, Offset>> PartitionLog::lost() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::pair<Offset, Offset>> out;
  for (const Gap& gap : gaps) {
    const Offset first = std::max(view_.begin, gap.from), behind = std::min(view_.end, gap.to);
    if (first < behind) out.emplace_back(first, behind);
  }
  return out;
}

Offset PartitionLog::count(Offset from, Offset to) const {
  Offset lost = 0;
  for (const Gap& gap : gaps) {
    const Offset first = std::max(from, gap.from), behind = std::min(to, gap.to);
    if (first < behind) lost += behind - first;
  }
  return to - from - lost;
}

}  // namespace backstitch::queue::embedded
