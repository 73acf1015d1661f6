// Draining reads a derived queue to its noted end into the evidence of the safe, and only then moves it. It decides nothing and
// never goes by wall clock. `incoming` is never drained: what was acknowledged is replayed.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "stores/queue/port.h"
#include "stores/safe/port.h"

namespace backstitch::recovery {

/// Where reading ends in each partition. What is appended behind it meanwhile stays.
using Ends = std::map<Partition, queue::Offset>;

struct DrainSettings {
  Ends from;                                       // a partition that is not named: from its begin
  Ends end;                                        // a partition that is not named: to its end as it is now
  std::optional<queue::Offset> to;                 // no partition is read further than here
  bool dry_run = false;                            // counts what would be read; writes and moves nothing
  bool force = false;                              // also outside a recovery
  std::size_t records_max = 1000;                  // in one read
  std::function<Status(const Ends&)> move_reader;  // order_orderitems: the CRM's position goes to these ends, before the trim
};

struct DrainedPartition {
  Partition partition = 0;
  queue::Offset from = 1, end = 1;  // read: [from, end)
  std::uint64_t records = 0;
  std::vector<std::pair<queue::Offset, queue::Offset>> lost;  // ranges of it that hold no record, [from, to): a tail was lost
  bool operator==(const DrainedPartition&) const = default;
};

struct Drained {
  std::string label, topic;
  std::string file, manifest;  // names in the safe: evidence/<label>/<topic>.jsonl and .json
  std::string sha256;          // of the file
  std::uint64_t records = 0, bytes = 0;
  std::vector<DrainedPartition> partitions;
  std::map<std::string, std::uint64_t> schemas;  // records by schema
  bool moved = false;                            // the records are gone from the queue; they stay while its retention is held
  Ends ends() const;
};

/// The recovery under way, else "drain-20261127T031500Z".
std::string drain_label(const safe::Epoch& epoch, Time now);

/// Records of `completer` stay where they are: they are archived, and their position is the shard's.
bool moves_when_drained(const std::string& topic);

/// Reads, writes the file, then the manifest, then moves: an abort at any line leaves either no manifest and every record in the
/// queue, or both files whole. Again under the same label: what was written is checked and kept, what came since goes on behind
/// it, and an unfinished move is finished. Code::drain_refused (incoming; outside a recovery without force), drain_incomplete
/// (the counts do not meet the offsets; nothing was moved), topic_unknown, offset_behind_end, checksum_mismatch (the evidence was
/// changed), safe_failed.
Result<Drained> drain(queue::Queue& queue, safe::Safe& safe, const std::string& label, const std::string& topic,
                      const DrainSettings& settings);

/// The manifest as it stands in the safe. Code::object_not_found, json_invalid.
Result<Drained> load_drained(safe::Safe& safe, const std::string& label, const std::string& topic);
std::string drained_json(const Drained& drained);

/// Calls `each` for every record of the evidence, in the file's order. Holds the file in memory. Code::object_not_found,
/// checksum_mismatch (it is not what the manifest says), json_invalid.
Status read_drained(safe::Safe& safe, const Drained& drained, const std::function<void(Partition, const queue::Record&)>& each);

}  // namespace backstitch::recovery
