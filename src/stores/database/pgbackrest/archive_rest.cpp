#include "stores/database/pgbackrest/archive_rest.h"

#include <poll.h>

#include "base/time.h"
#include "stores/database/postgres/connection.h"

namespace backstitch::database {

namespace {

/// The newest of an archive may be of another timeline; then the server says what it has brought there.
Result<std::string> newest_of_line(const std::string& newest, const std::string& segment, Connection& live) {
  if (newest.substr(0, 8) == segment.substr(0, 8)) return newest;
  const auto last = live.query("select coalesce(last_archived_wal, '')::text from pg_stat_archiver");
  return last ? Result<std::string>(last->string(0, 0)) : fail(last.error());
}

}  // namespace

Result<std::string> archive_rest_of(const std::string& connection, const PgBackRest& tool, std::int64_t timeout_ms) {
  auto live = Connection::open(connection);
  if (!live) return fail(std::move(live.error()));
  // A commit behind all the others: else a moment behind the last of them would never be reached.
  if (const auto marked = live->query("select pg_logical_emit_message(true, 'backstitch', 'job')"); !marked)
    return fail(marked.error());
  const auto segment = live->query("select pg_walfile_name(pg_switch_wal())");
  if (!segment)
    return fail(Code::backup_failed, "{}; it needs: grant execute on function pg_switch_wal() to our role",
                segment.error().detail);
  const std::int64_t deadline_ms = monotonic_ms() + timeout_ms;
  for (;;) {
    const auto stanza = tool.stanza();
    if (!stanza) return fail(stanza.error());
    const auto last = newest_of_line(stanza->archive_last, segment->string(0, 0), *live);
    if (!last) return fail(last.error());
    if (*last >= segment->string(0, 0)) return segment->string(0, 0);
    if (monotonic_ms() > deadline_ms)
      return fail(Code::backup_failed, "WAL segment {} is not in the repository of stanza {} after {} ms; its last is {}",
                  segment->string(0, 0), tool.name(), timeout_ms, *last);
    ::poll(nullptr, 0, 200);
  }
}

}  // namespace backstitch::database
