#include "recovery/reconcile/settler.h"

#include <algorithm>

#include "base/probe.h"

namespace backstitch::recovery {
namespace {

using Kind = Finding::Kind;

/// Its outcome is a person's already: a call nobody could find out about, or one that a recovery gave up.
bool waits_for_person(const ReplayedItem& item) {
  const ItemWork& work = item.work();
  return work.state == ItemState::fatally_failed &&
         (work.attention == "unknown-outcome" || work.error.starts_with(code_text(Code::restored)));
}

}  // namespace

void Settler::settle(Evidence& evidence) {
  all_ = &evidence;
  out_.effects += static_cast<std::int64_t>(evidence.size());
  for (auto& [id, item] : evidence) {
    const Case it = case_of(item);
    if (settings_.policy == Policy::fatally_fail)
      distrust(it);
    else if (stands_already(it))
      ++out_.rows[0];
    else
      settle_item(it);
  }
  without_evidence(evidence);
}

Settler::Case Settler::case_of(ItemEvidence& evidence) {
  Case it;
  it.evidence = &evidence, it.item = replayed_.find(evidence.item);
  if (it.item && evidence.subject.empty()) evidence.subject = it.item->subject();
  if (it.item && evidence.system.empty()) {
    const std::string route = route_of(*it.item->order, it.item->index);
    evidence.system = route.substr(0, route.find('.'));
  }
  const Catalog* catalog = it.item ? it.item->order->catalog.get() : active_.get();
  const std::string name = (catalog ? catalog->digest : std::string()) + "\n" + evidence.system;
  const auto [target, fresh] = targets_.try_emplace(name);
  if (fresh) target->second = target_of(catalog, evidence.system, settings_.bases);
  it.target = target->second ? &*target->second : nullptr;
  return it;
}

// What the rows say and what was recorded go together, or the rows say that a person has it in hand.
bool Settler::stands_already(const Case& it) const {
  if (!it.item) return false;
  const Known net = it.evidence->net().known;
  if (it.item->work().state == ItemState::fatally_failed) return net != Known::done;
  if (it.item->work().state != ItemState::completed) return false;
  const bool disbelieved =
      std::any_of(it.evidence->calls.begin(), it.evidence->calls.end(), [](const auto& call) { return call.second.disbelieved; });
  return net == Known::done || (net != Known::undone && !disbelieved);
}

void Settler::settle_item(const Case& it) {
  if (it.evidence->any_unknown() && !find_out(it)) return;
  const int call = it.evidence->net_call();
  const Known net = it.evidence->net().known;
  const bool completed = it.item && it.item->work().state == ItemState::completed;
  if (completed && net == Known::done) {
    ++out_.rows[0];
  } else if (completed) {
    contradicted(it, call, fmt::format("the item is Completed, and {} is {}", it.evidence->key_of(call), to_text(net)));
  } else if (net == Known::done && (it.wants() || (it.item && waits_for_person(*it.item)))) {
    wanted_and_done(it);
  } else if (net == Known::done) {
    done_for_nobody(it);
  } else if (it.wants()) {
    call_again(it);
  } else {
    netted(it);
  }
}

bool Settler::find_out(const Case& it) {
  for (auto& [number, call] : it.evidence->calls) {
    if (call.known != Known::unknown) continue;
    const Finding finding = inquiry_.find_out(*it.evidence, number, it.target);
    if (finding.kind == Kind::known) continue;
    if (finding.kind == Kind::contradicts) {
      contradicted(it, number, finding.evidence);
    } else {
      leave_open(it, number, finding);
    }
    return false;
  }
  return true;
}

// An item that has not come to its call is left to the normal path, which asks when it does. So is one whose system is still at
// it, or takes the same key again: the mark in the log stands, and only the marked request is repeated.
void Settler::leave_open(const Case& it, int call, const Finding& finding) {
  ++out_.rows[1];
  const bool later = it.wants() && !it.reached();
  const bool same = it.reached() && it.evidence->calls.at(call).digest == it.item->digest();
  if (finding.kind == Kind::resend && (later || same)) {
    ++out_.resent;
    return;
  }
  if (later || (finding.kind == Kind::running && it.reached())) return;
  std::vector<std::string> choices{choice::by_hand, choice::keep};
  if (it.reached()) choices = {choice::by_hand, verdict::adopt, verdict::next_call};
  add_work(it, it.evidence->item, call, "E1", finding.evidence, choices);
  hold(it, call, "nobody can tell whether it was done: " + finding.evidence);
}

void Settler::contradicted(const Case& it, int call, const std::string& why) {
  ++out_.rows[2];
  std::vector<std::string> choices{choice::by_hand, choice::keep};
  if (it.reached()) choices = {choice::by_hand, verdict::adopt, verdict::next_call};
  add_work(it, it.evidence->item, call, "E2", why, choices);
  hold(it, call, "answer and system contradict: " + why);
}

void Settler::wanted_and_done(const Case& it) {
  const int call = it.evidence->net_call();
  const CallEvidence& net = it.evidence->net();
  const std::string wanted = it.item->digest();
  // Fatally Failed: the request that was in flight is not known any more, and it was this one.
  if (it.wants() && it.reached() && net.digest != wanted) {
    ++out_.rows[4];
    const std::string why = fmt::format("{} was done with the request {}, and the item wants {}", it.evidence->key_of(call),
                                        net.digest.empty() ? "nobody knows of" : net.digest, wanted);
    add_work(it, it.evidence->item, call, "E4", why, {choice::amend, verdict::adopt});
    return hold(it, call, why);
  }
  ++out_.rows[3], ++out_.adopted;
  if (!guarded(Guard::adoption)) return;
  if (it.wants() && !it.reached()) return;  // the answer index gives it when the item comes to its call
  decide({it.evidence, call, it.evidence->item}, verdict::adopt,
         fmt::format("{} was done {}", it.evidence->key_of(call), rfc3339(net.settled_at)));
}

void Settler::call_again(const Case& it) {
  const Known net = it.evidence->net().known;
  ++out_.rows[net == Known::none ? 6 : 5], ++out_.run;
  const int last = it.evidence->calls.rbegin()->first;
  if (net == Known::none || !it.reached() || it.item->work().call > last) return;
  decide({it.evidence, it.evidence->net_call(), it.evidence->item}, verdict::next_call,
         fmt::format("{} is {}", it.evidence->key_of(it.evidence->net_call()), to_text(net)));
}

void Settler::netted(const Case& it) {
  ++out_.rows[7];
  const int call = it.evidence->net_call();
  const char* where = it.item ? "is not wanted any more" : "is not there any more";
  decide({it.evidence, call, it.evidence->item}, verdict::note,
         fmt::format("{} is {}, and its item {}", it.evidence->key_of(call), to_text(it.evidence->net().known), where));
}

void Settler::done_for_nobody(const Case& it) {
  const auto other = it.evidence->subject.empty() ? std::nullopt : replayed_.wanting(it.evidence->subject, it.evidence->item);
  if (other && !held_.contains(other->planned().id)) return match(it, *other);
  const int call = it.evidence->net_call();
  Finding finding{Kind::open, fmt::format("{} is recorded as done; nobody was asked", it.evidence->key_of(call))};
  if (settings_.policy == Policy::settle) finding = inquiry_.confirm(*it.evidence, call, it.target);
  if (finding.kind == Kind::contradicts) return contradicted(it, call, finding.evidence);
  ++out_.rows[9];
  std::vector<std::string> choices{choice::by_hand, choice::keep};
  if (finding.kind == Kind::known && it.target && it.target->cancel) choices = {choice::cancel, choice::keep, choice::by_hand};
  add_work(it, it.evidence->item, call, "E9", finding.evidence, choices);
}

// The other item may have been called under its own key: then the business was done twice, or may have been.
void Settler::match(const Case& it, const ReplayedItem& other) {
  ++out_.rows[8];
  const int call = it.evidence->net_call();
  const ItemId wanting = other.planned().id;
  const auto own = all_->find(wanting);
  const bool called = own != all_->end() && own->second.net().known != Known::none;
  const std::string why = fmt::format("{} of {} was done, and {} wants the same now", it.evidence->key_of(call),
                                      it.evidence->subject, wanting.text());
  held_.insert(wanting);
  if (settings_.policy == Policy::settle && other.reached() && !called && it.evidence->net().digest == other.digest()) {
    ++out_.adopted;
    return decide({it.evidence, call, wanting}, verdict::adopt, why);
  }
  add_work(it, wanting, call, "E8", why, {verdict::adopt, verdict::next_call, choice::by_hand});
  if (other.reached()) decide({it.evidence, call, wanting}, verdict::fatally_fail, why), ++out_.fatally_failed;
}

// Nothing is asked, nothing is adopted: whatever was recorded of the call that the item comes to is for a person.
void Settler::distrust(const Case& it) {
  const Known net = it.evidence->net().known;
  const int call = it.evidence->calls.rbegin()->first;
  if (it.wants() && call >= it.item->work().call) {
    ++out_.rows[net == Known::done ? 3 : net == Known::unknown ? 1 : net == Known::none ? 6 : 5];
    return hold(it, call,
                fmt::format("restored: {} is {}", it.evidence->key_of(call), to_text(it.evidence->calls.at(call).known)));
  }
  if (it.item) return static_cast<void>(++out_.rows[it.wants() ? 5 : 0]);
  if (net == Known::done) return done_for_nobody(it);
  if (net != Known::unknown) return netted(it);
  ++out_.rows[1];
  add_work(it, it.evidence->item, it.evidence->net_call(), "E1",
           it.evidence->key_of(it.evidence->net_call()) + ": nobody was asked", {choice::by_hand, choice::keep});
}

// Row 6, the quiet part of it: no mark, so nothing was ever sent.
void Settler::without_evidence(const Evidence& evidence) {
  for (const ReplayedItem& item : replayed_.running()) {
    if (evidence.contains(item.planned().id) || held_.contains(item.planned().id)) continue;
    ++out_.effects, ++out_.rows[6], ++out_.run;
  }
}

void Settler::decide(const SettledCall& call, const char* verdict, const std::string& reason) {
  out_.decisions.push_back(
      {call.evidence->partition, call.evidence->account, settlement_json(settings_.recovery_id, call, verdict, reason)});
}

// An item that has not come to its call cannot be held in this state; under the policy it is said all the same, and the refusal
// is in writing.
void Settler::hold(const Case& it, int call, const std::string& reason) {
  if (!it.wants() || (!it.reached() && settings_.policy == Policy::settle)) return;
  held_.insert(it.evidence->item);
  ++out_.fatally_failed;
  decide({it.evidence, call, it.evidence->item}, verdict::fatally_fail, reason);
}

void Settler::add_work(const Case& it, ItemId item, int call, const char* kind, const std::string& evidence,
                       const std::vector<std::string>& choices) {
  WorkRow row = work_of(settings_.recovery_id, {it.evidence, call, item}, kind, evidence, choices);
  const CatalogPtr& catalog = it.item ? it.item->order->catalog : active_;
  row.catalog = catalog ? catalog->digest : std::string();
  out_.work.push_back(std::move(row));
  ++out_.open;
}

}  // namespace backstitch::recovery
