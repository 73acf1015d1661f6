// What pg_waldump prints, line by line, as values. Formats of PostgreSQL 15 to 17.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"

namespace backstitch::database {

/// A file of a relation: which database, which number. A name only by a connection.
struct RelationFile {
  std::uint32_t database = 0, number = 0;
  auto operator<=>(const RelationFile&) const = default;
};

struct WalRecord {
  enum class Kind {
    other,
    rows,      // of one relation
    truncate,  // of relations by their object numbers
    created,   // a file of a relation
    message,   // logical, transactional
    running,   // which transactions there are, written every few seconds and at every checkpoint
    commit,
    abort
  };
  Kind kind = Kind::other;
  std::uint32_t xid = 0;    // of the transaction or subtransaction; of a prepared one also where another session commits it
  std::uint64_t place = 0;  // where the record begins
  // Each is set for the kinds that have it.
  RelationFile file;                           // rows, created, truncate (database alone)
  std::string operation;                       // rows: "insert", "update", "delete"
  std::int64_t count = 0;                      // rows
  std::vector<std::uint32_t> relations;        // truncate
  std::string prefix, payload;                 // message
  std::uint32_t next_xid = 0;                  // running: the first that was not given out
  Time at;                                     // commit
  std::vector<std::uint32_t> subtransactions;  // commit, abort
  std::vector<RelationFile> dropped;           // commit
};

/// Kind::other for every line that says nothing here.
WalRecord parse_record(std::string_view line);

/// "0/1526148" → number; 0 when it is none.
std::uint64_t parse_place(std::string_view text);

}  // namespace backstitch::database
