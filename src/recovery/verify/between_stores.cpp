#include "recovery/verify/between_stores.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/json.h"
#include "recovery/catalog/resync.h"

namespace backstitch::recovery {
namespace {

using queue::Offset;
using Place = std::pair<std::string, Partition>;  // topic, partition

/// Offset to read next, of everybody whose position stands in rows.
Result<std::map<Place, Offset>> positions_in_rows(database::Database& database, bool crm_reads) {
  std::map<Place, Offset> out;
  const auto positions = database.positions();
  if (!positions) return fail(positions.error());
  for (const database::Position& position : *positions) {
    out[{"incoming", position.partition}] = position.incoming;
    out[{"completer", position.partition}] = position.completer;
    if (crm_reads) out[{"order_orderitems", position.partition}] = 1;  // of whom nothing was ever delivered
  }
  if (!crm_reads) return out;
  const auto delivered = database.crm_positions();
  if (!delivered) return fail(delivered.error());
  for (const auto& [partition, next] : *delivered) out[{"order_orderitems", partition}] = next;
  return out;
}

Result<std::map<Place, queue::TopicInfo::End>> ends_of(queue::Queue& queue, const std::vector<const char*>& topics) {
  std::map<Place, queue::TopicInfo::End> out;
  for (const char* topic : topics) {
    const auto info = queue.topic(topic);
    if (!info) return fail(info.error());
    for (const queue::TopicInfo::End& end : info->partitions) out[{topic, end.partition}] = end;
  }
  return out;
}

std::string name_of(const Place& place) { return fmt::format("{} partition {}", place.first, place.second); }

}  // namespace

Result<Wrong> catalogs_differ(safe::Safe& safe, database::Database& database, objects::Objects* objects,
                              std::set<std::string> active) {
  const auto positions = database.positions();
  if (!positions) return fail(positions.error());
  for (const database::Position& position : *positions) active.insert(position.catalog_digest);
  const auto versions = resync_catalogs(safe, database, objects, "", {}, true);
  if (!versions) return fail(versions.error());
  Wrong wrong;
  for (const ResyncedVersion& version : *versions) {
    const bool may_lack = !active.contains(version.digest) && version.database == "missing";
    // An object is a copy that `catalog resync` makes: it may be missing, but not another.
    if (version.safe == "ok" && (version.database == "ok" || may_lack) && version.objects != "damaged") continue;
    wrong[version.digest] = fmt::format("catalog {}: safe {}, database {}{}{}", version.digest, version.safe, version.database,
                                        version.objects.empty() ? "" : ", objects ", version.objects);
  }
  return wrong;
}

// Where a log begins is read before the positions and where it ends after them: both only ever move on.
Result<Wrong> positions_off_the_log(queue::Queue& queue, database::Database& database, bool crm_reads) {
  std::vector<const char*> topics = {"incoming", "completer"};
  if (crm_reads) topics.push_back("order_orderitems");
  const auto before = ends_of(queue, topics);
  if (!before) return fail(before.error());
  const auto positions = positions_in_rows(database, crm_reads);
  if (!positions) return fail(positions.error());
  const auto after = ends_of(queue, topics);
  if (!after) return fail(after.error());
  Wrong wrong;
  for (const auto& [place, next] : *positions) {
    const auto first = before->find(place), last = after->find(place);
    if (first == before->end() || last == after->end())
      wrong[name_of(place)] = fmt::format("{}: a position, and no such log", name_of(place));
    else if (next < first->second.begin)
      wrong[name_of(place)] = fmt::format("{}: {} is to be read next, and what is still there begins at {}", name_of(place), next,
                                          first->second.begin);
    else if (next > last->second.end)
      wrong[name_of(place)] =
          fmt::format("{}: {} is to be read next, and the log ends at {}", name_of(place), next, last->second.end);
  }
  return wrong;
}

Result<Wrong> positions_before(database::Database& database, const std::string& topic,
                               const std::map<Partition, std::uint64_t>& ends) {
  const auto positions = positions_in_rows(database, true);
  if (!positions) return fail(positions.error());
  Wrong wrong;
  for (const auto& [partition, end] : ends) {
    const auto found = positions->find({topic, partition});
    const Offset next = found == positions->end() ? 1 : found->second;
    const std::string name = name_of({topic, partition});
    if (next < end) wrong[name] = fmt::format("{}: {} is to be read next, and up to {} all should be done", name, next, end);
  }
  return wrong;
}

// The mirror and the archive are read first: what follows them cannot be behind them by the time it is read.
Result<Wrong> numbers_given_again(queue::Queue& queue, safe::Safe& safe, database::Database& database) {
  const auto partitions = ends_of(queue, {"incoming", "completer"});
  if (!partitions) return fail(partitions.error());
  std::map<Place, std::uint64_t> archived;
  std::map<Partition, std::uint64_t> mirrored;
  for (const auto& [place, end] : *partitions) {
    const auto there = safe.archived_end(place.first, place.second);
    if (!there) return fail(there.error());
    const auto turn = safe.mirrored_turn(place.second);
    if (!turn) return fail(turn.error());
    archived[place] = *there, mirrored[place.second] = *turn;
  }
  const auto ends = ends_of(queue, {"incoming", "completer"});
  if (!ends) return fail(ends.error());
  const auto positions = database.positions();
  if (!positions) return fail(positions.error());
  Wrong wrong;
  for (const auto& [place, end] : *ends)
    if (end.end < archived[place])
      wrong[name_of(place)] = fmt::format("{}: the log gives out {} next, and the archive has records up to {}", name_of(place),
                                          end.end, archived[place] - 1);
  for (const database::Position& position : *positions)
    if (position.turn < mirrored[position.partition])
      wrong[fmt::format("turn {}", position.partition)] =
          fmt::format("partition {}: turn {} comes next, and the mirror has turns up to {}", position.partition,
                      position.turn + 1, mirrored[position.partition]);
  return wrong;
}

Result<Wrong> lasting(const std::function<Result<Wrong>()>& look, const std::function<bool()>& pause, int looks) {
  auto wrong = look();
  for (int looked = 1; wrong && !wrong->empty() && looked < looks; ++looked) {
    if (!pause()) return fail(Code::not_running, "it stops before it is sure of {} things", wrong->size());
    const auto again = look();
    if (!again) return again;
    std::erase_if(*wrong, [&](const auto& one) { return !again->contains(one.first); });
  }
  return wrong;
}

database::Violation violation_of(std::string id, std::string title, std::string owner, const Wrong& wrong) {
  constexpr std::size_t rows_max = 20;
  database::Violation out{std::move(id), std::move(title), std::move(owner), static_cast<std::int64_t>(wrong.size()), {}};
  for (const auto& [name, words] : wrong)
    if (out.rows.size() < rows_max) out.rows.push_back(write_json(boost::json::string(words)));
  return out;
}

void join(std::vector<database::Violation>& all, database::Violation one) {
  const auto there = std::find_if(all.begin(), all.end(), [&](const auto& other) { return other.invariant == one.invariant; });
  if (there == all.end()) return all.push_back(std::move(one));
  there->title += "; " + one.title, there->count += one.count;
  for (std::string& row : one.rows)
    if (there->rows.size() < 20) there->rows.push_back(std::move(row));
}

}  // namespace backstitch::recovery
