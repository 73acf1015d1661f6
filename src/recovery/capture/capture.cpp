// Evidence first: nothing is rewound before the last of the log, of the turns, of the WAL and of what the outside was told lies
// in the safe. What has expired already is declared as a gap with its period.
#include <future>

#include "base/hash.h"
#include "base/json.h"
#include "base/probe.h"
#include "recovery/capture/evidence.h"
#include "recovery/prepared/digests_before.h"
#include "recovery/saga/steps.h"
#include "stores/database/backup/measure.h"
#include "stores/database/postgres/database.h"
#include "stores/safe/keep_log.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

constexpr std::int64_t archive_wait_ms = 120'000;

Status mirror_rest(World& world, database::Database& live) {
  auto connection = live.open_shard();
  if (!connection) return fail(std::move(connection.error()));
  for (Partition partition = 0; partition < world.partitions; ++partition) {
    const auto lines = safe::unmirrored_turns(**connection, world.safe, partition);
    if (!lines) return fail(lines.error());
    if (!lines->empty()) BS_TRY(world.safe.mirror_turns(partition, *lines));
  }
  return {};
}

/// What the damaged database holds, small enough to compare: a digest for each account.
Result<std::size_t> keep_account_digests(World& world, const std::string& connection, bool wal_is_archived) {
  const auto digests = digests_before(world, connection, wal_is_archived);
  if (!digests) return fail(digests.error());
  std::string lines;
  for (const auto& [account, digest] : *digests) {
    lines += "{\"account\":";
    append_json_string(lines, account);
    lines += ",\"digest\":\"" + digest64_text(digest) + "\"}\n";
  }
  BS_TRY(world.safe.put(evidence_name(world.plan, accounts_before), lines));
  return digests->size();
}

/// The rest of the log into its archive.
Status archive_log(World& world) {
  if (!guarded(Guard::evidence_before_rewind)) return {};
  for (const char* topic : {"incoming", "completer"}) BS_TRY(safe::archive_rest(*world.queue, world.safe, topic));
  return {};
}

/// Every derived queue as a file.
Result<json::array> keep_queues(World& world, const Journal& journal) {
  json::array queues;
  if (!guarded(Guard::evidence_before_rewind)) return queues;
  for (const std::string& topic : derived_topics(*world.queue)) {
    auto kept = export_queue(world, journal, topic);
    if (!kept) return fail(std::move(kept.error()));
    queues.push_back(std::move(*kept));
  }
  return queues;
}

/// All of the WAL into the safe: false, with a gap, when it does not get there.
bool archive_wal(database::LeftDatabase& left, json::array& gaps) {
  if (!guarded(Guard::evidence_before_rewind)) return false;
  const Status archived = left.archive_rest(archive_wait_ms);
  if (!archived) gaps.push_back(gap_object("WAL", {}, {}, archived.error().text()));
  return archived.has_value();
}

json::object cut_object(const std::string& lsn, Time at) { return {{"lsn", lsn}, {"time", rfc3339(at)}, {"timeUs", at.us}}; }

/// Where its history cannot be read, the end is where it was left.
Status note_end(World& world, const std::string& connection, json::object& result) {
  if (provider_of(world).history()) return {};
  auto session = database::Connection::open(connection);
  if (!session) return fail(std::move(session.error()));
  const auto place = database::place_of(*session);
  if (!place) return fail(place.error());
  result["cut"] = cut_object(*place, wall_clock());
  return {};
}

/// The last commit that is known of.
Status note_cut(World& world, json::object& result) {
  const auto history = provider_of(world).history();
  if (!history) return {};
  const auto cut = history->last_commit();
  if (!cut) return fail(cut.error());
  if (*cut) result["cut"] = cut_object((*cut)->lsn.text(), (*cut)->at);
  return {};
}

/// The database that is about to be left behind. It may be damaged beyond starting, and recovery must go on without it.
Status capture_database(World& world, std::uint64_t epoch, const std::shared_future<Status>& log_archived, json::object& result,
                        json::array& gaps) {
  auto sealed = provider_of(world).seal(epoch);
  if (!sealed) {
    world.say("the database does not start any more: its last turns come from the mirror alone");
    gaps.push_back(gap_object("PostgreSQL", {}, {}, sealed.error().text()));
    result["database"] = "unreadable";
    return {};
  }
  const auto live = database::make_postgres_database({(*sealed)->connection(), 2});
  Status mirrored = mirror_rest(world, *live);
  if (!mirrored) gaps.push_back(gap_object("turn mirror", {}, {}, mirrored.error().text()));
  const bool wal_is_archived = archive_wal(**sealed, gaps);
  BS_TRY(note_end(world, (*sealed)->connection(), result));
  BS_TRY(log_archived.get());
  const auto accounts = keep_account_digests(world, (*sealed)->connection(), wal_is_archived);
  if (accounts)
    result["accounts"] = *accounts;
  else
    gaps.push_back(gap_object("account digests", {}, {}, accounts.error().text()));
  result["database"] = "captured";
  world.leaving = std::async(std::launch::async, [left = std::shared_ptr(std::move(*sealed))] { return left->stop(); });
  return {};
}

}  // namespace

StepResult capture(World& world, Journal& journal) {
  json::object result;
  json::array gaps;
  // The log is ours to read, the rows are the server's.
  const auto log_archived = std::async(std::launch::async, [&] { return archive_log(world); }).share();
  auto exported = std::async(std::launch::async, [&] { return keep_queues(world, journal); });
  const Status captured = capture_database(world, epochs_of(journal).to, log_archived, result, gaps);
  auto queues = exported.get();
  if (!queues) return fail(std::move(queues.error()));
  BS_TRY(log_archived.get());
  if (!captured) return fail(captured.error());
  BS_TRY(declare_expired(world, journal, gaps));
  result["queues"] = std::move(*queues), result["crm"] = keep_crm_changes(world, gaps), result["gaps"] = std::move(gaps);
  BS_TRY(note_cut(world, result));
  return result;
}

}  // namespace backstitch::recovery
