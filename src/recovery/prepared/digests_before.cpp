#include "recovery/prepared/digests_before.h"

#include <algorithm>
#include <cctype>
#include <sstream>

#include "base/json.h"
#include "recovery/prepared/positions.h"
#include "recovery/prepared/prepared.h"
#include "recovery/prepared/prepared_files.h"
#include "stores/database/backup/measure.h"
#include "stores/database/postgres/digests.h"
#include "stores/database/private/server.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

constexpr std::int64_t transactions_end_ms = 3'000;

struct Kept {
  database::Lsn place;      // every commit that it has not seen lies behind it
  std::uint64_t epoch = 0;  // that was open
  std::uint64_t columns = 0;
  std::vector<database::Position> positions;
  AccountDigests accounts;
};

std::string kept_text(const Kept& kept) {
  std::string text = write_json(json::object{{"place", kept.place.text()},
                                             {"epoch", kept.epoch},
                                             {"columns", kept.columns},
                                             {"positions", positions_array(kept.positions)}}) +
                     "\n";
  for (const auto& [account, digest] : kept.accounts) text += write_json(json::array{account, digest}) + "\n";
  return text;
}

Result<Kept> kept_from(const std::string& text) {
  Kept kept;
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  const auto head = parse_json(line);
  if (!head) return fail(head.error());
  const auto place = database::Lsn::parse(json::value_to<std::string>(head->at("place")));
  if (!place) return fail(place.error());
  kept.place = *place, kept.epoch = head->at("epoch").to_number<std::uint64_t>();
  kept.columns = head->at("columns").to_number<std::uint64_t>();
  kept.positions = positions_from(head->at("positions").as_array());
  while (std::getline(lines, line)) {
    const auto row = parse_json(line);
    if (!row) return fail(row.error());
    kept.accounts.emplace(json::value_to<std::string>(row->at(0)), row->at(1).to_number<std::uint64_t>());
  }
  return kept;
}

Status look_at(World& world, const std::string& live, Kept& kept) {
  auto glimpse = database::take_glimpse_from(live, transactions_end_ms);
  if (!glimpse) return fail(std::move(glimpse.error()));
  const auto place = database::Lsn::parse(glimpse->lsn);
  const auto epoch = world.safe.epoch();
  const auto columns = database::digested_columns(glimpse->snapshot);
  if (!place) return fail(place.error());
  if (!epoch) return fail(epoch.error());
  if (!columns) return fail(columns.error());
  kept.place = *place, kept.epoch = epoch->n, kept.columns = *columns, kept.positions = std::move(glimpse->positions);
  return database::account_digests(glimpse->snapshot,
                                   [&](const std::string& account, std::uint64_t digest) { kept.accounts[account] = digest; });
}

/// "item update" of a table that digests are taken over; a number may be one of them that has been rewritten since.
bool is_digested(const std::string& rows) {
  const std::string table = rows.substr(0, rows.find(' '));
  const bool number = !table.empty() && std::isdigit(static_cast<unsigned char>(table.front())) != 0;
  return number || database::digested_tables().contains(table);
}

/// Why nothing of what was kept holds; empty: it does.
Result<std::string> why_not(World& world, const Kept& kept, database::Connection& session, const std::string& connection) {
  const auto epoch = world.safe.epoch();
  const auto here = database::place_of(session);
  const auto columns = database::digested_columns(session);
  if (!epoch) return fail(epoch.error());
  if (!here) return fail(here.error());
  if (!columns) return fail(columns.error());
  const auto place = database::Lsn::parse(*here);
  if (epoch->n != kept.epoch + 1 || !place || place->timeline != kept.place.timeline) return "another recovery came between";
  if (*columns != kept.columns) return "its tables have other columns";
  const auto history = provider_of(world).history();
  if (!history) return "whether somebody wrote past the engine is not at hand";
  const auto commits = history->commits_but_turns(kept.place, connection);
  if (!commits) return commits.error().text();
  for (const database::ForeignCommit& commit : *commits)
    for (const auto& [rows, count] : commit.rows)
      if (is_digested(rows)) return fmt::format("{} at {}: {}", commit.role, commit.commit.lsn.text(), rows);
  return std::string();
}

/// What was kept, less what the tail names and with what it names as it is now; nothing where all are to be looked at.
Result<std::optional<AccountDigests>> standing_digests(World& world, database::Connection& session,
                                                       const std::string& connection) {
  constexpr std::size_t share = 4;  // beyond a quarter of the accounts, all of them cost less
  const auto text = world.safe.get(evidence_name(world.plan, prepared_before_file));
  if (!text && text.error().code == Code::object_not_found) return std::nullopt;
  if (!text) return fail(text.error());
  auto kept = kept_from(*text);
  if (!kept) return fail(std::move(kept.error()));
  const auto why = why_not(world, *kept, session, connection);
  if (!why) return fail(why.error());
  if (!why->empty()) world.say("every account of the old database is looked at again: " + *why);
  const auto tail = tail_behind(world, kept->positions);
  if (!tail) return fail(tail.error());
  if (!why->empty() || tail->everybody || tail->accounts.size() * share > kept->accounts.size()) return std::nullopt;
  for (const std::string& account : tail->accounts) kept->accounts.erase(account);
  BS_TRY(
      database::account_digests_of(session, {tail->accounts.begin(), tail->accounts.end()},
                                   [&](const std::string& account, std::uint64_t digest) { kept->accounts[account] = digest; }));
  return std::move(kept->accounts);
}

}  // namespace

Status prepare_digests_before(World& world) {
  const std::string live = database::socket_connection(world.folders.sockets);
  if (!database::takes_connections(live)) return {};
  Kept kept;
  if (const Status looked = look_at(world, live, kept); !looked) {
    world.say("the digests of the live database are left for the outage: " + looked.error().text());
    return {};
  }
  return world.safe.put(evidence_name(world.plan, prepared_before_file), kept_text(kept));
}

Result<AccountDigests> digests_before(World& world, const std::string& connection, bool wal_is_archived) {
  auto session = database::Connection::open(connection);
  if (!session) return fail(std::move(session.error()));
  BS_TRY(database::prepare_session(*session));
  if (wal_is_archived) {
    auto standing = standing_digests(world, *session, connection);
    if (!standing) return fail(std::move(standing.error()));
    if (*standing) return std::move(**standing);
  }
  AccountDigests all;
  BS_TRY(database::account_digests(*session, [&](const std::string& account, std::uint64_t digest) { all[account] = digest; }));
  return all;
}

}  // namespace backstitch::recovery
