#include "stores/queue/kafka/partition_fold.h"

#include <algorithm>

namespace backstitch::queue::kafka {
namespace {

std::size_t bytes_of(const Record& record) {
  return sizeof(Record) + record.key.size() + record.schema.size() + record.headers.size() + record.value.size();
}

}  // namespace

void Holes::add(Offset offset) {
  auto after = ranges_.upper_bound(offset);
  if (after != ranges_.begin()) {
    const auto before = std::prev(after);
    if (before->second > offset) return;
    if (before->second == offset) {
      ++before->second;
      if (after != ranges_.end() && after->first == before->second) before->second = after->second, ranges_.erase(after);
      return;
    }
  }
  if (after != ranges_.end() && after->first == offset + 1) {
    const Offset to = after->second;
    ranges_.erase(after);
    ranges_[offset] = to;
    return;
  }
  ranges_[offset] = offset + 1;
}

void Holes::cut_before(Offset begin) {
  while (!ranges_.empty() && ranges_.begin()->second <= begin) ranges_.erase(ranges_.begin());
}

void Holes::cut_from(Offset end) {
  while (!ranges_.empty() && ranges_.rbegin()->first >= end) ranges_.erase(std::prev(ranges_.end()));
  if (!ranges_.empty()) ranges_.rbegin()->second = std::min(ranges_.rbegin()->second, end);
}

Offset Holes::next_record(Offset from) const {
  const auto after = ranges_.upper_bound(from);
  if (after == ranges_.begin()) return from;
  const auto before = std::prev(after);
  return before->second > from ? before->second : from;
}

std::vector<std::pair<Offset, Offset>> Holes::within(Offset from, Offset to) const {
  std::vector<std::pair<Offset, Offset>> out;
  for (const auto& [begin, end] : ranges_) {
    if (end <= from || begin >= to) continue;
    out.emplace_back(std::max(begin, from), std::min(end, to));
  }
  return out;
}

std::uint64_t Holes::count(Offset from, Offset to) const {
  std::uint64_t sum = 0;
  for (const auto& [begin, end] : within(from, to)) sum += end - begin;
  return sum;
}

void PartitionFold::start(Offset from, Time time) {
  low_ = tail_from_ = std::max<Offset>(from, 1);
  next_ = from, last_at_ = time;
  expected_.erase(expected_.begin(), expected_.lower_bound(low_));
  claimed.erase(claimed.begin(), claimed.lower_bound(low_));
}

Offset PartitionFold::begin() const { return std::min(holes_.next_record(low_), end()); }

bool PartitionFold::pass(Record record, BatchId batch, Verdict verdict, std::int64_t now_ms, std::size_t tail_bytes_max) {
  next_ = record.offset + 1;
  if (record.appended < last_at_) {
    record.appended = last_at_;
    if (!put_right_.empty() && put_right_.back().at == last_at_ && put_right_.back().to == record.offset) {
      ++put_right_.back().to;
    } else {
      put_right_.push_back({record.offset, record.offset + 1, last_at_});
    }
  }
  last_at_ = record.appended;
  if (record.offset == 0) return false;
  waiting_.push_back({std::move(record), batch, verdict, now_ms});
  return settle(tail_bytes_max);
}

bool PartitionFold::decide(Offset offset, BatchId batch, bool counts, std::size_t tail_bytes_max) {
  if (offset < low_) return false;
  if (offset >= next_) {
    expected_[offset] = {batch, counts};
    return false;
  }
  const auto at = std::lower_bound(waiting_.begin(), waiting_.end(), offset,
                                   [](const Waiting& waiting, Offset wanted) { return waiting.record.offset < wanted; });
  if (at == waiting_.end() || at->record.offset != offset || at->batch != batch || at->verdict != Verdict::undecided)
    return false;
  at->verdict = counts ? Verdict::counts : Verdict::hole;
  return settle(tail_bytes_max);
}

bool PartitionFold::make_void(BatchId batch, std::size_t tail_bytes_max) {
  for (Waiting& waiting : waiting_)
    if (waiting.batch == batch && waiting.verdict == Verdict::undecided) waiting.verdict = Verdict::hole;
  return settle(tail_bytes_max);
}

std::optional<PartitionFold::Expected> PartitionFold::take_expected(Offset offset) {
  const auto found = expected_.find(offset);
  if (found == expected_.end()) return {};
  const Expected expected = found->second;
  expected_.erase(found);
  return expected;
}

void PartitionFold::forget_expected(Offset offset, BatchId batch) {
  const auto found = expected_.find(offset);
  if (found != expected_.end() && found->second.batch == batch) expected_.erase(found);
}

bool PartitionFold::settle(std::size_t tail_bytes_max) {
  bool moved = false;
  while (!waiting_.empty() && waiting_.front().verdict != Verdict::undecided) {
    Waiting front = std::move(waiting_.front());
    waiting_.pop_front();
    moved = true;
    if (front.verdict != Verdict::counts) {
      holes_.add(front.record.offset);
      if (front.verdict == Verdict::lost) tails_.add(front.record.offset);
    } else if (front.record.offset >= low_) {
      if (holes_.next_record(low_) == front.record.offset) note_first(front.record);
      keep(std::move(front.record), tail_bytes_max);
    }
  }
  return moved;
}

void PartitionFold::keep(Record record, std::size_t tail_bytes_max) {
  tail_bytes_ += bytes_of(record);
  tail_.push_back(std::move(record));
  while (tail_bytes_ > tail_bytes_max && !tail_.empty()) {
    tail_bytes_ -= bytes_of(tail_.front());
    tail_from_ = tail_.front().offset + 1;
    tail_.pop_front();
  }
}

std::optional<std::vector<Record>> PartitionFold::from_tail(Offset from, std::size_t records_max) const {
  if (from < tail_from_) return {};
  auto at = std::lower_bound(tail_.begin(), tail_.end(), from,
                             [](const Record& record, Offset wanted) { return record.offset < wanted; });
  std::vector<Record> out;
  for (; at != tail_.end() && out.size() < records_max; ++at) out.push_back(*at);
  return out;
}

Time PartitionFold::time_of(Offset offset, Time told) const {
  for (const PutRight& range : put_right_)
    if (range.from <= offset && offset < range.to) return range.at;
  return told;
}

std::optional<Offset> PartitionFold::put_right_at(Time time) const {
  for (const PutRight& range : put_right_)
    if (range.at >= time) return range.from;
  return {};
}

void PartitionFold::cut(Offset low) {
  if (low <= low_) return;
  low_ = low;
  holes_.cut_before(low);
  tails_.cut_before(low);
  claimed.erase(claimed.begin(), claimed.lower_bound(low));
  std::erase_if(put_right_, [&](const PutRight& range) { return range.to <= low; });
  while (!tail_.empty() && tail_.front().offset < low) {
    tail_bytes_ -= bytes_of(tail_.front());
    tail_.pop_front();
  }
  tail_from_ = std::max(tail_from_, low);
  if (!tail_.empty() && tail_.front().offset == begin()) note_first(tail_.front());
}

void PartitionFold::jump(Offset low) {
  waiting_.clear();
  tail_.clear();
  tail_bytes_ = 0, next_ = tail_from_ = low;
  expected_.erase(expected_.begin(), expected_.lower_bound(low));
  cut(low);
}

void PartitionFold::rewind(Offset end) {
  next_ = end;
  while (!waiting_.empty() && waiting_.back().record.offset >= end) waiting_.pop_back();
  while (!tail_.empty() && tail_.back().offset >= end) {
    tail_bytes_ -= bytes_of(tail_.back());
    tail_.pop_back();
  }
  tail_from_ = std::min(tail_from_, std::max<Offset>(end, 1));
  holes_.cut_from(end);
  tails_.cut_from(end);
}

}  // namespace backstitch::queue::kafka
