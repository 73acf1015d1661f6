#include "stores/database/postgres/connection.h"

#include <libpq-fe.h>
#include <poll.h>
#include <sys/socket.h>

#include <cstdlib>

#include "base/assert.h"
#include "stores/database/postgres/wire.h"

namespace backstitch::database {
namespace {

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using OwnedResult = std::unique_ptr<PGresult, ClearResult>;

std::string without_line_end(const char* text) {
  std::string out = text ? text : "";
  while (!out.empty() && (out.back() == '\n' || out.back() == ' ')) out.pop_back();
  return out;
}

bool succeeded(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/// What libpq wants to see: pointers and lengths beside each other.
struct Arguments {
  std::vector<const char*> values;
  std::vector<int> lengths, formats;
  explicit Arguments(const Parameters& parameters) {
    for (const std::string& value : parameters.values()) {
      values.push_back(value.data());
      lengths.push_back(static_cast<int>(value.size()));
      formats.push_back(1);
    }
  }
  int count() const { return static_cast<int>(values.size()); }
};

/// Whether the next result can be taken without waiting, or the connection has broken; false: nobody has said anything for so
/// long.
bool is_heard(PGconn* connection, std::int64_t silence_ms_max) {
  if (silence_ms_max <= 0) return true;  // PQgetResult waits by itself
  for (std::int64_t heard_ms = monotonic_ms(); PQisBusy(connection) != 0;) {
    const std::int64_t left_ms = silence_ms_max - (monotonic_ms() - heard_ms);
    if (left_ms <= 0) return false;
    pollfd socket{PQsocket(connection), POLLIN, 0};
    if (::poll(&socket, 1, static_cast<int>(left_ms)) <= 0) continue;
    if (PQconsumeInput(connection) != 1) return true;
    heard_ms = monotonic_ms();
  }
  return true;
}

/// The last result of what was sent, as PQexec has it.
bool take_result(PGconn* connection, std::int64_t silence_ms_max, OwnedResult& last) {
  for (;;) {
    if (!is_heard(connection, silence_ms_max)) return false;
    PGresult* const result = PQgetResult(connection);
    if (!result) return true;
    last.reset(result);
  }
}

}  // namespace

Error error_of(const PGresult* result) {
  const char* field = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
  const std::string_view state = field ? field : "", name = constraint ? constraint : "";
  const std::string text = without_line_end(PQresultErrorMessage(result));
  if (state == "22012") return {Code::fenced, "another epoch, term or turn number stands in the database", {}};
  if (state == "23505" && (name == "order_key_pkey" || name == "orders_pkey")) return {Code::order_key_taken, text, {}};
  if (state == "53100") return {Code::disk_full, text, {}};
  // No state: the connection broke. Then what passes by itself, and is the fault of no row: connection, deadlock, no memory, a
  // lock, a server that shuts down or cancels, its files.
  for (const char* passing : {"08", "40", "53", "55", "57", "58"})
    if (state.starts_with(passing)) return {Code::database_unreachable, fmt::format("{} ({})", text, state), {}};
  if (state.empty()) return {Code::database_unreachable, text, {}};
  // The database itself is damaged: pages, indexes, a row that another must have, a table that is gone. No record is to blame.
  for (const char* damage : {"XX", "23503", "42P01", "42703", "42501"})
    if (state.starts_with(damage)) return {Code::row_broken, fmt::format("{} ({})", text, state), {}};
  return {Code::database_failed, fmt::format("{} ({})", text, state), {}};
}

Rows::Rows(PGresult* result) : result_(result, ClearResult{}), size_(PQntuples(result)) {}

bool Rows::is_null(int row, int column) const { return PQgetisnull(result_.get(), row, column) != 0; }

const char* Rows::bytes(int row, int column, int length) const {
  BS_ASSERT(PQgetlength(result_.get(), row, column) == length, "a column of another type than the one asked for");
  return PQgetvalue(result_.get(), row, column);
}

std::int32_t Rows::int4(int row, int column) const {
  return is_null(row, column) ? 0 : static_cast<std::int32_t>(wire::read<std::uint32_t>(bytes(row, column, 4)));
}

std::int64_t Rows::int8(int row, int column) const {
  return is_null(row, column) ? 0 : static_cast<std::int64_t>(wire::read<std::uint64_t>(bytes(row, column, 8)));
}

bool Rows::boolean(int row, int column) const { return !is_null(row, column) && *bytes(row, column, 1) != 0; }

std::string_view Rows::text(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column), static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

Bits128 Rows::uuid(int row, int column) const {
  if (is_null(row, column)) return {};
  const char* at = bytes(row, column, 16);
  return {wire::read<std::uint64_t>(at), wire::read<std::uint64_t>(at + 8)};
}

Time Rows::time(int row, int column) const {
  return is_null(row, column) ? Time{} : Time{int8(row, column) + wire::microseconds_1970_to_2000};
}

Connection::Connection(PGconn* connection, std::int64_t silence_ms_max)
    : connection_(connection, PQfinish), silence_ms_max_(silence_ms_max) {}

Result<Connection> Connection::open(const std::string& connection, std::int64_t silence_ms_max) {
  Connection opened(PQconnectdb(connection.c_str()), silence_ms_max);
  if (PQstatus(opened.connection_.get()) != CONNECTION_OK) return opened.broken("connect");
  const char* host = PQhost(opened.connection_.get());
  if (host && *host == '/') opened.silence_ms_max_ = 0;
  PQsetNoticeProcessor(opened.connection_.get(), [](void*, const char*) {}, nullptr);
  return opened;
}

tl::unexpected<Error> Connection::broken(const char* doing) const {
  return fail(Code::database_unreachable, "{}: {}", doing, without_line_end(PQerrorMessage(connection_.get())));
}

/// Whoever comes late finds nobody.
tl::unexpected<Error> Connection::silent(const char* doing) const {
  ::shutdown(PQsocket(connection_.get()), SHUT_RDWR);
  static_cast<void>(PQconsumeInput(connection_.get()));
  return fail(Code::database_unreachable, "{}: no answer for {} ms", doing, silence_ms_max_);
}

bool Connection::is_broken() const { return PQstatus(connection_.get()) != CONNECTION_OK; }

Status Connection::execute(const std::string& sql) {
  if (PQsendQuery(connection_.get(), sql.c_str()) != 1) return broken("execute");
  OwnedResult result;
  if (!take_result(connection_.get(), silence_ms_max_, result)) return silent("execute");
  if (!succeeded(result.get())) return is_broken() ? Status(broken("execute")) : Status(fail(error_of(result.get())));
  return {};
}

Result<Rows> Connection::query(const char* sql, const Parameters& parameters) {
  const Arguments arguments(parameters);
  if (PQsendQueryParams(connection_.get(), sql, arguments.count(), nullptr, arguments.values.data(), arguments.lengths.data(),
                        arguments.formats.data(), 1) != 1)
    return broken("query");
  OwnedResult result;
  if (!take_result(connection_.get(), silence_ms_max_, result)) return silent("query");
  if (!succeeded(result.get())) {
    if (is_broken()) return broken("query");
    return fail(error_of(result.get()));
  }
  return Rows(result.release());
}

Status Connection::prepare(const std::string& name, const std::string& sql) {
  if (PQsendPrepare(connection_.get(), name.c_str(), sql.c_str(), 0, nullptr) != 1) return broken("prepare");
  OwnedResult result;
  if (!take_result(connection_.get(), silence_ms_max_, result)) return silent("prepare");
  if (!succeeded(result.get())) return is_broken() ? Status(broken("prepare")) : Status(fail(error_of(result.get())));
  return {};
}

Status Connection::enter_pipeline() {
  if (PQenterPipelineMode(connection_.get()) != 1) return broken("pipeline");
  return {};
}

Status Connection::send(const std::string& prepared, const Parameters& parameters) {
  const Arguments arguments(parameters);
  if (PQsendQueryPrepared(connection_.get(), prepared.c_str(), arguments.count(), arguments.values.data(),
                          arguments.lengths.data(), arguments.formats.data(), 1) != 1)
    return broken("send");
  return {};
}

Status Connection::flush() {
  if (PQflush(connection_.get()) != 0) return broken("flush");
  return {};
}

Status Connection::sync() {
  if (PQpipelineSync(connection_.get()) != 1) return broken("sync");
  return {};
}

Result<std::vector<std::int64_t>> Connection::await_sync() {
  std::vector<std::int64_t> touched;
  std::unique_ptr<Error> first;
  for (int empty = 0;;) {
    if (!is_heard(connection_.get(), silence_ms_max_)) return silent("await");
    const OwnedResult result(PQgetResult(connection_.get()));
    if (!result) {  // between two statements; twice in a row: there is nothing more to come
      if (is_broken() || ++empty > 1) return broken("await");
      continue;
    }
    empty = 0;
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_PIPELINE_SYNC) break;
    if (status == PGRES_PIPELINE_ABORTED) continue;
    if (succeeded(result.get()))
      touched.push_back(std::atoll(PQcmdTuples(result.get())));
    else if (!first)
      first = std::make_unique<Error>(error_of(result.get()));
  }
  if (first) return fail(std::move(*first));
  return touched;
}

}  // namespace backstitch::database
