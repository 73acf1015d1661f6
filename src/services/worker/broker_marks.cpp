// Marks and answers: the part of the broker that law 5 is about.
#include <algorithm>
#include <boost/json.hpp>

#include "base/json.h"
#include "base/json_member.h"
#include "base/log.h"
#include "base/probe.h"
#include "services/worker/broker.h"

namespace backstitch {
namespace json = boost::json;
namespace {

constexpr std::int64_t busy_delay_ms = 200;

json::object object_of(const std::string& text) {
  auto parsed = parse_json(text);
  return parsed && parsed->is_object() ? parsed->get_object() : json::object();
}

bool is_mark(const queue::Record& record) { return record.schema == "completer.mark/1"; }

/// Unlike an unknown outcome, and an acceptance.
bool is_end(const queue::Record& answer) {
  const std::string outcome = text_in(object_of(answer.value), "outcome");
  return outcome != to_text(CallOutcome::unknown) && outcome != to_text(CallOutcome::accepted);
}

/// A repeated mark says how many records it had seen; another that got in between makes it count for nothing.
bool came_alone(const json::object& mark, std::size_t place) {
  const json::value* seen = mark.if_contains("seen");
  return place == 0 || !seen || !seen->is_int64() || seen->get_int64() == static_cast<std::int64_t>(place) ||
         !guarded(Guard::answer_index);
}

}  // namespace

// A ghost of an epoch that is over may still write; behind the seal its marks are evidence and no more.
bool TaskBroker::counts(const std::vector<queue::Record>& holders, std::size_t place) const {
  const json::object mark = object_of(holders[place].value);
  if (!came_alone(mark, place)) return false;
  const json::value* epoch = mark.if_contains("epoch");
  if (!epoch || !epoch->is_int64() || !guarded(Guard::seal)) return true;
  return !is_overtaken(settings_.seals, partition_of(holders[place].key, settings_.partitions), holders[place].offset,
                       static_cast<std::uint64_t>(epoch->get_int64()));
}

// What a worker says of an attempt may come in behind what its system has said by calling back: the end stands.
const queue::Record* TaskBroker::last_that_counts(const std::vector<queue::Record>& holders) const {
  const queue::Record* open = nullptr;
  for (std::size_t i = holders.size(); i-- > 0;) {
    const bool mark = is_mark(holders[i]);
    if (mark && !counts(holders, i)) continue;
    if (mark) return open ? open : &holders[i];
    if (is_end(holders[i])) return &holders[i];
    if (!open) open = &holders[i];
  }
  return open;
}

const queue::Record* TaskBroker::mark_before(const std::vector<queue::Record>& holders, const queue::Record& answer) const {
  const queue::Record* mark = nullptr;
  for (std::size_t i = 0; i < holders.size() && &holders[i] != &answer; ++i)
    if (is_mark(holders[i]) && counts(holders, i)) mark = &holders[i];
  return mark;
}

// A repetition does not make a key younger for its system.
Time TaskBroker::first_sent(const std::vector<queue::Record>& holders) const {
  Time first;
  int in_air = 0;
  bool doubtful = false;
  for (std::size_t i = 0; i < holders.size(); ++i) {
    if (is_mark(holders[i])) {
      if (!counts(holders, i)) continue;
      if (!first.is_set()) first = holders[i].appended;
      doubtful |= in_air++ > 0;
      continue;
    }
    doubtful |= text_in(object_of(holders[i].value), "outcome") != "not-taken";
    if (!doubtful) first = {};  // the one that was in the air was not accepted
    in_air = 0;
  }
  return first;
}

queue::Append TaskBroker::mark_record(const std::string& key, const Held& held, const std::string& worker, bool join,
                                      std::size_t holders_seen) const {
  queue::Append append;
  append.topic = "completer", append.partition = held.partition, append.key = held.account, append.schema = "completer.mark/1";
  append.claim = key, append.mode = join ? queue::ClaimMode::join : queue::ClaimMode::first_only;
  append.value = fmt::format(
      "{{\"effectKey\":\"{}\",\"itemId\":\"{}\",\"epoch\":{},\"term\":{},\"digest\":\"{}\",\"resend\":{},\"seen\":{},\"worker\":"
      "\"{}\",\"system\":",
      key, held.item, settings_.epoch, term_of(held.partition), held.digest, join, holders_seen, worker);
  append_json_string(append.value, held.system);
  append.value += ",\"subject\":";
  append_json_string(append.value, held.subject);
  append.value += "}";
  return append;
}

Result<std::vector<MarkReply>> TaskBroker::mark(const std::string& worker, const std::vector<std::string>& keys,
                                                bool resend_wanted) {
  std::vector<MarkReply> replies;
  std::vector<queue::Append> batch;
  std::vector<std::string> asked;
  if (resend_wanted && guarded(Guard::mark) && guarded(Guard::answer_index)) return mark_again(worker, keys);
  {
    const std::lock_guard lock(mutex_);
    heard_ms_[worker] = monotonic_ms();
    for (const std::string& key : keys) {
      const auto task = tasks_.find(key);
      if (task == tasks_.end() || task->second.worker != worker) {
        replies.push_back({key, MarkVerdict::dropped, {}});
        continue;
      }
      asked.push_back(key);
      task->second.presented = true;
      batch.push_back(mark_record(key, task->second, worker, !guarded(Guard::answer_index), 0));
    }
  }
  if (!guarded(Guard::mark))
    for (const std::string& key : asked) replies.push_back({key, MarkVerdict::go, {}});
  if (batch.empty() || !guarded(Guard::mark)) return replies;
  auto appended = append_marks(std::move(batch));
  if (!appended) {
    not_presented(worker, asked);
    return fail(std::move(appended.error()));
  }
  hit(Probe::after_mark);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const bool ours = (*appended)[i].accepted();
    replies.push_back(ours ? MarkReply{asked[i], MarkVerdict::go, {}} : judge(asked[i], worker, (*appended)[i].holders, false));
  }
  return replies;
}

// Also a repetition asks the answer index first: the answer may have come in while the worker found out.
Result<std::vector<MarkReply>> TaskBroker::mark_again(const std::string& worker, const std::vector<std::string>& keys) {
  std::vector<MarkReply> replies;
  BS_TRY(lead());
  for (const std::string& key : keys) {
    {
      const std::lock_guard lock(mutex_);
      const auto task = tasks_.find(key);
      if (task == tasks_.end() || task->second.worker != worker) {
        replies.push_back({key, MarkVerdict::dropped, {}});
        continue;
      }
    }
    auto holders = queue_.holders("completer", key);
    if (!holders) return fail(std::move(holders.error()));
    if (holders->empty()) {  // nothing to repeat: the first mark then
      auto first = mark(worker, {key}, false);
      if (!first) return first;
      replies.push_back(first->front());
      continue;
    }
    replies.push_back(judge(key, worker, *holders, true));
  }
  return replies;
}

MarkReply TaskBroker::judge(const std::string& key, const std::string& worker, const std::vector<queue::Record>& holders,
                            bool resend_wanted) {
  MarkReply reply = judge_holders(key, worker, holders, resend_wanted);
  const std::lock_guard lock(mutex_);
  if (reply.verdict == MarkVerdict::busy) requeue(key, busy_delay_ms);
  if (reply.verdict == MarkVerdict::adopted) forget(key);
  return reply;
}

// The same words, to the same system: a route may have changed, too.
bool TaskBroker::is_this_request(const std::string& key, const json::object& mark) const {
  const std::lock_guard lock(mutex_);
  const auto task = tasks_.find(key);
  return task != tasks_.end() && text_in(mark, "digest") == task->second.digest && text_in(mark, "system") == task->second.system;
}

// The last record that counts says how the call stands. Only the request that was marked may be repeated: a body may have changed
// since, by what another item's answer set.
MarkReply TaskBroker::judge_holders(const std::string& key, const std::string& worker, const std::vector<queue::Record>& holders,
                                    bool resend_wanted) {
  const queue::Record* found = last_that_counts(holders);
  if (!found) return resend(key, worker, holders.size());  // only marks of ghosts stand there
  const queue::Record& last = *found;
  const json::object value = object_of(last.value);
  if (is_mark(last)) {
    const std::string holder = text_in(value, "worker");
    if (holder != worker && may_live(key, holder, last.appended)) return {key, MarkVerdict::busy, {}};
    if (!is_this_request(key, value)) return {key, MarkVerdict::settle, first_sent(holders), false};
    if (resend_wanted) return resend(key, worker, holders.size());
    if (holder == worker) return {key, MarkVerdict::go, {}};  // our own mark; the answer to it was lost on the way
    return {key, MarkVerdict::settle, first_sent(holders)};
  }
  if (text_in(value, "outcome") == "not-taken")
    return resend(key, worker, holders.size());  // provably never accepted: send again
  // An answer is adopted for the request it was given to, and no other.
  if (const queue::Record* mark = mark_before(holders, last); mark && !is_this_request(key, object_of(mark->value)))
    return {key, MarkVerdict::settle, first_sent(holders), false};
  if (!guarded(Guard::adoption)) return resend(key, worker, holders.size());
  return {key, put_answer_again(key, last) ? MarkVerdict::adopted : MarkVerdict::busy, {}};
}

// A permitted re-send is a record of its own, and counts only if nobody else got in between.
MarkReply TaskBroker::resend(const std::string& key, const std::string& worker, std::size_t holders_seen) {
  queue::Append append;
  {
    const std::lock_guard lock(mutex_);
    const auto task = tasks_.find(key);
    if (task == tasks_.end()) return {key, MarkVerdict::dropped, {}};
    append = mark_record(key, task->second, worker, true, holders_seen);
  }
  auto appended = queue_.append({std::move(append)});
  if (!appended) {
    log_error("mark_failed", "key={} error=\"{}\"", key, appended.error().text());
    return {key, MarkVerdict::busy, {}};
  }
  const bool ours = appended->front().holders.size() == holders_seen && lead();
  return {key, ours ? MarkVerdict::go : MarkVerdict::busy, {}};
}

// The shard may have consumed the answer before it came to the call (a rewind): it is put before it again, never asked anew.
bool TaskBroker::put_answer_again(const std::string& key, const queue::Record& answer) {
  queue::Append append;
  {
    const std::lock_guard lock(mutex_);
    const auto task = tasks_.find(key);
    if (task == tasks_.end()) return true;
    append.topic = "completer", append.partition = task->second.partition, append.key = task->second.account;
  }
  append.schema = answer.schema, append.value = answer.value, append.headers = "{\"bs-adopted\":true}";
  const auto appended = queue_.append({std::move(append)});
  if (!appended) log_error("adopt_failed", "key={} error=\"{}\"", key, appended.error().text());
  return appended.has_value();
}

Result<bool> TaskBroker::may_answer(const std::string& worker, const std::string& key) {
  auto holders = queue_.holders("completer", key);
  if (!holders) return fail(std::move(holders.error()));
  if (holders->empty()) return false;
  const queue::Record* last = last_that_counts(*holders);
  return last && is_mark(*last) && text_in(object_of(last->value), "worker") == worker;
}

Status TaskBroker::answer(const std::string& worker, const std::vector<TaskAnswer>& answers) {
  std::vector<queue::Append> batch;
  std::vector<std::string> refused;
  for (const TaskAnswer& answer : answers) {
    queue::Append append;
    std::string item;
    bool held = false;
    {
      const std::lock_guard lock(mutex_);
      if (const auto task = tasks_.find(answer.key); task != tasks_.end()) {
        held = task->second.worker == worker;
        append.partition = task->second.partition, append.key = task->second.account, item = task->second.item;
      }
    }
    if (!held) {  // the platform may have been restarted since: the mark in the log says whose call it is
      auto allowed = may_answer(worker, answer.key);
      if (!allowed) return fail(std::move(allowed.error()));
      if (!*allowed) {
        refused.push_back(answer.key);
        continue;
      }
    }
    if (item.empty()) {
      auto holders = queue_.holders("completer", answer.key);
      if (!holders || holders->empty()) {
        refused.push_back(answer.key);
        continue;
      }
      append.key = holders->back().key, append.partition = partition_of(append.key, settings_.partitions);
      item = text_in(object_of(holders->back().value), "itemId");
    }
    append.topic = "completer", append.schema = answer_schema, append.claim = answer.key, append.mode = queue::ClaimMode::join;
    append.value = fmt::format("{{\"effectKey\":\"{}\",\"itemId\":\"{}\",\"epoch\":{},\"outcome\":\"{}\",\"code\":", answer.key,
                               item, settings_.epoch, answer.outcome);
    append_json_string(append.value, answer.code);
    append.value += ",\"response\":" + (answer.response.empty() ? std::string("null") : answer.response) + "}";
    batch.push_back(std::move(append));
  }
  if (!batch.empty())
    if (auto appended = queue_.append(std::move(batch)); !appended) return fail(std::move(appended.error()));
  hit(Probe::after_answer);
  {
    const std::lock_guard lock(mutex_);
    heard_ms_[worker] = monotonic_ms();
    for (const TaskAnswer& answer : answers)
      if (std::find(refused.begin(), refused.end(), answer.key) == refused.end()) forget(answer.key);
  }
  if (!refused.empty())
    return fail(Code::task_not_held, "{} of {} answers, the first {}", refused.size(), answers.size(), refused.front());
  return {};
}

}  // namespace backstitch
