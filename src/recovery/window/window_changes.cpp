#include "recovery/window/window_changes.h"

#include <algorithm>
#include <tuple>

#include "recovery/drain/drain.h"

namespace backstitch::recovery {
namespace {

constexpr std::string_view topic_name = "order_orderitems", evidence_folder = "evidence/";

/// Ends only grow, in every partition.
queue::Offset ends_sum(const Drained& drained) {
  queue::Offset sum = 0;
  for (const DrainedPartition& part : drained.partitions) sum += part.end;
  return sum;
}

/// Every drain of the topic that left a manifest, of recoveries and by hand.
Result<std::vector<Drained>> drains(safe::Safe& safe) {
  const auto names = safe.list(std::string(evidence_folder));
  if (!names) return fail(names.error());
  const std::string ending = "/" + std::string(topic_name) + ".json";
  std::vector<Drained> out;
  for (const std::string& name : *names) {
    if (!name.ends_with(ending)) continue;
    const std::string label = name.substr(evidence_folder.size(), name.size() - evidence_folder.size() - ending.size());
    auto drained = load_drained(safe, label, std::string(topic_name));
    if (!drained) return fail(std::move(drained.error()));
    out.push_back(std::move(*drained));
  }
  // Backwards: what was drained last lies right before the queue's first record. Names say nothing: some drains are made by hand.
  std::sort(out.begin(), out.end(), [](const Drained& left, const Drained& right) { return ends_sum(left) > ends_sum(right); });
  return out;
}

const DrainedPartition* part_of(const Drained& drained, Partition partition) {
  for (const DrainedPartition& part : drained.partitions)
    if (part.partition == partition) return &part;
  return nullptr;
}

bool is_expired(const AssetGap& gap) { return gap.why == "expired"; }

/// Takes off a gap's end what the evidence covers.
void narrow(AssetGap& gap, const Drained& drained) {
  const DrainedPartition* part = part_of(drained, gap.partition);
  if (is_expired(gap) && part && part->from < gap.to && part->end >= gap.to) gap.to = std::max(gap.from, part->from);
}

}  // namespace

std::int64_t changes_since(const AssetChanges& changes, Time since) {
  return std::count_if(changes.items.begin(), changes.items.end(), [&](const AssetChange& change) { return change.at >= since; });
}

Result<AssetChanges> changes_of_window(queue::Queue& queue, safe::Safe& safe, Time since, Time now) {
  auto changes = read_asset_changes(queue, {.from = since, .to = {}, .offsets = {}, .now = now});
  if (!changes || std::none_of(changes->gaps.begin(), changes->gaps.end(), is_expired)) return changes;
  const auto drained = drains(safe);
  if (!drained) return fail(drained.error());
  std::map<Partition, queue::Offset> first;  // of what the queue, or a later drain, has told
  for (const AssetGap& gap : changes->gaps)
    if (is_expired(gap)) first.try_emplace(gap.partition, gap.to);
  for (const Drained& one : *drained) {
    if (std::none_of(changes->gaps.begin(), changes->gaps.end(), is_expired)) break;
    for (AssetGap& gap : changes->gaps) narrow(gap, one);
    std::map<Partition, Time> begins;
    const Status read = read_drained(safe, one, [&](Partition partition, const queue::Record& record) {
      begins.try_emplace(partition, record.appended);
      const auto missing = first.find(partition);
      if (missing != first.end() && record.offset < missing->second && record.appended >= since)
        take_asset_change(partition, record, *changes);
    });
    if (!read) return fail(read.error());
    for (auto& [partition, offset] : first)
      if (const DrainedPartition* part = part_of(one, partition)) offset = std::min(offset, part->from);
    // What was there when the window began is older than the window before it.
    std::erase_if(changes->gaps, [&](const AssetGap& gap) {
      const auto begin = begins.find(gap.partition);
      return is_expired(gap) && (gap.from >= gap.to || (begin != begins.end() && begin->second <= since));
    });
  }
  std::sort(changes->items.begin(), changes->items.end(), [](const AssetChange& left, const AssetChange& right) {
    return std::tie(left.partition, left.offset) < std::tie(right.partition, right.offset);
  });
  return changes;
}

}  // namespace backstitch::recovery
