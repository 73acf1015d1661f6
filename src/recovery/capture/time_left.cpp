#include "recovery/capture/time_left.h"

#include <algorithm>
#include <map>

#include "recovery/registry/stores.h"
#include "recovery/saga/plan.h"
#include "recovery/saga/steps.h"
#include "stores/database/backup/backup.h"
#include "stores/queue/expired.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

json::value time_or_null(Time time) { return time.is_set() ? json::value(rfc3339(time)) : json::value(nullptr); }

json::object row_of(const StoreEntry& entry, const std::string& evidence, const char* state, const std::string& why) {
  return {{"store", entry.name}, {"evidence", evidence},   {"state", state},     {"expiresAt", nullptr},
          {"leftMs", nullptr},   {"retentionMs", nullptr}, {"expired", nullptr}, {"why", why}};
}

void note_expired(json::object& row, Time since, Time until) {
  if (until.is_set() && until > since) row["expired"] = json::object{{"from", time_or_null(since)}, {"to", rfc3339(until)}};
}

/// When the oldest record of the window that is still there goes.
Time expires_at(const queue::TopicInfo& topic, Time since, Time now) {
  if (since.is_set() && since.plus_ms(topic.retention_ms) > now) return since.plus_ms(topic.retention_ms);
  Time oldest;
  for (const auto& end : topic.partitions)
    if (end.first_at.is_set() && (!oldest.is_set() || end.first_at < oldest)) oldest = end.first_at;
  if (!oldest.is_set()) return {};
  return std::max(oldest, since).plus_ms(topic.retention_ms);
}

json::object queue_row(const TimeLeftSources& sources, const StoreEntry& entry, const queue::TopicInfo& topic) {
  const bool held = sources.held_since.is_set();
  json::object row = row_of(entry, topic.name, "kept", "without retention: kept until somebody drains it");
  const auto until = lost_until(sources.safe, {}, topic, held ? sources.held_since : sources.now);
  if (!until) return row_of(entry, topic.name, "unknown", until.error().text());
  note_expired(row, sources.since, *until);
  row["retentionMs"] = topic.retention_ms;
  if (topic.retention_ms <= 0) return row;
  row["why"] = fmt::format("retention {}", duration_text(topic.retention_ms));
  if (held) {
    row["state"] = "held", row["why"] = "retention stands still while a recovery is under way";
    return row;
  }
  const Time at = expires_at(topic, sources.since, sources.now);
  if (!at.is_set()) {
    row["why"] = fmt::format("empty; retention {}", duration_text(topic.retention_ms));
    return row;
  }
  row["state"] = "expires", row["expiresAt"] = rfc3339(at);
  row["leftMs"] = std::max<std::int64_t>(0, (at.us - sources.now.us) / 1000);
  return row;
}

bool holds(const StoreEntry& entry, const std::string& topic) {
  if (entry.topics.ends_with('*')) return topic.starts_with(entry.topics.substr(0, entry.topics.size() - 1));
  return topic == entry.topics;
}

void add_queues(const TimeLeftSources& sources, const StoreEntry& entry, json::array& rows) {
  if (!sources.queue) {
    rows.push_back(row_of(entry, std::string(entry.topics), "unknown", "the log cannot be asked at this moment"));
    return;
  }
  for (const std::string& name : sources.queue->topics()) {
    if (!holds(entry, name)) continue;
    const auto topic = sources.queue->topic(name);
    rows.push_back(topic ? queue_row(sources, entry, *topic) : row_of(entry, name, "unknown", topic.error().text()));
  }
}

json::object wal_row(const TimeLeftSources& sources, const StoreEntry& entry) {
  const auto backups = sources.provider ? sources.provider->backups() : database::Backups(sources.folders).list();
  if (!backups) return row_of(entry, "base backups and WAL", "unknown", backups.error().text());
  if (backups->empty()) return row_of(entry, "base backups and WAL", "none", "there is no base backup");
  json::object row =
      row_of(entry, "base backups and WAL", "kept",
             sources.provider && std::string_view(sources.provider->name()) != "own"
                 ? fmt::format("backups at {}: {}; kept as long as it is told to", sources.provider->name(), backups->size())
                 : fmt::format("base backups in the safe: {}; kept until they are removed", backups->size()));
  note_expired(row, sources.since, backups->front().ended_at);
  return row;
}

}  // namespace

Result<Time> lost_until(safe::Safe& safe, const std::string& recovery_id, const queue::TopicInfo& topic, Time now) {
  const auto ids = recoveries(safe);
  if (!ids) return fail(ids.error());
  std::map<Partition, std::uint64_t> drained;  // behind the seals of the recoveries before: what lay there is in their evidence
  for (const std::string& id : *ids) {
    if (id == recovery_id) continue;
    const auto journal = Journal::open(safe, id);
    if (!journal) return fail(journal.error());
    for (const auto& [partition, end] : sealed_ends(*journal, topic.name)) drained[partition] = std::max(drained[partition], end);
  }
  Time until;
  for (const auto& end : topic.partitions) {
    const auto before = drained.find(end.partition);
    if (before != drained.end() && end.begin <= before->second) continue;
    until = std::max(until, queue::expired_until(topic, end, now));
  }
  return until;
}

std::optional<json::array> time_left_noted(const Journal& journal) {
  if (journal.is_done("resume") || journal.notes().contains("undone")) return json::array();
  const json::object frozen = journal.step("freeze").result;
  const json::value* rows = frozen.if_contains("evidence");
  if (!rows || !rows->is_array()) return std::nullopt;
  return rows->get_array();
}

json::array time_left(const TimeLeftSources& sources) {
  json::array rows;
  for (const StoreEntry& entry : all_stores()) {
    const std::string holds(entry.holds);
    switch (entry.evidence) {
      case Evidence::none: rows.push_back(row_of(entry, "", "none", std::string(entry.comes_back))); break;
      case Evidence::retention: add_queues(sources, entry, rows); break;
      case Evidence::archive:
        rows.push_back(row_of(entry, std::string(entry.topics), "kept", "archived in the safe as long as base backups"));
        break;
      case Evidence::wal: rows.push_back(wal_row(sources, entry)); break;
      case Evidence::digest: rows.push_back(row_of(entry, holds, "kept", "never changed, and kept until it is removed")); break;
      case Evidence::outside: rows.push_back(row_of(entry, holds, "outside", "as long as the other side keeps it")); break;
    }
  }
  return rows;
}

}  // namespace backstitch::recovery
