// What is in a database, small enough to compare: per account a digest, per table a digest and a count.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "stores/database/port.h"
#include "stores/database/postgres/connection.h"

namespace backstitch::database {

struct Measured {
  struct Table {
    std::int64_t rows = 0;
    std::uint64_t digest = 0;
    bool operator==(const Table&) const = default;
  };
  std::map<std::string, std::uint64_t> accounts;
  std::map<std::string, Table> tables;
};

Status prepare_session(Connection& connection);  // time zone and search path, which digests hang on
Result<Measured> measure(Connection& connection);

/// One line a difference; empty when equal.
std::vector<std::string> differences(const Measured& live, const Measured& copy);

/// A moment of the live database: `point` is a named restore point in its WAL (not made when it is empty: who does not run the
/// database may not), `snapshot` a session that sees exactly what was committed before `lsn`. Writers wait for some milliseconds.
struct Moment {
  Connection snapshot;
  std::string point, lsn;  // "1:0/3000148"
};
Result<Moment> take_moment(const std::string& connection, const std::string& point);

/// What the live database holds at one moment, for whoever folds its log to the same place. Nobody waits for it: positions are
/// committed together with the rows, so that any snapshot has both of one moment.
struct Glimpse {
  Connection snapshot;  // a session that goes on seeing it
  std::vector<Position> positions;
  std::string lsn;  // "1:0/3000148": every commit that it sees lies before it
};
/// Where its WAL ends: "1:0/3000148".
Result<std::string> place_of(Connection& connection);
/// Code::database_unreachable, database_failed.
Result<Glimpse> take_glimpse(const std::string& connection);
/// The other way round: every commit that it does not see lies behind its `lsn`. Waits for transactions that are under way;
/// Code::backup_failed when one of them goes on longer than that.
Result<Glimpse> take_glimpse_from(const std::string& connection, std::int64_t timeout_ms);

/// Switches to a new WAL segment and waits until the one before is in the archive. Code::backup_failed after the time.
Status archive_now(const std::string& connection, const std::string& wal_folder, std::int64_t timeout_ms);

}  // namespace backstitch::database
