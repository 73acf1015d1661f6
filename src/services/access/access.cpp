#include "services/access/access.h"

#include <algorithm>

#include "base/hash.h"
#include "base/log.h"
#include "base/password.h"
#include "services/access/documents.h"

namespace backstitch {
namespace {

constexpr const char* grants_space = "grants";
constexpr const char* sessions_space = "sessions";
constexpr std::string_view bearer = "Bearer ";

tl::unexpected<Error> nobody(std::string_view why) { return fail(Code::not_signed_in, "{}", why); }

Result<std::string> token_of(std::string_view authorization) {
  if (!authorization.starts_with(bearer)) return nobody("the header Authorization holds no Bearer token");
  return std::string(authorization.substr(bearer.size()));
}

/// Ties a session to the password it was opened with: another password, or another user of the name, ends it. The cache, which
/// may lie elsewhere, holds this and never the hash itself.
std::string seal_of(const std::string& password_hash) {
  return password_hash.empty() ? std::string() : sha256_hex(password_hash).substr(0, 16);
}

}  // namespace

Access::Access(AccessSettings settings, cache::Cache& cache, database::Database& database, std::function<Time()> clock)
    : settings_(settings), cache_(cache), database_(database), clock_(std::move(clock)) {}

Result<Caller> Access::caller(std::string_view authorization) {
  if (authorization.empty()) return local_caller(settings_.local_administrator, authorization);
  const auto token = token_of(authorization);
  if (!token) return fail(token.error());
  auto stored = cache_.get(sessions_space, sha256_hex(*token), clock_());
  if (!stored) return fail(std::move(stored.error()));
  if (!*stored) return nobody("the session is over, or there was none");
  const auto first = (*stored)->find(' '), second = (*stored)->find(' ', first + 1);
  const std::string epoch = (*stored)->substr(0, first), seal = (*stored)->substr(first + 1, second - first - 1);
  if (epoch != std::to_string(settings_.epoch)) return nobody("a recovery has ended all sessions; sign in again");
  const std::string user = (*stored)->substr(second + 1);
  auto access = grants_of(user);
  if (!access) return fail(std::move(access.error()));
  if (!access->exists() || access->seal != seal) return nobody("the user is gone, or has another password");
  return Caller{user, true, Permissions(std::move(access->grants))};
}

Result<Session> Access::sign_in(const std::string& user, const std::string& password) {
  // Past the cache: a password that was changed a moment ago must not be taken any more.
  auto rows = database_.access(user.empty() ? "?" : user);
  if (!rows) return fail(std::move(rows.error()));
  const std::string hash = rows->users.empty() ? std::string() : rows->users.front().password;
  static const std::string no_one = hash_password("").value_or("");
  const std::lock_guard lock(hashing_);
  // An unknown name takes as long as a known one.
  const bool fits = is_password(password, hash.empty() ? no_one : hash);
  if (hash.empty() || !fits) return nobody("user and password do not fit");
  return make_session(user, hash);
}

Result<Session> Access::make_session(const std::string& user, const std::string& password_hash) {
  Session session{random_hex(32), user, clock_().plus_ms(settings_.session_ttl_ms)};
  const auto generation = cache_.generation(sessions_space);
  if (!generation) return fail(generation.error());
  auto kept =
      cache_.put(sessions_space, *generation, sha256_hex(session.token),
                 fmt::format("{} {} {}", settings_.epoch, seal_of(password_hash), user), clock_(), settings_.session_ttl_ms);
  if (!kept) return fail(std::move(kept.error()));
  if (!*kept) return nobody("all sessions were ended meanwhile; sign in again");
  return session;
}

Status Access::sign_out(std::string_view authorization) {
  const auto token = token_of(authorization);
  if (!token) return fail(token.error());
  return cache_.remove(sessions_space, sha256_hex(*token));
}

Result<std::optional<UserAccess>> Access::cached(const std::string& user) {
  BS_TRY(switch_as_owed());
  auto text = cache_.get(grants_space, user, clock_());
  if (!text) return fail(std::move(text.error()));
  if (!*text) return std::nullopt;
  return access_from_json(**text);  // what cannot be read counts as a miss
}

Status Access::keep(cache::Generation made_in, const std::string& user, const UserAccess& access) {
  {
    const std::lock_guard lock(mutex_);
    known_.insert(user);
  }
  auto kept = cache_.put(grants_space, made_in, user, access_json(access), clock_(), settings_.grants_ttl_ms);
  return kept ? Status() : fail(std::move(kept.error()));
}

Result<UserAccess> Access::grants_of(const std::string& user) {
  auto there = cached(user);
  if (there && *there) return std::move(**there);
  // The generation first: a change that is decided while the rows are read voids what is put under it.
  const auto generation = cache_.generation(grants_space);
  if (!generation) return fail(generation.error());
  auto rows = database_.access(user);
  if (!rows) return fail(std::move(rows.error()));
  auto all = access_by_user(*rows);
  UserAccess access = std::move(all[user]);
  BS_TRY(keep(*generation, user, access));
  return access;
}

void Access::await_decision(std::uint64_t offset) {
  const std::lock_guard lock(mutex_);
  waiting_.insert(offset);
}

void Access::decided(std::uint64_t offset_behind) {
  {
    const std::lock_guard lock(mutex_);
    const auto end = waiting_.lower_bound(offset_behind);
    if (end == waiting_.begin()) return;
    waiting_.erase(waiting_.begin(), end);
  }
  if (const Status switched = switch_generation(); !switched) log_error("grants", "error=\"{}\"", switched.error().text());
}

Status Access::switch_generation() {
  ++owed_;
  return switch_as_owed();
}

Status Access::switch_as_owed() {
  const std::uint64_t owed = owed_;  // what comes from now on may be later than the switch
  if (switched_ >= owed) return {};
  auto switched = cache_.switch_generation(grants_space);
  if (!switched) return fail(std::move(switched.error()));
  for (std::uint64_t done = switched_; done < owed && !switched_.compare_exchange_weak(done, owed);) continue;
  return {};
}

Result<Access::Reloaded> Access::reload() {
  std::set<std::string> known;
  {
    const std::lock_guard lock(mutex_);
    known = known_;
  }
  std::map<std::string, UserAccess> before;
  for (const std::string& user : known) {
    auto there = cached(user);
    if (!there) return fail(std::move(there.error()));
    if (*there) before[user] = std::move(**there);
  }
  auto generation = cache_.switch_generation(grants_space);
  if (!generation) return fail(std::move(generation.error()));
  auto rows = database_.access("");
  if (!rows) return fail(std::move(rows.error()));
  auto now = access_by_user(*rows);
  Reloaded out;
  for (const auto& [user, access] : now) {
    BS_TRY(keep(*generation, user, access));
    ++out.users, out.rows += static_cast<std::int64_t>(access.grants.size());
  }
  for (const auto& [user, access] : before)
    for (const Grant& grant : access.grants)
      if (const auto& left = now[user].grants; !std::binary_search(left.begin(), left.end(), grant)) ++out.removed;
  return out;
}

Result<std::vector<std::string>> Access::differences() {
  constexpr int rounds = 5;  // a change that is decided meanwhile makes a round worthless
  for (int round = 0;; ++round) {
    const auto before = cache_.generation(grants_space);
    if (!before) return fail(before.error());
    auto rows = database_.access("");
    if (!rows) return fail(std::move(rows.error()));
    auto truth = access_by_user(*rows);
    {
      const std::lock_guard lock(mutex_);
      for (const std::string& user : known_) truth.try_emplace(user);
    }
    std::vector<std::string> out;
    for (const auto& [user, access] : truth) {
      auto there = cached(user);
      if (!there) return fail(std::move(there.error()));
      if (*there && access_json(**there) != access_json(access))
        out.push_back(
            fmt::format("{}: the cache has {} grants, PostgreSQL {}", user, (*there)->grants.size(), access.grants.size()));
    }
    const auto after = cache_.generation(grants_space);
    if (!after) return fail(after.error());
    if (*before == *after || round == rounds) return out;
  }
}

Result<Caller> local_caller(bool local_administrator, std::string_view authorization) {
  if (!authorization.empty()) return nobody("sessions are not known here");
  if (!local_administrator) return nobody("access.local_administrator is off: a session is wanted");
  return Caller{std::string(local_user), false, Permissions::everything()};
}

std::map<std::string, UserAccess> access_by_user(const database::AccessRows& rows) {
  std::map<std::string, std::vector<Grant>> profiles;
  for (const GrantRow& row : rows.grants) profiles[row.profile].push_back({row.resource, row.action, row.field});
  std::map<std::string, UserAccess> out;
  for (const UserRow& row : rows.users) out[row.name].seal = seal_of(row.password);
  for (const MembershipRow& row : rows.memberships) {
    const auto user = out.find(row.user);
    if (user == out.end()) continue;  // assigned to nobody
    user->second.profiles.push_back(row.profile);
    const auto& grants = profiles[row.profile];
    user->second.grants.insert(user->second.grants.end(), grants.begin(), grants.end());
  }
  for (auto& [name, access] : out) {
    std::sort(access.profiles.begin(), access.profiles.end());
    std::sort(access.grants.begin(), access.grants.end());
    access.grants.erase(std::unique(access.grants.begin(), access.grants.end()), access.grants.end());
  }
  return out;
}

}  // namespace backstitch
