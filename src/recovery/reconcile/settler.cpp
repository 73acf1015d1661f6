#include "recovery/reconcile/settler.h"

#include <algorithm>

#include "base/hash.h"
#include "base/probe.h"

namespace backstitch::recovery {
namespace {

using Kind = Finding::Kind;

/// How the call that was made differs from the one that the item makes, in words; empty: in nothing. Of an item that has ended,
/// or waits for a person, only what its row still tells is compared.
std::string difference(const CallEvidence& made, const std::string& key, const ReplayedItem& item) {
  if (!made.system.empty() && made.system != item.system())
    return fmt::format("{} was done by {}, and the item belongs to {}", key, made.system,
                       item.system().empty() ? "no system" : item.system());
  const bool ended = item.work().state == ItemState::completed;
  if (!ended && !item.reached()) return {};
  const std::string wanted = ended ? digest64_text(item.work().digest) : item.digest();
  if (made.digest == wanted || (ended && (made.digest.empty() || item.work().digest == 0))) return {};
  return fmt::format("{} was done with the request {}, and the item wants {}", key,
                     made.digest.empty() ? "nobody knows of" : made.digest, wanted);
}

/// Its outcome is a person's already: a call nobody could find out about, or one that a recovery gave up.
bool waits_for_person(const ReplayedItem& item) {
  const ItemWork& work = item.work();
  return work.state == ItemState::fatally_failed &&
         (work.attention == "unknown-outcome" || work.error.starts_with(code_text(Code::restored)));
}

}  // namespace

void Settler::settle(Evidence& evidence) {
  settle_items(evidence);
  without_evidence(evidence);
}

void Settler::settle_items(Evidence& evidence) {
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
}

Settler::Case Settler::case_of(ItemEvidence& evidence) {
  Case it;
  it.evidence = &evidence, it.item = replayed_.find(evidence.item);
  if (it.item && evidence.subject.empty()) evidence.subject = it.item->subject();
  if (it.item && evidence.system.empty()) evidence.system = it.item->system();
  it.catalog = it.item ? it.item->order->catalog : active_;
  return it;
}

const systems::Target* Settler::target_at(const Case& it, int call) {
  const std::string& marked = it.evidence->calls.at(call).system;
  const std::string& system = marked.empty() ? it.evidence->system : marked;
  const auto [target, fresh] = targets_.try_emplace((it.catalog ? it.catalog->digest : std::string()) + "\n" + system);
  if (fresh) target->second = target_of(it.catalog.get(), system, settings_.bases);
  return target->second ? &*target->second : nullptr;
}

// What the rows say and what was recorded go together, or the rows say that a person has it in hand.
bool Settler::stands_already(const Case& it) const {
  if (!it.item) return false;
  const Known net = it.evidence->net().known;
  if (it.item->work().state == ItemState::fatally_failed) return net != Known::done;
  if (it.item->work().state != ItemState::completed) return false;
  const bool disbelieved =
      std::any_of(it.evidence->calls.begin(), it.evidence->calls.end(), [](const auto& call) { return call.second.disbelieved; });
  if (net == Known::done) return difference(it.evidence->net(), {}, *it.item).empty();
  return net != Known::undone && !disbelieved;
}

void Settler::settle_item(const Case& it) {
  if (it.evidence->any_unknown() && !find_out(it)) return;
  const int call = it.evidence->net_call();
  const Known net = it.evidence->net().known;
  const bool completed = it.item && it.item->work().state == ItemState::completed;
  if (completed && net == Known::done) {
    ended_by_another_request(it);
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
    const Finding finding = inquiry_.find_out(*it.evidence, number, target_at(it, number));
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
// it, or takes the same key again: the mark in the log stands, and only the marked request is repeated. Not so where the log
// holds an answer that nobody believes, because the normal path would.
void Settler::leave_open(const Case& it, int call, const Finding& finding) {
  ++out_.rows[1];
  const bool later = it.wants() && !it.reached();
  const bool same = it.reached() && difference(it.evidence->calls.at(call), {}, *it.item).empty();
  if (finding.kind == Kind::resend && (later || same)) {
    ++out_.resent;
    return;
  }
  const CallEvidence& evidence = it.evidence->calls.at(call);
  const bool at_it = finding.kind == Kind::running || (evidence.accepted && same);  // and it calls back
  if ((later || (at_it && it.reached())) && !evidence.disbelieved) return;
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
  // Pending: the answer index gives the answer when the item comes to its call, and only to this request.
  const std::string why = difference(net, it.evidence->key_of(call), *it.item);
  if (!why.empty() && (it.reached() || !it.wants())) {
    ++out_.rows[4];
    add_work(it, it.evidence->item, call, "E4", why, {choice::amend, verdict::adopt});
    return hold(it, call, why);
  }
  ++out_.rows[3], ++out_.adopted;
  if (!guarded(Guard::adoption)) return;
  if (it.wants() && !it.reached()) return;  // the answer index gives it when the item comes to its call
  decide({it.evidence, call, it.evidence->item}, verdict::adopt,
         fmt::format("{} was done {}", it.evidence->key_of(call), rfc3339(net.settled_at)));
}

// Row 4, too late to be held: the replay gave it the answer to a request that it would not make, or it had ended by it before T.
void Settler::ended_by_another_request(const Case& it) {
  const int call = it.evidence->net_call();
  const std::string why = difference(it.evidence->net(), it.evidence->key_of(call), *it.item);
  if (why.empty()) return static_cast<void>(++out_.rows[0]);
  ++out_.rows[4];
  add_work(it, it.evidence->item, call, "E4", why + "; it is Completed by that", {choice::by_hand, choice::keep});
}

void Settler::call_again(const Case& it) {
  const Known net = it.evidence->net().known;
  const bool disbelieved = net == Known::none && it.evidence->net().disbelieved;
  if (disbelieved && !it.reached())
    return contradicted(
        it, it.evidence->net_call(),
        fmt::format("{} is recorded as done, its system was restored since and has nothing of it; its item has yet"
                    " to come to the call, and would take the record",
                    it.evidence->key_of(it.evidence->net_call())));
  ++out_.rows[net == Known::none ? 6 : 5], ++out_.run;
  const int last = it.evidence->calls.rbegin()->first;
  if (!it.reached() || it.item->work().call > last) return;
  // Proven none: the normal path makes it, under this number only when it is the same request, and nobody has answered it; and
  // when it does not wait for a system to call back that knows of nothing any more.
  const bool waits_for_callback = it.item->work().state == ItemState::running && it.item->work().due_at.is_set();
  if (net == Known::none && !disbelieved && !waits_for_callback && difference(it.evidence->net(), {}, *it.item).empty()) return;
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
  const systems::Target* target = target_at(it, call);
  if (settings_.policy == Policy::settle) finding = inquiry_.confirm(*it.evidence, call, target);
  if (finding.kind == Kind::contradicts) return contradicted(it, call, finding.evidence);
  ++out_.rows[9];
  std::vector<std::string> choices{choice::by_hand, choice::keep};
  if (finding.kind == Kind::known && target && target->cancel) choices = {choice::cancel, choice::keep, choice::by_hand};
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
  const bool same = other.reached() && difference(it.evidence->net(), {}, other).empty();
  if (settings_.policy == Policy::settle && same && !called) {
    ++out_.adopted;
    return decide({it.evidence, call, wanting}, verdict::adopt, why);
  }
  add_work(it, wanting, call, "E8", why, {verdict::adopt, verdict::next_call, choice::by_hand});
  // Also before it has come to its call: its own key is new to every system, and nothing else would stop it then.
  decide({it.evidence, call, wanting}, verdict::fatally_fail, why), ++out_.fatally_failed;
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

// An item that has not come to its call is left to the normal path, where the answer index knows its key; under the policy it is
// held at once.
void Settler::hold(const Case& it, int call, const std::string& reason) {
  if (!it.wants() || (!it.reached() && settings_.policy == Policy::settle)) return;
  held_.insert(it.evidence->item);
  ++out_.fatally_failed;
  decide({it.evidence, call, it.evidence->item}, verdict::fatally_fail, reason);
}

void Settler::add_work(const Case& it, ItemId item, int call, const char* kind, const std::string& evidence,
                       const std::vector<std::string>& choices) {
  WorkRow row = work_of(settings_.recovery_id, {it.evidence, call, item}, kind, evidence, choices);
  row.catalog = it.catalog ? it.catalog->digest : std::string();
  out_.work.push_back(std::move(row));
  ++out_.open;
}

}  // namespace backstitch::recovery
