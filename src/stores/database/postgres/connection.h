// One libpq connection. Parameters and results travel in binary. One thread at a time.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/id.h"
#include "base/time.h"
#include "stores/database/postgres/parameters.h"

struct pg_conn;
struct pg_result;

namespace backstitch::database {

/// Rows of one result; columns are counted from 0. A getter of another type than the column's is a programmer's error.
class Rows {
 public:
  explicit Rows(pg_result* result);
  int size() const { return size_; }
  bool is_null(int row, int column) const;
  std::int32_t int4(int row, int column) const;
  std::int64_t int8(int row, int column) const;
  std::uint64_t number(int row, int column) const { return static_cast<std::uint64_t>(int8(row, column)); }
  bool boolean(int row, int column) const;
  std::string_view text(int row, int column) const;  // "" when null; valid as long as the Rows
  std::string string(int row, int column) const { return std::string(text(row, column)); }
  Bits128 uuid(int row, int column) const;
  Time time(int row, int column) const;  // not set when null

 private:
  const char* bytes(int row, int column, int length) const;
  std::shared_ptr<pg_result> result_;
  int size_ = 0;
};

class Connection {
 public:
  /// Code::database_unreachable. With `silence_ms_max` an answer over a network that does not come is no longer waited for when
  /// so much time has passed without a byte of it; the connection is broken then, and what was asked may have been done. Of a
  /// server behind a socket of this machine its end is seen, and it is waited for.
  static Result<Connection> open(const std::string& connection, std::int64_t silence_ms_max = 0);

  /// Runs one or more statements as they stand.
  Status execute(const std::string& sql);
  Result<Rows> query(const char* sql, const Parameters& parameters = {});
  Status prepare(const std::string& name, const std::string& sql);
  bool is_broken() const;

  // ---- pipeline: statements go out without waiting; sync() ends an implicit transaction
  Status enter_pipeline();
  Status send(const std::string& prepared, const Parameters& parameters);
  Status flush();
  Status sync();
  /// Rows touched by each statement up to the oldest sync not yet awaited. The first error of them is the answer, and then
  /// none of them was done.
  Result<std::vector<std::int64_t>> await_sync();

 private:
  Connection(pg_conn* connection, std::int64_t silence_ms_max);
  tl::unexpected<Error> broken(const char* doing) const;
  tl::unexpected<Error> silent(const char* doing) const;
  std::shared_ptr<pg_conn> connection_;
  std::int64_t silence_ms_max_;  // 0: it is waited for as long as the connection stands
};

/// The error of a failed result: database_unreachable (what passes by itself), fenced (division by zero: only guards divide),
/// order_key_taken, disk_full, else database_failed: the database does not take what it was given.
Error error_of(const pg_result* result);

}  // namespace backstitch::database
