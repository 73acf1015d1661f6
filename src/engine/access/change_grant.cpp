#include "engine/access/change_grant.h"

#include "engine/events.h"

namespace backstitch {
namespace {

bool is_about_a_grant(const GrantChangeInput& change) {
  return change.verb == GrantVerb::grant || change.verb == GrantVerb::revoke;
}

/// Everything but this one could be given back by somebody who has it.
Status keeps_an_administrator(const GrantChangeInput& change) {
  if (change.verb != GrantVerb::revoke || change.profile != administrator_profile || change.grant.resource != "*") return {};
  return fail(Code::grant_invalid, "{} keeps everything: nobody could give it back", administrator_profile);
}

void change_user(Desk& desk, const GrantChangeInput& change) {
  AccessChanges& access = desk.work.access;
  UserRow& row = access.users[change.user];
  row.name = change.user, row.changed_by = change.actor, row.changed_at = desk.now;
  row.remove = change.verb == GrantVerb::remove_user;
  row.password = row.remove ? std::string() : change.password;
  if (!row.remove) return;
  row.cleared = true;  // stays when the same turn makes the user again: the new one begins with nothing
  std::erase_if(access.memberships, [&](const auto& entry) { return entry.first.first == change.user; });
}

void change_membership(Desk& desk, const GrantChangeInput& change) {
  desk.work.access.memberships[{change.user, change.profile}] = {change.user, change.profile, change.actor, desk.now,
                                                                 change.verb == GrantVerb::unassign};
}

void change_one_grant(Desk& desk, const GrantChangeInput& change) {
  desk.work.access.grants[{change.profile, change.grant}] = {
      change.profile, change.grant.resource,           change.grant.action, change.grant.field, change.actor,
      desk.now,       change.verb == GrantVerb::revoke};
}

}  // namespace

std::string subject_of(const GrantChangeInput& change) {
  if (is_about_a_grant(change)) return change.profile + " " + change.grant.text();
  return change.profile.empty() ? change.user : change.user + " " + change.profile;
}

Status check_grant_change(const GrantChangeInput& change) {
  if (is_about_a_grant(change)) {
    BS_TRY(check_access_name("profile", change.profile));
    BS_TRY(check_grant(change.grant));
    return keeps_an_administrator(change);
  }
  BS_TRY(check_access_name("user", change.user));
  if (change.user == local_user)
    return fail(Code::grant_invalid, "\"{}\" is whoever works on the platform's own machine; give the user another name",
                local_user);
  if (change.verb == GrantVerb::assign || change.verb == GrantVerb::unassign) return check_access_name("profile", change.profile);
  if (change.verb == GrantVerb::add_user && !change.password.starts_with("scrypt$"))
    return fail(Code::grant_invalid, "user {} comes without a password's hash", change.user);
  return {};
}

void change_grant(Desk& desk, const GrantChangeInput& change) {
  Status fine = check_grant_change(change);
  if (fine && desk.record.partition != 0)
    fine = fail(Code::grant_invalid, "it stands in partition {}: changes of grants have one order, that of partition 0",
                desk.record.partition);
  if (fine && is_about_a_grant(change))
    change_one_grant(desk, change);
  else if (fine && (change.verb == GrantVerb::assign || change.verb == GrantVerb::unassign))
    change_membership(desk, change);
  else if (fine)
    change_user(desk, change);
  record_command(desk, change.id, "grant-change", fine ? "applied" : "refused", change.actor, subject_of(change),
                 fine ? nullptr : &fine.error());
}

}  // namespace backstitch
