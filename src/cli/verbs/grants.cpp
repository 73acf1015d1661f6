// grants list|grant|revoke|reload, user list|add|remove|assign|unassign, session start|end|show.
#include <boost/json.hpp>

#include "base/files.h"
#include "base/json.h"
#include "cli/input.h"
#include "cli/requests.h"
#include "cli/verbs/verbs.h"

namespace backstitch::cli {
namespace {

using boost::json::object;
using boost::json::value;

Result<Answer> grants_list(const Invocation& invocation) {
  return fetch_list(invocation,
                    with_query("/grants", {{"profile", invocation.option("--profile")}, {"user", invocation.option("--user")}}),
                    "grants.list/1",
                    {{"PROFILE", "profile"},
                     {"RESOURCE", "resource"},
                     {"ACTION", "action"},
                     {"FIELD", "field"},
                     {"BY", "changedBy"},
                     {"CHANGED", "changedAt"}});
}

Result<Answer> change_grant(const Invocation& invocation, const char* verb) {
  object body{{"profile", invocation.argument("PROFILE")},
              {"resource", invocation.argument("RESOURCE")},
              {"action", invocation.argument("ACTION")}};
  if (invocation.has("--field")) body["field"] = invocation.option("--field");
  if (!invocation.actor.empty()) body["actor"] = invocation.actor;
  return send_command(invocation, fmt::format("/grants/{}", verb), body, "grants.change/1");
}
Result<Answer> grants_grant(const Invocation& invocation) { return change_grant(invocation, "grant"); }
Result<Answer> grants_revoke(const Invocation& invocation) { return change_grant(invocation, "revoke"); }

Result<Answer> grants_reload(const Invocation& invocation) {
  if (invocation.dry_run) return dry_run_answer("/grants/reload", "{}");
  auto client = Client::connect(invocation);
  if (!client) return fail(std::move(client.error()));
  const auto done = client->post("/grants/reload", "{}");
  if (!done) return fail(done.error());
  Answer answer{.schema = "grants.reload/1", .data = write_json(*done)};
  answer.text = fmt::format("{} grants of {} users loaded, {} removed\n", text_of(*done, "loaded"), text_of(*done, "users"),
                            text_of(*done, "removed"));
  return answer;
}

Result<Answer> user_list(const Invocation& invocation) {
  return fetch_list(invocation, "/users", "user.list/1",
                    {{"USER", "user"}, {"PROFILES", "profiles"}, {"BY", "changedBy"}, {"CHANGED", "changedAt"}});
}

/// One line of a file, or of standard input: a password on the command line would stand in the list of processes.
Result<std::string> password_of(const Invocation& invocation) {
  auto text = read_input(invocation.option("--password-file"));
  if (!text) return fail(std::move(text.error()));
  return text->substr(0, text->find_last_not_of("\r\n") + 1);
}

Result<Answer> user_add(const Invocation& invocation) {
  object body{{"user", invocation.argument("USER")}};
  if (!invocation.actor.empty()) body["actor"] = invocation.actor;
  if (invocation.dry_run) return dry_run_answer("/users", write_json(body));
  const auto password = password_of(invocation);
  if (!password) return fail(password.error());
  body["password"] = *password;
  return send_command(invocation, "/users", body, "user.change/1");
}

Result<Answer> change_user(const Invocation& invocation, const char* verb) {
  object body;
  if (const std::string profile = invocation.argument("PROFILE"); !profile.empty()) body["profile"] = profile;
  if (!invocation.actor.empty()) body["actor"] = invocation.actor;
  return send_command(invocation, fmt::format("/users/{}/{}", percent_encode(invocation.argument("USER")), verb), body,
                      "user.change/1");
}
Result<Answer> user_remove(const Invocation& invocation) { return change_user(invocation, "remove"); }
Result<Answer> user_assign(const Invocation& invocation) { return change_user(invocation, "assign"); }
Result<Answer> user_unassign(const Invocation& invocation) { return change_user(invocation, "unassign"); }

Result<Answer> session_start(const Invocation& invocation) {
  if (invocation.dry_run) return dry_run_answer("/sessions", write_json(object{{"user", invocation.argument("USER")}}));
  const auto password = password_of(invocation);
  if (!password) return fail(password.error());
  Invocation nobody = invocation;  // the file may hold the token of a session that is over
  nobody.token.clear(), nobody.token_file.clear(), nobody.actor.clear();
  auto client = Client::connect(nobody);
  if (!client) return fail(std::move(client.error()));
  auto session = client->post("/sessions", write_json(object{{"user", invocation.argument("USER")}, {"password", *password}}));
  if (!session) return fail(std::move(session.error()));
  Answer answer{.schema = "session.start/1"};
  answer.text = text_of(*session, "token") + "\n";
  if (!invocation.token_file.empty()) {
    BS_TRY(write_file_durably(invocation.token_file, text_of(*session, "token") + "\n", 0600));  // nobody but its owner
    session->as_object()["token"] = invocation.token_file;
    answer.text = fmt::format("signed in as {} until {}\n", text_of(*session, "user"), text_of(*session, "expiresAt"));
  }
  answer.data = write_json(*session);
  return answer;
}

Result<Answer> session_end(const Invocation& invocation) {
  if (invocation.dry_run) return dry_run_answer("/sessions/current", "");
  auto client = Client::connect(invocation);
  if (!client) return fail(std::move(client.error()));
  if (const auto done = client->remove("/sessions/current"); !done) return fail(done.error());
  if (!invocation.token_file.empty()) BS_TRY(remove_tree(invocation.token_file));
  return Answer{.schema = "session.end/1", .text = "signed out\n"};
}

Result<Answer> session_show(const Invocation& invocation) { return fetch_one(invocation, "/sessions/current", "session.show/1"); }

std::vector<Verb> grants_part() {
  const std::vector<Argument> grant{{"PROFILE", "administrator, operator, reader, submitter, or one of your own"},
                                    {"RESOURCE", "orders, items, tasks, … or *"},
                                    {"ACTION", "read, submit, retry, … or *"}};
  const Option field{"--field", "FIELD", "a guarded field, such as serviceRecord of inventory; or *"};
  return {{"grants",
           "list",
           "what profiles hold",
           {},
           {{"--profile", "PROFILE", "of this profile"}, {"--user", "USER", "of this user's profiles"}},
           {"grants list", "grants list --user ann", "grants list --profile operator --json"},
           grants_list},
          {"grants",
           "grant",
           "give a profile a grant",
           grant,
           {field},
           {"grants grant operator backups create", "grants grant night inventory read --field serviceRecord",
            "grants grant operator queues drain --dry-run"},
           grants_grant},
          {"grants",
           "revoke",
           "take a grant from a profile, at once",
           grant,
           {field},
           {"grants revoke operator items fail", "grants revoke reader inventory read --field attributes",
            "grants revoke operator items fail --dry-run"},
           grants_revoke},
          {"grants",
           "reload",
           "load all grants again",
           {},
           {},
           {"grants reload", "grants reload --dry-run", "grants reload --json"},
           grants_reload}};
}

std::vector<Verb> user_part() {
  const Argument user{"USER", "the name"}, profile{"PROFILE", "as grants list shows it"};
  const Option password{"--password-file", "FILE", "a line with the password, - for standard input", true};
  return {{"user", "list", "users and their profiles", {}, {}, {"user list", "user list --json", "user list --quiet"}, user_list},
          {"user",
           "add",
           "add a user, or give one another password",
           {user},
           {password},
           {"user add ann --password-file ann.txt", "user add ann --password-file - <ann.txt",
            "user add ann --password-file ann.txt --dry-run"},
           user_add},
          {"user",
           "remove",
           "remove a user; open sessions end at once",
           {user},
           {},
           {"user remove ann", "user remove ann --dry-run", "user remove ann --json"},
           user_remove},
          {"user",
           "assign",
           "assign a profile to a user",
           {user, profile},
           {},
           {"user assign ann operator", "user assign ann reader --json", "user assign ann operator --dry-run"},
           user_assign},
          {"user",
           "unassign",
           "take a profile from a user, at once",
           {user, profile},
           {},
           {"user unassign ann operator", "user unassign ann reader --json", "user unassign ann operator --dry-run"},
           user_unassign},
          {"session",
           "start",
           "sign in; the token goes to --token-file, or is printed",
           {user},
           {password},
           {"session start ann --password-file ann.txt --token-file ann.token", "session start ann --password-file - <ann.txt",
            "session start ann --password-file ann.txt --json"},
           session_start},
          {"session",
           "end",
           "sign out",
           {},
           {},
           {"session end --token-file ann.token", "session end", "session end --json"},
           session_end},
          {"session",
           "show",
           "who acts, and what they may",
           {},
           {},
           {"session show --token-file ann.token", "session show", "session show --json"},
           session_show}};
}

}  // namespace

std::vector<Verb> grant_verbs() {
  std::vector<Verb> verbs = grants_part();
  for (Verb& verb : user_part()) verbs.push_back(std::move(verb));
  return verbs;
}

}  // namespace backstitch::cli
