// Members, owners and leases on PostgreSQL. Each change is a short transaction under one advisory lock, so that two members never
// decide from the same picture; a member that stops in the middle of one is cut off by the server.
#include "stores/database/members.h"

#include "stores/database/history/history.h"
#include "stores/database/postgres/connection.h"

namespace backstitch::database {
namespace {

constexpr const char* session_settings =
    "set timezone = 'UTC'; set jit = off; set search_path = backstitch; set lock_timeout = 3000; set statement_timeout = 3000;"
    "set idle_in_transaction_session_timeout = 2000";
constexpr std::int64_t silence_ms_max = 6'000;  // twice as long as the server takes for a statement at the most
constexpr const char* begin = "begin; select pg_advisory_xact_lock(4711002)";

Status done(const Result<Rows>& rows) { return rows ? Status() : fail(rows.error()); }

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ",") + word;
  return out;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t at = 0, end; at < text.size(); at = end + 1) {
    end = std::min(text.find(',', at), text.size());
    out.emplace_back(text.substr(at, end - at));
  }
  return out;
}

class PostgresMembers : public MemberTable {
 public:
  explicit PostgresMembers(std::string connection) : address_(std::move(connection)) {}

  Result<Cluster> beat(const Member& self, const std::function<Taken(const Cluster&)>& decide) override {
    Result<Cluster> after;
    const Status changed = change([&](Connection& session) -> Status {
      BS_TRY(note(session, self));
      const auto before = read(session);
      if (!before) return fail(before.error());
      BS_TRY(take(session, self.name, decide(*before)));
      after = read(session);
      return after ? Status() : fail(after.error());
    });
    return changed ? after : fail(changed.error());
  }

  Result<Cluster> look() override {
    auto session = open();
    if (!session) return fail(std::move(session.error()));
    auto found = read(**session);
    if (!found) session_.reset();
    return found;
  }

  Status release(const std::string& member, const Taken& what) override {
    return change([&](Connection& session) -> Status {
      Parameters partitions, leases;
      partitions.text(member).int4s(what.partitions, [](Partition partition) { return partition; });
      leases.text(member).texts(what.leases, [](const std::string& name) { return std::string_view(name); });
      BS_TRY(
          done(session.query("update partition_owner set member = null where member = $1 and partition = any($2)", partitions)));
      return done(session.query("update lease set member = null where member = $1 and name = any($2)", leases));
    });
  }

  Status leave(const std::string& member) override {
    return change([&](Connection& session) -> Status {
      for (const char* sql : {"update partition_owner set member = null where member = $1",
                              "update lease set member = null where member = $1", "delete from member where name = $1"}) {
        Parameters name;
        name.text(member);
        BS_TRY(done(session.query(sql, name)));
      }
      return {};
    });
  }

 private:
  Result<Connection*> open() {
    if (session_ && !session_->is_broken()) return session_.get();
    session_.reset();
    auto opened = Connection::open(address_, silence_ms_max);
    if (!opened) return fail(std::move(opened.error()));
    BS_TRY(opened->execute(session_settings));
    session_ = std::make_unique<Connection>(std::move(*opened));
    return session_.get();
  }

  /// After an error nothing is known of the session: it is made anew.
  Status change(const std::function<Status(Connection&)>& statements) {
    auto session = open();
    if (!session) return fail(std::move(session.error()));
    Status status = (*session)->execute(begin);
    if (status) status = statements(**session);
    if (status)
      status = (*session)->execute(fmt::format("select pg_logical_emit_message(true, '{}', 'job'); commit", own_message_prefix));
    if (!status) session_.reset();
    return status;
  }

  static Status note(Connection& session, const Member& self) {
    Parameters values;
    values.text(self.name).text(self.host).text(joined(self.roles)).text(self.api).text(self.workers).boolean(self.leaving);
    BS_TRY(
        done(session.query("insert into member values ($1, $2, $3, $4, $5, $6, clock_timestamp(), clock_timestamp())"
                           " on conflict (name) do update set api = excluded.api, workers = excluded.workers,"
                           " leaving = excluded.leaving, seen_at = excluded.seen_at",
                           values)));
    // Whoever is long dead is not listed for ever; what it owned was taken over long ago.
    return done(session.query("delete from member where seen_at < clock_timestamp() - interval '1 hour'"));
  }

  static Status take(Connection& session, const std::string& member, const Taken& what) {
    if (!what.partitions.empty()) {
      Parameters values;
      values.text(member).int4s(what.partitions, [](Partition partition) { return partition; });
      BS_TRY(
          done(session.query("insert into partition_owner select unnest($2::int[]), $1"
                             " on conflict (partition) do update set member = excluded.member",
                             values)));
    }
    if (what.leases.empty()) return {};
    Parameters values;
    values.text(member).texts(what.leases, [](const std::string& name) { return std::string_view(name); });
    return done(
        session.query("insert into lease select unnest($2::text[]), $1, 1"
                      " on conflict (name) do update set member = excluded.member, term = lease.term + 1",
                      values));
  }

  static Result<Cluster> read(Connection& session) {
    Cluster cluster;
    const auto members = session.query(
        "select name, host, roles, api, workers, leaving, started_at,"
        " (extract(epoch from clock_timestamp() - seen_at) * 1000)::bigint from member order by name");
    if (!members) return fail(members.error());
    for (int row = 0; row < members->size(); ++row)
      cluster.members.push_back({members->string(row, 0), members->string(row, 1), split(members->text(row, 2)),
                                 members->string(row, 3), members->string(row, 4), members->boolean(row, 5),
                                 members->time(row, 6), members->int8(row, 7)});
    const auto owners = session.query(
        "select p.partition, o.member, p.term from position p left join partition_owner o using (partition) order by 1");
    if (!owners) return fail(owners.error());
    for (int row = 0; row < owners->size(); ++row)
      cluster.partitions.push_back({owners->int4(row, 0), owners->string(row, 1), owners->number(row, 2)});
    const auto leases = session.query("select name, member, term from lease order by name");
    if (!leases) return fail(leases.error());
    for (int row = 0; row < leases->size(); ++row)
      cluster.leases.push_back({leases->string(row, 0), leases->string(row, 1), leases->number(row, 2)});
    return cluster;
  }

  const std::string address_;
  std::unique_ptr<Connection> session_;
};

}  // namespace

std::unique_ptr<MemberTable> make_postgres_members(const std::string& connection) {
  return std::make_unique<PostgresMembers>(connection);
}

}  // namespace backstitch::database
