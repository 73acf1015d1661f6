// PostgreSQL's log as a witness: which role ran what in a transaction (private/settings.cpp configures what it writes).
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "stores/database/history/history.h"

namespace backstitch::database {

/// Role and the first 500 characters of the first statement that ran with the transaction's number, up to its commit. A
/// statement of its own that no executor runs (TRUNCATE, COPY, DO …) stands in the log without a number: it is taken when it is
/// the only one under way at the commit. What the log does not know stays empty; no log, nothing known.
void name_writers(const std::string& log_file, std::vector<ForeignCommit>& commits);

struct LogEntry {
  Time at;
  int pid = 0;
  std::string role;  // empty: no session's line
  std::uint32_t xid = 0;
  std::string level, text;  // "STATEMENT", "delete from item"
};
/// "2026-11-27 02:46:54.322 UTC [14084] batch xid=726 STATEMENT:  delete from item"; at is not set for a line that goes on.
LogEntry parse_log_line(std::string_view line);

}  // namespace backstitch::database
