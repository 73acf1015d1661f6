// Who asks, and whether they may. Sessions and grants live in the cache, the truth about grants in PostgreSQL: a miss rebuilds,
// and every grant change that is decided switches the generation, so that what was loaded before it is readable no more. A switch
// that the cache could not take is owed, and so is one at the beginning, since nobody knows what an earlier process still owed:
// until it is made up for, no cached grant counts. All calls are thread-safe. Who works on the platform's own machine without a
// session acts as "local", and needs neither cache nor database.
#pragma once
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/access.h"
#include "stores/cache/port.h"
#include "stores/database/port.h"

namespace backstitch {

struct AccessSettings {
  bool local_administrator = true;  // false: only sessions
  std::int64_t grants_ttl_ms = 300'000, session_ttl_ms = 8 * 3'600'000;
  std::uint64_t epoch = 1;  // a session of another one is over: nobody stays signed in across a recovery
};

struct Caller {
  std::string user;
  bool has_session = false;
  Permissions permissions;
};

struct Session {
  std::string token, user;  // the token is told once; the cache holds its hash alone
  Time expires_at;
};

/// One user as PostgreSQL has it, which is what the cache holds under the user's name.
struct UserAccess {
  std::string seal;                   // of the password; empty: there is no such user
  std::vector<std::string> profiles;  // sorted
  std::vector<Grant> grants;          // of all profiles, sorted, each once
  bool exists() const { return !seal.empty(); }
};

class Access {
 public:
  Access(AccessSettings settings, cache::Cache& cache, database::Database& database, std::function<Time()> clock = wall_clock);

  /// `authorization` is the header's value. Empty: the local administrator, where there is one. Code::not_signed_in,
  /// database_unreachable on a miss.
  Result<Caller> caller(std::string_view authorization);
  /// Code::not_signed_in for a wrong password and an unknown user alike.
  Result<Session> sign_in(const std::string& user, const std::string& password);
  Status sign_out(std::string_view authorization);

  /// A grant change stands at this offset of partition 0 and is not decided yet: told as soon as it is received.
  void await_decision(std::uint64_t offset);
  /// All records of partition 0 before `offset_behind` are decided: if a grant change is among them, nothing cached counts.
  void decided(std::uint64_t offset_behind);
  /// Nothing that was loaded until now counts from now on, also when this fails.
  Status switch_generation();

  struct Reloaded {
    std::int64_t users = 0, rows = 0;  // loaded
    std::int64_t removed = 0;          // that the cache had and PostgreSQL has no more
  };
  /// Switches the generation and loads every user at once, without waiting for misses.
  Result<Reloaded> reload();

  /// V-15: what the cache would answer is what PostgreSQL says. A sentence a user that differs.
  Result<std::vector<std::string>> differences();

 private:
  Result<UserAccess> grants_of(const std::string& user);
  Result<std::optional<UserAccess>> cached(const std::string& user);
  Status switch_as_owed();
  Status keep(cache::Generation made_in, const std::string& user, const UserAccess& access);
  Result<Session> make_session(const std::string& user, const std::string& password_hash);

  AccessSettings settings_;
  cache::Cache& cache_;
  database::Database& database_;
  std::function<Time()> clock_;
  std::mutex mutex_;
  std::set<std::string> known_;                       // users that were ever put into the cache
  std::set<std::uint64_t> waiting_;                   // offsets of grant changes not decided yet
  std::atomic<std::uint64_t> owed_{1}, switched_{0};  // how often the generation was to be switched, and how far that is done
  std::mutex hashing_;                                // one password at a time: hashing takes memory, and guessing must be slow
};

/// Where nobody can be looked up: the local administrator, or nobody. A token is refused, whosever it is. Code::not_signed_in.
Result<Caller> local_caller(bool local_administrator, std::string_view authorization);

/// What the rows say about each user, by name.
std::map<std::string, UserAccess> access_by_user(const database::AccessRows& rows);

}  // namespace backstitch
