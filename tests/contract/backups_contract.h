// What every backup provider promises (stores/database/backup/provider.h), as cases against the port alone. Restoring takes
// seconds, so the cases share one world and hold in this order; the last of them makes a copy the database.
#pragma once
#include <fmt/ranges.h>

#include <vector>

#include "base/time.h"
#include "contract/words.h"
#include "stores/database/backup/provider.h"
#include "stores/database/postgres/connection.h"

namespace backstitch::database::backup_contract {

using namespace backstitch::contract;

/// A database with a table of numbers, of which each is a commit.
class BackupWorld {
 public:
  virtual ~BackupWorld() = default;
  virtual BackupProvider& provider() = 0;
  virtual std::string live() = 0;  // connection of the database that runs
  virtual void back_up() = 0;      // by whoever does so here
  /// Takes from a whole copy what its maker did last, as if he had been killed before.
  virtual void make_half(const std::string& name) = 0;
  /// How exactly a moment can be named here; commits of the world are further apart than that.
  virtual std::int64_t grain_ms() const { return 0; }

  // Where the world stood, noted by the first case.
  Time before_first, behind_2;
  Lsn place_behind_2;
};
using BackupCase = Case<BackupWorld>;
inline constexpr const char *copy_name = "recovery-contract", *second_name = "recovery-second";

inline Connection session_of(const std::string& connection) { return value_of(Connection::open(connection), "a session"); }

inline std::string numbers_of(const std::string& connection) {
  Connection session = session_of(connection);
  return value_of(session.query("select coalesce(string_agg(n::text, ' ' order by n), '') from number"), "numbers").string(0, 0);
}
inline void commit_number(BackupWorld& world, int n) {
  Connection session = session_of(world.live());
  done(session.execute(fmt::format("insert into number values ({})", n)), "insert");
  if (world.grain_ms() > 0)
    value_of(session.query(fmt::format("select pg_sleep({})::text", world.grain_ms() / 1000.0).c_str()), "a pause");
}
inline Time clock_of(BackupWorld& world) {
  Connection session = session_of(world.live());
  return Time{
      value_of(session.query("select (extract(epoch from clock_timestamp()) * 1000000)::bigint"), "its clock").int8(0, 0)};
}
inline Lsn place_of(BackupWorld& world) {
  Connection session = session_of(world.live());
  const auto at = value_of(session.query("select substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8),"
                                         " (pg_current_wal_insert_lsn() - '0/0')::bigint"),
                           "its place");
  return {static_cast<std::uint32_t>(std::stoul(at.string(0, 0), nullptr, 16)), at.number(0, 1)};
}
inline std::string copied(BackupWorld& world, const RestoreTarget& target, const char* name = copy_name) {
  const auto copy = value_of(world.provider().restore(name, target, {}), "restore");
  return numbers_of(copy->connection());
}
inline void without_a_backup_there_is_no_range(BackupWorld& world) {
  refused(world.provider().range(), Code::backup_not_found, "an empty range");
  world.before_first = clock_of(world);
}

inline void the_range_goes_from_the_first_backup_to_what_is_archived(BackupWorld& world) {
  commit_number(world, 1);
  world.back_up();
  commit_number(world, 2);
  world.behind_2 = clock_of(world), world.place_behind_2 = place_of(world);
  commit_number(world, 3);
  done(world.provider().archive_rest(60'000), "archive_rest");
  const RestorableRange range = value_of(world.provider().range(), "range");
  require(range.earliest.time > world.before_first, "it begins before there was a backup: " + range.text());
  require(range.earliest.time <= world.behind_2, "it begins behind the backup: " + range.text());
  require(range.latest.time >= world.behind_2, "it ends before what was archived: " + range.text());
  same(range.backups, std::int64_t{1}, "backups");
  same(value_of(world.provider().backups(), "backups").size(), std::size_t{1}, "backups listed");
}

inline void what_was_never_restored_is_not_found(BackupWorld& world) {
  require(value_of(world.provider().find(copy_name), "find") == nullptr, "something was found");
  done(world.provider().discard(copy_name), "discard of nothing");
}

inline void a_moment_is_what_was_committed_by_then(BackupWorld& world) {
  same(copied(world, {.before = {}, .backup = {}, .until = world.behind_2}), std::string("1 2"), "numbers of the copy");
  same(numbers_of(world.live()), std::string("1 2 3"), "numbers of the running one");
}

inline void a_copy_is_found_again_by_its_name_and_written_to(BackupWorld& world) {
  const auto copy = value_of(world.provider().find(copy_name), "find");
  require(copy != nullptr, "it was not found");
  done(copy->stop(), "stop");
  done(copy->start(), "start");
  done(copy->start(), "start of one that serves");
  done(session_of(copy->connection()).execute("insert into number values (7)"), "insert into the copy");
  same(numbers_of(copy->connection()), std::string("1 2 7"), "numbers of the copy");
  same(numbers_of(world.live()), std::string("1 2 3"), "numbers of the running one");
}

inline void another_of_the_same_name_takes_its_place(BackupWorld& world) {
  same(copied(world, {}), std::string("1 2 3"), "numbers of a copy as late as can be");
}

inline void a_half_copy_is_none(BackupWorld& world) {
  world.make_half(copy_name);
  require(value_of(world.provider().find(copy_name), "find") == nullptr, "it was taken for a whole one");
}

inline void what_is_discarded_is_gone(BackupWorld& world) {
  done(world.provider().discard(copy_name), "discard");
  require(value_of(world.provider().find(copy_name), "find") == nullptr, "it is still there");
}

inline void a_moment_before_every_backup_is_refused_and_nothing_is_left(BackupWorld& world) {
  refused(world.provider().restore(copy_name, {.before = {}, .backup = {}, .until = world.before_first}, {}),
          Code::target_out_of_range, "a moment before the first backup");
  require(value_of(world.provider().find(copy_name), "find") == nullptr, "something was left");
}

inline void a_place_is_what_was_committed_before_it(BackupWorld& world) {
  if (!world.provider().takes_places()) return;
  same(copied(world, {.before = world.place_behind_2, .backup = {}, .until = {}}), std::string("1 2"), "numbers of the copy");
  refused(world.provider().restore(copy_name, {.before = {}, .backup = "no-such", .until = {}}, {}), Code::backup_not_found,
          "a backup that is not there");
  done(world.provider().discard(copy_name), "discard");
}

inline void the_copy_becomes_the_database_once(BackupWorld& world) {
  same(copied(world, {.before = {}, .backup = {}, .until = world.behind_2}), std::string("1 2"), "numbers of the copy");
  const auto copy = value_of(world.provider().find(copy_name), "find");
  done(session_of(copy->connection()).execute("insert into number values (8)"), "insert into the copy");
  done(value_of(world.provider().seal(2), "seal")->stop(), "stop of the one that is left");
  done(copy->stop(), "stop");
  require(!value_of(world.provider().is_switched(2), "is_switched"), "it is the database before it was switched");
  done(world.provider().switch_to(copy_name, 2), "switch");
  require(value_of(world.provider().is_switched(2), "is_switched"), "it is not the database");
  done(world.provider().switch_to(copy_name, 2), "switch, again");
  same(numbers_of(world.live()), std::string("1 2 8"), "numbers of the database");
  require(value_of(world.provider().find(copy_name), "find") == nullptr, "it is still a copy, too");
  done(world.provider().discard(copy_name), "discard of what is no copy any more");
  same(numbers_of(world.live()), std::string("1 2 8"), "numbers of the database behind that");
}

inline void its_history_goes_on(BackupWorld& world) {
  commit_number(world, 9);
  const Time behind_9 = clock_of(world);
  commit_number(world, 10);
  done(world.provider().archive_rest(60'000), "archive_rest");
  same(copied(world, {.before = {}, .backup = {}, .until = behind_9}, second_name), std::string("1 2 8 9"),
       "numbers of a copy of the new one");
  done(world.provider().discard(second_name), "discard");
}

inline std::vector<BackupCase> cases() {
#define BACKSTITCH_CASE(name) \
  BackupCase { #name, name }
  return {BACKSTITCH_CASE(without_a_backup_there_is_no_range),
          BACKSTITCH_CASE(the_range_goes_from_the_first_backup_to_what_is_archived),
          BACKSTITCH_CASE(what_was_never_restored_is_not_found),
          BACKSTITCH_CASE(a_moment_is_what_was_committed_by_then),
          BACKSTITCH_CASE(a_copy_is_found_again_by_its_name_and_written_to),
          BACKSTITCH_CASE(another_of_the_same_name_takes_its_place),
          BACKSTITCH_CASE(a_half_copy_is_none),
          BACKSTITCH_CASE(what_is_discarded_is_gone),
          BACKSTITCH_CASE(a_moment_before_every_backup_is_refused_and_nothing_is_left),
          BACKSTITCH_CASE(a_place_is_what_was_committed_before_it),
          BACKSTITCH_CASE(the_copy_becomes_the_database_once),
          BACKSTITCH_CASE(its_history_goes_on)};
#undef BACKSTITCH_CASE
}

}  // namespace backstitch::database::backup_contract
