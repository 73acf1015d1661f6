#include "stores/database/postgres/access.h"

#include "stores/database/postgres/postgres_database.h"

namespace backstitch::database {
namespace {

template <class Row, class Wanted>
std::vector<const Row*> chosen(const std::vector<Row>& rows, Wanted wanted) {
  std::vector<const Row*> out;
  for (const Row& row : rows)
    if (wanted(row)) out.push_back(&row);
  return out;
}

template <class Rows, class Fill>
void add_step(std::vector<Step>& steps, Statement statement, const Rows& rows, Fill fill) {
  if (rows.empty()) return;
  Step& step = steps.emplace_back(Step{statement, static_cast<std::int64_t>(rows.size()), {}});
  fill(step.parameters);
}

void add_users(std::vector<Step>& steps, const std::vector<UserRow>& all) {
  const auto cleared = chosen(all, [](const UserRow& row) { return row.cleared; });
  const auto removed = chosen(all, [](const UserRow& row) { return row.remove; });
  const auto set = chosen(all, [](const UserRow& row) { return !row.remove; });
  add_step(steps, Statement::user_clear, cleared, [&](Parameters& p) { p.texts(cleared, &UserRow::name); });
  add_step(steps, Statement::user_remove, removed, [&](Parameters& p) { p.texts(removed, &UserRow::name); });
  add_step(steps, Statement::user_set, set, [&](Parameters& p) {
    p.texts(set, &UserRow::name).texts(set, &UserRow::password).texts(set, &UserRow::changed_by).times(set, &UserRow::changed_at);
  });
}

void add_memberships(std::vector<Step>& steps, const std::vector<MembershipRow>& all) {
  const auto removed = chosen(all, [](const MembershipRow& row) { return row.remove; });
  const auto set = chosen(all, [](const MembershipRow& row) { return !row.remove; });
  add_step(steps, Statement::membership_remove, removed,
           [&](Parameters& p) { p.texts(removed, &MembershipRow::user).texts(removed, &MembershipRow::profile); });
  add_step(steps, Statement::membership_set, set, [&](Parameters& p) {
    p.texts(set, &MembershipRow::user).texts(set, &MembershipRow::profile);
    p.texts(set, &MembershipRow::changed_by).times(set, &MembershipRow::changed_at);
  });
}

void add_grants(std::vector<Step>& steps, const std::vector<GrantRow>& all) {
  const auto removed = chosen(all, [](const GrantRow& row) { return row.remove; });
  const auto set = chosen(all, [](const GrantRow& row) { return !row.remove; });
  auto key = [](Parameters& p, const std::vector<const GrantRow*>& rows) {
    p.texts(rows, &GrantRow::profile).texts(rows, &GrantRow::resource);
    p.texts(rows, &GrantRow::action).texts(rows, &GrantRow::field);
  };
  add_step(steps, Statement::grant_remove, removed, [&](Parameters& p) { key(p, removed); });
  add_step(steps, Statement::grant_set, set, [&](Parameters& p) {
    key(p, set);
    p.texts(set, &GrantRow::changed_by).times(set, &GrantRow::changed_at);
  });
}

/// "u.a = t.a and …" over arrays of texts $1 … $n.
constexpr const char* remove_grant_sql =
    "delete from backstitch.profile_grant t using unnest($1::text[], $2::text[], $3::text[], $4::text[])"
    " as u(profile, resource, action, field)"
    " where t.profile = u.profile and t.resource = u.resource and t.action = u.action and t.field = u.field";

}  // namespace

void add_access_statements(std::vector<StatementText>& all) {
  using enum Statement;
  constexpr const char* again = " do update set changed_by = excluded.changed_by, changed_at = excluded.changed_at";
  all.push_back({user_clear, "user_clear",
                 "delete from backstitch.membership t using unnest($1::text[]) as u(name) where t.user_name = u.name", false});
  all.push_back({user_remove, "user_remove",
                 "delete from backstitch.app_user t using unnest($1::text[]) as u(name) where t.name = u.name", false});
  all.push_back({user_set, "user_set",
                 std::string("insert into backstitch.app_user (name, password, changed_by, changed_at) select * from"
                             " unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) on conflict (name)") +
                     again + ", password = excluded.password"});
  all.push_back({membership_remove, "membership_remove",
                 "delete from backstitch.membership t using unnest($1::text[], $2::text[]) as u(user_name, profile)"
                 " where t.user_name = u.user_name and t.profile = u.profile",
                 false});
  all.push_back({membership_set, "membership_set",
                 std::string("insert into backstitch.membership (user_name, profile, changed_by, changed_at) select * from"
                             " unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) on conflict (user_name, profile)") +
                     again});
  all.push_back({grant_remove, "grant_remove", remove_grant_sql, false});
  all.push_back({grant_set, "grant_set",
                 std::string("insert into backstitch.profile_grant (profile, resource, action, field, changed_by, changed_at)"
                             " select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[],"
                             " $6::timestamptz[]) on conflict (profile, resource, action, field)") +
                     again});
}

std::vector<Step> access_steps(const AccessRows& rows) {
  std::vector<Step> steps;
  add_users(steps, rows.users);
  add_memberships(steps, rows.memberships);
  add_grants(steps, rows.grants);
  return steps;
}

// One statement, so that what is read is of one moment: kind, then the columns of that kind.
Result<AccessRows> load_access(Connection& connection, const std::string& user) {
  Parameters parameters;
  parameters.text(user);
  const auto rows = connection.query(
      "select 1, name, password, '', '', changed_by, changed_at from app_user where $1 = '' or name = $1"
      " union all select 2, user_name, profile, '', '', changed_by, changed_at from membership where $1 = '' or user_name = $1"
      " union all select 3, profile, resource, action, field, changed_by, changed_at from profile_grant g"
      "   where $1 = '' or exists (select from membership m where m.user_name = $1 and m.profile = g.profile)"
      " order by 1, 2, 3, 4, 5",
      parameters);
  if (!rows) return fail(rows.error());
  AccessRows out;
  for (int row = 0; row < rows->size(); ++row) {
    auto text = [&](int column) { return rows->string(row, column); };
    switch (rows->int4(row, 0)) {
      case 1: out.users.push_back({text(1), text(2), text(5), rows->time(row, 6), false, false}); break;
      case 2: out.memberships.push_back({text(1), text(2), text(5), rows->time(row, 6), false}); break;
      default: out.grants.push_back({text(1), text(2), text(3), text(4), text(5), rows->time(row, 6), false});
    }
  }
  return out;
}

Result<AccessRows> PostgresDatabase::access(const std::string& user) {
  return pool_.read([&](Connection& connection) { return load_access(connection, user); });
}

Status PostgresDatabase::withdraw(const AccessRows& rows) {
  return write([&](Connection& connection) -> Status {
    for (const Step& step : access_steps(rows)) {
      const StatementText& text = turn_statements()[static_cast<std::size_t>(step.statement)];
      if (const auto done = connection.query(text.sql.c_str(), step.parameters); !done) return fail(done.error());
    }
    return {};
  });
}

}  // namespace backstitch::database
