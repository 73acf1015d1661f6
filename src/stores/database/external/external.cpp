#include "stores/database/external/external.h"

#include <algorithm>
#include <cstdlib>

#include "base/hash.h"
#include "stores/database/postgres/connection.h"

namespace backstitch::database {
namespace {

constexpr int version_least = 150'000;

Result<std::string> text_of(Connection& connection, const char* sql) {
  const auto rows = connection.query(sql);
  if (!rows) return fail(rows.error());
  return rows->size() == 0 ? std::string() : rows->string(0, 0);
}

/// A question whose answer is a text, the one answer that will do (or several, with commas), and what to do about any other.
struct Question {
  const char *what, *sql, *wanted, *remedy;
};

// Texts are ordered by this program, too, byte by byte; two orders would give two answers.
const Question questions[] = {
    {"encoding", "select pg_encoding_to_char(encoding)::text from pg_database where datname = current_database()", "UTF8",
     "create database … encoding 'UTF8' template template0"},
    {"order of texts", "select datcollate::text from pg_database where datname = current_database()",
     "C,POSIX,C.UTF-8,C.utf8,C.UTF8", "create database … locale 'C.UTF-8' template template0"},
    {"standby", "select pg_is_in_recovery()::text", "false", "name the primary"},
    {"read only", "select current_setting('default_transaction_read_only')::text", "off",
     "alter role … set default_transaction_read_only = off, or name the primary"},
    {"fsync", "select current_setting('fsync')::text", "on", "what was acknowledged must outlive a power cut"},
    {"synchronous_commit", "select current_setting('synchronous_commit')::text", "on,local,remote_write,remote_apply",
     "what was acknowledged must outlive a power cut"},
    {"right to make or use the schema backstitch",
     "select (case when to_regnamespace('backstitch') is null then has_database_privilege(current_database(), 'CREATE')"
     " else has_schema_privilege('backstitch', 'CREATE') and has_schema_privilege('backstitch', 'USAGE') end)::text",
     "true", "grant create on database … to the role, or make it the owner"},
    {"schema backstitch",
     "select (case when bool_or(c.relname = 'migration') or count(*) = 0 then 'ours' else 'somebody else''s' end)::text"
     " from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'backstitch'",
     "ours", "name another database: an instance has one of its own"},
};

bool is_one_of(std::string_view all, std::string_view answer) {
  for (std::size_t begin = 0, end; begin <= all.size(); begin = end + 1) {
    end = std::min(all.find(',', begin), all.size());
    if (all.substr(begin, end - begin) == answer) return true;
  }
  return false;
}

Status check_version(Connection& connection) {
  const auto version = text_of(connection, "select current_setting('server_version_num')::text");
  if (!version) return fail(version.error());
  if (std::atoi(version->c_str()) >= version_least) return {};
  return fail(Code::store_unfit, "PostgreSQL {} answers, 15 or later is wanted", std::atoi(version->c_str()) / 10'000);
}

}  // namespace

Status check_external(const ExternalAddress& address) {
  auto connection = Connection::open(address.connection);
  if (!connection) return fail(std::move(connection.error()));
  BS_TRY(check_version(*connection));  // else what is asked next may not be understood
  Error error{Code::store_unfit, fmt::format("the database {}", address.place), {}};
  for (const Question& question : questions) {
    const auto answer = text_of(*connection, question.sql);
    if (!answer) return fail(answer.error());
    if (!is_one_of(question.wanted, *answer))
      error.faults.push_back(
          {question.what, Code::store_unfit, fmt::format("it is {}; {}: {}", *answer, question.wanted, question.remedy)});
  }
  return error.faults.empty() ? Status() : fail(std::move(error));
}

Result<std::string> claim_database(const ExternalAddress& address, const std::string& instance, const std::string& id) {
  auto connection = Connection::open(address.connection);
  if (!connection) return fail(std::move(connection.error()));
  Parameters wanted;
  wanted.text(instance).text(id.empty() ? random_hex(16) : id);
  const auto made = connection->query(
      "with marked as (select pg_logical_emit_message(true, 'backstitch', 'job'))"
      " insert into backstitch.instance select true, $1, $2 from marked on conflict do nothing",
      wanted);
  if (!made) return fail(made.error());
  const auto rows =
      connection->query("select name, id, (select coalesce(max(turn), 0) from backstitch.position) from backstitch.instance");
  if (!rows) return fail(rows.error());
  const std::string name = rows->string(0, 0), stands = rows->string(0, 1);
  if (name != instance)
    return fail(Code::store_unfit, "the database {} is that of the instance \"{}\", this is \"{}\"", address.place, name,
                instance);
  // A safe without an id is that of a member which was quicker, or killed between the two writes: only an empty database is
  // taken.
  if (stands == id || (id.empty() && rows->number(0, 2) == 0)) return stands;
  return fail(Code::store_unfit,
              "the database {} belongs to another safe than this one: rows and log would not be of the same orders",
              address.place);
}

}  // namespace backstitch::database
