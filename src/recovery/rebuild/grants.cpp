#include "recovery/rebuild/grants.h"

#include "base/hash.h"
#include "base/json.h"
#include "engine/access/change_grant.h"

namespace backstitch::recovery {
namespace {

bool takes_away(GrantVerb verb) {
  return verb == GrantVerb::revoke || verb == GrantVerb::unassign || verb == GrantVerb::remove_user;
}

/// Does the later change give back what the earlier one took?
bool gives_back(const GrantChangeInput& later, const GrantChangeInput& earlier) {
  switch (earlier.verb) {
    case GrantVerb::revoke:
      return later.verb == GrantVerb::grant && later.profile == earlier.profile && later.grant == earlier.grant;
    case GrantVerb::unassign:
      return later.verb == GrantVerb::assign && later.user == earlier.user && later.profile == earlier.profile;
    default: return false;  // a user added again begins with nothing, so what was assigned before stays taken away
  }
}

void member(std::string& out, const char* name, const std::string& text) {
  if (text.empty()) return;
  out += fmt::format(",\"{}\":", name);
  append_json_string(out, text);
}

}  // namespace

std::string Revocation::subject() const { return fmt::format("{} {}", to_text(change.verb), subject_of(change)); }

Result<std::vector<Revocation>> revocations_since(safe::Safe& safe, const database::Position& position) {
  std::vector<Revocation> out;
  const Status read = safe.read_archive("incoming", 0, position.incoming, [&](const queue::Record& record) {
    if (record.schema != "incoming.grant-change/1") return true;
    const auto input =
        parse_input({Log::incoming, 0, record.offset, record.appended, record.key, record.schema, record.headers, record.value});
    const auto* change = input ? std::get_if<GrantChangeInput>(&*input) : nullptr;
    if (!change || !check_grant_change(*change)) return true;
    for (Revocation& before : out)
      if (gives_back(*change, before.change)) before.granted_again = true;
    if (takes_away(change->verb)) out.push_back({record.offset, record.appended, *change, false});
    return true;
  });
  if (!read && read.error().code != Code::offset_behind_end) return fail(read.error());
  return out;
}

Status withdraw(database::Database& copy, const std::vector<Revocation>& revocations) {
  database::AccessRows rows;
  for (const Revocation& one : revocations) {
    const GrantChangeInput& change = one.change;
    if (one.granted_again) continue;
    if (change.verb == GrantVerb::revoke)
      rows.grants.push_back({change.profile, change.grant.resource, change.grant.action, change.grant.field, {}, one.at, true});
    else if (change.verb == GrantVerb::unassign)
      rows.memberships.push_back({change.user, change.profile, {}, one.at, true});
    else
      rows.users.push_back({change.user, {}, {}, one.at, true, true});
  }
  return copy.withdraw(rows);
}

std::vector<Revocation> to_issue_again(const std::vector<Revocation>& revocations, bool replayed,
                                       const std::set<std::uint64_t>& excluded_offsets) {
  std::vector<Revocation> out;
  for (const Revocation& one : revocations)
    if (!one.granted_again && (!replayed || excluded_offsets.contains(one.offset))) out.push_back(one);
  return out;
}

ReissuedRecord issued_again(const Revocation& revocation, const std::string& recovery_id, const std::string& actor) {
  const GrantChangeInput& change = revocation.change;
  const CommandId id{first_128(sha256_parts({"issued again", recovery_id, std::to_string(revocation.offset)}))};
  ReissuedRecord out{"command\n" + id.text(), "{\"commandId\":\"" + id.text() + "\""};
  member(out.value, "actor", actor);
  member(out.value, "verb", to_text(change.verb));
  member(out.value, "profile", change.profile), member(out.value, "user", change.user);
  member(out.value, "resource", change.grant.resource), member(out.value, "action", change.grant.action);
  member(out.value, "field", change.grant.field);
  out.value += "}";
  return out;
}

}  // namespace backstitch::recovery
