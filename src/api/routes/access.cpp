// Sessions, users and grants. A change is an input of partition 0; the door says early what the engine would refuse.
#include <algorithm>
#include <boost/json.hpp>

#include "api/routes/routes.h"
#include "base/json.h"
#include "base/password.h"
#include "engine/access/change_grant.h"

namespace backstitch {
namespace json = boost::json;
namespace {

HttpResponse sign_in(Platform& platform, const RouteCall& call) {
  const auto body = body_object(call.http);
  if (!body) return problem_response(body.error());
  const auto session = platform.access().sign_in(body_text(*body, "user"), body_text(*body, "password"));
  if (!session) return problem_response(session.error());
  return json_response(
      201,
      write_json(json::object{{"token", session->token}, {"user", session->user}, {"expiresAt", rfc3339(session->expires_at)}}));
}

HttpResponse sign_out(Platform& platform, const RouteCall& call) {
  const Status done = platform.access().sign_out(call.http.header("authorization"));
  return done ? json_response(200, "{}") : problem_response(done.error());
}

HttpResponse who_am_i(Platform& platform, const RouteCall& call) {
  const auto caller = platform.access().caller(call.http.header("authorization"));
  if (!caller) return problem_response(caller.error());
  json::array grants;
  for (const Grant& grant : caller->permissions.grants()) grants.emplace_back(grant.text());
  return json_response(
      200, write_json(json::object{{"user", caller->user}, {"session", caller->has_session}, {"grants", std::move(grants)}}));
}

HttpResponse list_grants(Platform& platform, const RouteCall& call) {
  const std::string user(call.http.query_value("user")), profile(call.http.query_value("profile"));
  const auto rows = platform.database().access(user);
  if (!rows) return problem_response(rows.error());
  if (!user.empty() && rows->users.empty()) return problem_response({Code::user_not_found, user, {}});
  json::array items;
  for (const GrantRow& row : rows->grants) {
    if (!profile.empty() && row.profile != profile) continue;
    items.push_back(json::object{{"profile", row.profile},
                                 {"resource", row.resource},
                                 {"action", row.action},
                                 {"field", row.field},
                                 {"changedBy", row.changed_by},
                                 {"changedAt", rfc3339(row.changed_at)}});
  }
  return json_response(200, write_json(json::object{{"items", std::move(items)}, {"next", nullptr}}));
}

HttpResponse list_users(Platform& platform) {
  const auto rows = platform.database().access("");
  if (!rows) return problem_response(rows.error());
  json::array items;
  for (const UserRow& row : rows->users) {
    json::array profiles;
    for (const MembershipRow& membership : rows->memberships)
      if (membership.user == row.name) profiles.emplace_back(membership.profile);
    items.push_back(json::object{{"user", row.name},
                                 {"profiles", std::move(profiles)},
                                 {"changedBy", row.changed_by},
                                 {"changedAt", rfc3339(row.changed_at)}});
  }
  return json_response(200, write_json(json::object{{"items", std::move(items)}, {"next", nullptr}}));
}

HttpResponse reload(Platform& platform) {
  const auto done = platform.access().reload();
  if (!done) return problem_response(done.error());
  return json_response(200, write_json(json::object{{"users", done->users}, {"loaded", done->rows}, {"removed", done->removed}}));
}

/// "item retry" is how one says it; the table has "items".
std::string resource_named(const std::string& name) {
  return !find_resource(name) && find_resource(name + "s") ? name + "s" : name;
}

/// Users and profiles that are assigned, removed or taken away must be there; the engine, which loads nothing, takes any name.
Status check_names(Platform& platform, const GrantChangeInput& change) {
  const bool about_user =
      change.verb == GrantVerb::assign || change.verb == GrantVerb::unassign || change.verb == GrantVerb::remove_user;
  if (!about_user) return {};
  const auto rows = platform.database().access("");
  if (!rows) return fail(rows.error());
  const bool user =
      std::any_of(rows->users.begin(), rows->users.end(), [&](const UserRow& row) { return row.name == change.user; });
  if (!user) return fail(Code::user_not_found, "there is no user {}", change.user);
  const bool profile =
      change.verb != GrantVerb::assign ||
      std::any_of(rows->grants.begin(), rows->grants.end(), [&](const GrantRow& row) { return row.profile == change.profile; });
  return profile ? Status() : fail(Code::user_not_found, "no profile {} holds a grant", change.profile);
}

std::string members_of(const GrantChangeInput& change) {
  std::string out = json_member("verb", to_text(change.verb));
  auto add = [&](const char* name, const std::string& text) {
    if (!text.empty()) out += json_member(name, text);
  };
  add("profile", change.profile), add("user", change.user);
  add("resource", change.grant.resource), add("action", change.grant.action), add("field", change.grant.field);
  add("password", change.password);
  return out;
}

HttpResponse change(Platform& platform, const RouteCall& call, GrantVerb verb, const std::string& user) {
  const auto body = body_object(call.http);
  if (!body) return problem_response(body.error());
  const std::string key(call.http.header("idempotency-key"));
  GrantChangeInput input;
  input.verb = verb, input.user = user.empty() ? body_text(*body, "user") : user, input.profile = body_text(*body, "profile");
  if (verb == GrantVerb::grant || verb == GrantVerb::revoke)
    input.grant = {resource_named(body_text(*body, "resource")), body_text(*body, "action"), body_text(*body, "field")};
  if (verb == GrantVerb::add_user) {
    const std::string password = body_text(*body, "password");
    if (password.size() < 8 || password.size() > 1024)
      return problem_response({Code::grant_invalid, "a password has 8 to 1,024 bytes", {}});
    // The same request again makes the same record, which is how it is known.
    auto hash = hash_password(password, key.empty() ? "" : input.user + "\n" + key);
    if (!hash) return problem_response(hash.error());
    input.password = std::move(*hash);
  }
  if (const Status fine = check_grant_change(input); !fine) return problem_response(fine.error());
  if (const Status there = check_names(platform, input); !there) return problem_response(there.error());
  const auto received = platform.intake().house_command("grant-change", members_of(input), actor_of(call, *body), key);
  if (received) {
    platform.access().await_decision(received->offset);
    platform.access().decided(platform.decided(0));  // it may have been decided before it was awaited
  }
  HttpResponse response = accepted(platform, call.http, received);
  // Who is told "applied" must not meet what was cached before; the shard's own word may come a moment later than the commit.
  if (response.status == 200)
    if (const Status switched = platform.access().switch_generation(); !switched) return problem_response(switched.error());
  return response;
}

}  // namespace

void add_access_routes(Router& router, Platform& platform) {
  constexpr Need read{"grants", "read"}, may_change{"grants", "change"};
  router.add("POST", "/api/v1/sessions", open_to_all, "Sign in: {user, password} gives a token for Authorization: Bearer",
             [&platform](const RouteCall& call) { return sign_in(platform, call); });
  router.add("GET", "/api/v1/sessions/current", open_to_all, "Who asks, and what they may",
             [&platform](const RouteCall& call) { return who_am_i(platform, call); });
  router.add("DELETE", "/api/v1/sessions/current", open_to_all, "Sign out",
             [&platform](const RouteCall& call) { return sign_out(platform, call); });
  router.add("GET", "/api/v1/grants", read, "What profiles hold; ?profile= or ?user= for one",
             [&platform](const RouteCall& call) { return list_grants(platform, call); });
  router.add("POST", "/api/v1/grants/reload", {"grants", "reload"}, "Load all grants again, without waiting for misses",
             [&platform](const RouteCall&) { return reload(platform); });
  router.add("GET", "/api/v1/users", read, "Users and their profiles",
             [&platform](const RouteCall&) { return list_users(platform); });
  auto changing = [&](const char* pattern, GrantVerb verb, const char* summary) {
    router.add("POST", pattern, may_change, summary,
               [&platform, verb](const RouteCall& call) { return change(platform, call, verb, std::string(call["name"])); });
  };
  changing("/api/v1/grants/grant", GrantVerb::grant, "Give a profile a grant: {profile, resource, action, field?}");
  changing("/api/v1/grants/revoke", GrantVerb::revoke, "Take a grant from a profile");
  changing("/api/v1/users", GrantVerb::add_user, "Add a user, or give one another password: {user, password}");
  changing("/api/v1/users/{name}/remove", GrantVerb::remove_user, "Remove a user with everything assigned");
  changing("/api/v1/users/{name}/assign", GrantVerb::assign, "Assign a profile: {profile}");
  changing("/api/v1/users/{name}/unassign", GrantVerb::unassign, "Take a profile from a user: {profile}");
}

}  // namespace backstitch
