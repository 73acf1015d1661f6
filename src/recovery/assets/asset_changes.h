// What happened to assets, as the records of order_orderitems tell it: for people, for the window of a recovery, for the API.
#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "stores/queue/port.h"

namespace backstitch::recovery {

struct AssetRange {
  Time from, to;  // append times, both included; not set: the first record there ever was, the end as it is now
  /// Of a partition named here [first, second) is read, whatever its times are.
  std::map<Partition, std::pair<queue::Offset, queue::Offset>> offsets;
  Time now = {};  // when retention last went on; not set: whatever went before the first record may be of the range
};

struct AssetChange {
  Partition partition = 0;
  queue::Offset offset = 0;
  Time at;                          // append time
  std::uint64_t epoch = 0;          // of the platform that wrote it
  std::uint64_t version = 0;        // microseconds; grows with each change of the asset
  std::string asset_id, reference;  // "ast_…", and the name the CRM knows it by
  std::string account, product, order, line;
  std::string action;                         // "Add" "Change" "Disconnect" "Renew"
  std::string state;                          // "Active" "Ended"
  std::string before, after, service_record;  // JSON: objects; before and after may be null
};

/// Offsets [from, to) of which nothing can be said.
struct AssetGap {
  Partition partition = 0;
  queue::Offset from = 0, to = 0;
  Time from_at, to_at;  // not set: unknown. to_at of what expired: from then on all is there
  std::string why;      // "expired" "lost" "unreadable"
};

struct AssetChanges {
  Time from, to;  // as asked
  std::vector<AssetGap> gaps;
  std::vector<AssetChange> items;  // by partition, then offset
};

/// Reads only, moves nothing. A partition whose beginning is gone is a gap unless `from` lies at or behind its first record: when
/// what is gone was written, nobody knows any more. What expires while it reads becomes a gap. Holds all changes of the range in
/// memory. Code::topic_unknown, partition_unknown, queue_failed.
Result<AssetChanges> read_asset_changes(queue::Queue& queue, const AssetRange& range);

/// What one record of order_orderitems tells; one that cannot be read becomes a gap, one that tells of no asset nothing.
void take_asset_change(Partition partition, const queue::Record& record, AssetChanges& out);

/// {"schema":"assets.changes/1","from","to","gaps":[…],"items":[…]} and a line feed. 64-bit numbers are strings.
std::string asset_changes_json(const AssetChanges& changes);
/// RFC 4180 with a head line; column `kind` is "gap" or "change".
std::string asset_changes_csv(const AssetChanges& changes);

/// --from and --to, ?from= and ?to=: RFC 3339, or a duration before `now`; empty: not set. Code::usage names the text.
Result<Time> asset_time(std::string_view text, Time now);
/// Code::usage for a format that is neither json nor csv; empty is json.
Result<std::string> asset_changes_text(const AssetChanges& changes, std::string_view format);

}  // namespace backstitch::recovery
