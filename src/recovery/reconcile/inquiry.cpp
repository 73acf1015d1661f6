#include "recovery/reconcile/inquiry.h"

#include <algorithm>

namespace backstitch::recovery {
namespace {

using systems::LookupState;
using systems::SubjectEffect;

const char* to_text(LookupState state) {
  switch (state) {
    case LookupState::done: return "done";
    case LookupState::failed: return "failed";
    case LookupState::running: return "running";
    case LookupState::absent: return "nothing of it";
    case LookupState::expired: return "that it has forgotten the key";
    case LookupState::unknown: return "nothing to be understood";
  }
  return "";
}

/// A system may have forgotten the key and still show the effect with its subject.
void read_from_subject(systems::LookupResult& by_key, const std::vector<SubjectEffect>& effects, const std::string& key) {
  if (by_key.state == LookupState::done || by_key.state == LookupState::failed || by_key.state == LookupState::running) return;
  for (const SubjectEffect& effect : effects)
    if (effect.key == key && effect.state != LookupState::unknown) by_key = {effect.state, effect.response, effect.digest};
}

void take(CallEvidence& call, Known known, const systems::LookupResult& said) {
  call.known = known;
  call.answer = {known == Known::done ? CallOutcome::done : CallOutcome::refused, "looked-up", said.response, 0, call.settled_at};
  if (!said.digest.empty()) call.digest = said.digest;
}

}  // namespace

std::optional<systems::Target> target_of(const Catalog* catalog, const std::string& system,
                                         const std::map<std::string, std::string>& bases) {
  const System* found = catalog ? catalog->system(system) : nullptr;
  if (!found) return std::nullopt;
  const auto base = bases.find(found->url);
  systems::Target target;
  target.base = base == bases.end() ? found->url : base->second;
  target.idempotent = found->effects.idempotent, target.lookup = found->effects.lookup, target.cancel = found->effects.cancel;
  target.key_lifetime_ms = found->effects.key_lifetime_ms, target.settling_time_ms = found->effects.settling_time_ms;
  return target;
}

Inquiry::Said Inquiry::ask(const ItemEvidence& item, const std::string& key, const systems::Target& target) {
  ++asked_;
  Said said;
  said.by_key = systems_->look_up(target, key);
  if (item.subject.empty()) return said;
  said.by_subject = systems_->look_up_subject(target, item.subject);
  if (said.by_subject) read_from_subject(said.by_key, *said.by_subject, key);
  return said;
}

// Of calls whose outcome is recorded, and of calls nobody here has ever heard of. What is missing proves nothing: keys are
// forgotten, and another system may have been asked.
std::string Inquiry::contradiction(const ItemEvidence& item, const Said& said) const {
  if (!said.by_subject) return {};
  for (const SubjectEffect& effect : *said.by_subject) {
    const auto key = CallKey::parse(effect.key);
    if (effect.state == LookupState::done && (!key || (key->effect != item.effect && !ours_(key->effect))))
      return fmt::format("the system has done {}, of which our log knows nothing", effect.key);
    if (!key || key->effect != item.effect) continue;
    const auto call = item.calls.find(key->call);
    const Known known = call == item.calls.end() ? Known::none : call->second.known;
    if (known == Known::unknown) continue;
    if ((effect.state == LookupState::done) != (known == Known::done) && effect.state != LookupState::unknown)
      return fmt::format("{} is recorded as {}, and the system says {}", effect.key, recovery::to_text(known),
                         to_text(effect.state));
  }
  return {};
}

// Under the key of a call that is recorded as done nothing is sent: the answer index would give the record.
bool Inquiry::may_resend(const CallEvidence& call, const systems::Target* target) const {
  return target && target->idempotent && !call.disbelieved && call.first_marked_at.is_set() &&
         now_ < call.first_marked_at.plus_ms(target->key_lifetime_ms);
}

Finding Inquiry::find_out(ItemEvidence& item, int number, const systems::Target* target) {
  using enum Finding::Kind;
  CallEvidence& call = item.calls.at(number);
  const Finding::Kind otherwise = may_resend(call, target) ? resend : open;
  const std::string key = item.key_of(number);
  if (!target)
    return {open, fmt::format("{} was marked {}, and no system is known that could be asked", key, rfc3339(call.marked_at))};
  if (!target->lookup || !systems_)
    return {otherwise, fmt::format("{} was marked {}, and nobody can be asked", key, rfc3339(call.marked_at))};
  const Said said = ask(item, key, *target);
  if (const std::string why = contradiction(item, said); !why.empty()) return {contradicts, why};
  const std::string told =
      fmt::format("{} was marked {}; the system says {}", key, rfc3339(call.marked_at), to_text(said.by_key.state));
  switch (said.by_key.state) {
    case LookupState::done: return take(call, Known::done, said.by_key), Finding{known, told};
    case LookupState::failed: return take(call, Known::refused, said.by_key), Finding{known, told};
    case LookupState::running: return {running, told};
    case LookupState::absent:
      if (call.accepted) return {contradicts, told + ", and it had accepted it"};
      break;
    case LookupState::expired:
    case LookupState::unknown: return {otherwise, told};
  }
  // What was sent may be on its way, or not show yet.
  if (now_ <= call.settled_at.plus_ms(target->settling_time_ms))
    return {otherwise, told + fmt::format(", which counts only {} behind the call", duration_text(target->settling_time_ms))};
  call.known = Known::none;
  return {known, told};
}

Finding Inquiry::confirm(const ItemEvidence& item, int number, const systems::Target* target) {
  using enum Finding::Kind;
  const CallEvidence& call = item.calls.at(number);
  const std::string key = item.key_of(number);
  const std::string recorded = fmt::format("{} is recorded as done {}", key, rfc3339(call.settled_at));
  if (!target || !target->lookup || !systems_) return {open, recorded + "; nobody can be asked"};
  const Said said = ask(item, key, *target);
  if (const std::string why = contradiction(item, said); !why.empty()) return {contradicts, why};
  const std::string told = fmt::format("{}; the system says {}", recorded, to_text(said.by_key.state));
  if (said.by_key.state == LookupState::done) return {known, told};
  const bool settled = now_ > call.settled_at.plus_ms(target->settling_time_ms);
  const bool denied = said.by_key.state == LookupState::failed || (said.by_key.state == LookupState::absent && settled);
  return {denied ? contradicts : open, told};
}

}  // namespace backstitch::recovery
