#include "stores/queue/kafka/append.h"

#include <algorithm>

#include "base/log.h"

namespace backstitch::queue::kafka {
namespace {

constexpr int tries_max = 3;

class Appending {
 public:
  Appending(Log& log, const std::vector<Append>& batch) : log_(log), batch_(batch) {}
  ~Appending() {
    const std::lock_guard lock(log_.state.mutex);
    log_.state.own.erase(id_.number);
  }
  Appending(const Appending&) = delete;
  Appending& operator=(const Appending&) = delete;

  /// None: nothing was written, for certain, and it may be tried again.
  Result<std::optional<std::vector<Appended>>> run();

 private:
  using Lock = std::unique_lock<std::mutex>;
  bool plan();
  void send_records();
  bool is_alone() const { return members_.size() == 1 && batch_[members_[0]].mode == ClaimMode::none && asking_.empty(); }
  Status await_alone(Lock& lock);
  Result<bool> decide(Lock& lock);
  Result<bool> withdraw(Lock& lock, Error error);
  std::optional<Error> replaced_meanwhile(Lock& lock);
  bool wait(Lock& lock, const std::function<bool()>& condition) const {
    return log_.state.moved.wait_for(lock, std::chrono::milliseconds(log_.settings.timeout_ms + 2'000), condition);
  }
  PartitionFold& part(const Append& append) const {
    return log_.state.parts_of(append.topic)[static_cast<std::size_t>(append.partition)];
  }
  Offset place_of(std::size_t k) const;  // of a member, as told or as seen; 0: not known yet
  bool all_placed() const;
  Decision decision() const;
  Result<std::vector<Appended>> answers();

  Log& log_;
  const std::vector<Append>& batch_;
  BatchId id_;
  std::shared_ptr<Own> own_ = std::make_shared<Own>();
  std::vector<std::size_t> members_;  // of the batch: those that are written
  std::vector<std::size_t> asking_;   // those that are not, because one of the same batch comes first
  std::map<std::size_t, std::vector<Holder>> refused_;
};

// What is taken already is not written: the index is never ahead of the log.
bool Appending::plan() {
  std::set<Bits128> own_claims;
  for (std::size_t i = 0; i < batch_.size(); ++i) {
    const Append& append = batch_[i];
    if (append.mode == ClaimMode::none) {
      members_.push_back(i);
      continue;
    }
    const Bits128 claim = claim_number(append.topic, append.claim);
    const auto* holders = log_.state.holders(claim);
    const bool own = !own_claims.insert(claim).second;
    if (append.mode == ClaimMode::first_only && own) {
      asking_.push_back(i);
    } else if (append.mode == ClaimMode::first_only && holders != nullptr) {
      refused_[i] = *holders;
      own_claims.erase(claim);
    } else {
      members_.push_back(i);
    }
  }
  own_->offsets.resize(members_.size());
  own_->seen.resize(members_.size());
  id_ = log_.next_batch();
  log_.state.own[id_.number] = own_.get();
  return !members_.empty();
}

void Appending::send_records() {
  std::vector<Producer::Outgoing> out;
  for (std::size_t k = 0; k < members_.size(); ++k) {
    const Append& append = batch_[members_[k]];
    Envelope envelope{
        is_alone() ? Kind::alone : Kind::member, id_, static_cast<std::uint32_t>(k), "", append.schema, append.headers};
    const auto done = [own = own_, &state = log_.state, k](Result<Offset> told) {
      const std::lock_guard lock(state.mutex);
      ++own->delivered;
      if (told && *told != Producer::somewhere) own->offsets[k] = *told;  // else the log will show where
      if (!told) own->error = std::move(told.error());
      state.moved.notify_all();
    };
    out.push_back({log_.kafka_name(append.topic), append.partition, append.key, append.value, encode(envelope), done});
  }
  log_.producer->send(std::move(out));
}

// A broker that took a record at an offset that was read already has another log than we know.
std::optional<Error> Appending::replaced_meanwhile(Lock& lock) {
  std::vector<std::pair<std::string, Partition>> strange;
  for (std::size_t k = 0; k < members_.size(); ++k) {
    const Append& append = batch_[members_[k]];
    if (own_->offsets[k] != 0 && own_->seen[k].offset == 0 && part(append).next() > own_->offsets[k])
      strange.emplace_back(append.topic, append.partition);
  }
  if (!strange.empty()) {
    lock.unlock();
    static_cast<void>(log_.look_at(strange));
    lock.lock();
  }
  for (const std::size_t i : members_) {
    const auto topic = log_.state.find(batch_[i].topic);
    if (!topic) return topic.error();
  }
  return {};
}

Status Appending::await_alone(Lock& lock) {
  const Append& append = batch_[members_[0]];
  const auto seen = [&] { return own_->seen[0].offset != 0; };
  wait(lock, [&] { return own_->delivered == 1 || seen(); });
  if (auto replaced = replaced_meanwhile(lock)) return fail(std::move(*replaced));
  if (own_->error && !seen()) {
    const Error error = *own_->error;
    lock.unlock();  // the log knows better than a report that did not come
    static_cast<void>(log_.catch_up(append.topic, append.partition));
    lock.lock();
    if (seen()) return {};
    if (error.code == Code::record_too_large || error.code == Code::topic_replaced) return fail(error);
    return fail(Code::queue_failed, "whether a record for queue {} was written is unknown: {}", append.topic, error.detail);
  }
  const auto visible = [&] { return seen() && part(append).end() > own_->seen[0].offset; };
  if (!wait(lock, visible) && !seen())
    return fail(Code::queue_failed, "a record for queue {} was acknowledged and could not be read back", append.topic);
  return {};
}

Offset Appending::place_of(std::size_t k) const { return own_->offsets[k] != 0 ? own_->offsets[k] : own_->seen[k].offset; }

bool Appending::all_placed() const {
  for (std::size_t k = 0; k < members_.size(); ++k)
    if (place_of(k) == 0) return false;
  return own_->delivered == members_.size();
}

Decision Appending::decision() const {
  Decision out{Decision::Kind::counts, id_, {}, {}};
  std::map<std::size_t, std::size_t> written;
  for (std::size_t k = 0; k < members_.size(); ++k) written[members_[k]] = k;
  for (std::size_t i = 0; i < batch_.size(); ++i) {
    if (refused_.contains(i)) continue;
    const auto member = written.find(i);
    out.members.push_back({batch_[i].topic, batch_[i].partition, member == written.end() ? 0 : place_of(member->second),
                           batch_[i].claim, batch_[i].mode});
  }
  return out;
}

// The batch did not come through: said in the log, so that it is certain.
Result<bool> Appending::withdraw(Lock& lock, Error error) {
  lock.unlock();
  log_.send_void(id_);
  lock.lock();
  wait(lock, [&] { return own_->decided || own_->is_void; });
  if (own_->decided) return true;
  if (error.code == Code::record_too_large || error.code == Code::topic_replaced) return fail(std::move(error));
  if (own_->is_void && error.code == Code::queue_failed) return false;
  return fail(Code::queue_failed, "a batch of {} records was {}: {}", members_.size(),
              own_->is_void ? "not written" : "perhaps not written", error.detail);
}

Result<bool> Appending::decide(Lock& lock) {
  wait(lock, [&] { return all_placed() || own_->error || own_->is_void; });
  if (auto replaced = replaced_meanwhile(lock)) return withdraw(lock, std::move(*replaced));
  if (own_->is_void) return false;
  if (own_->error) return withdraw(lock, *own_->error);
  if (!all_placed()) return withdraw(lock, Error{Code::queue_failed, "no report came in time", {}});
  const std::string text = encode(decision());
  lock.unlock();
  const auto done = [own = own_, &state = log_.state](Result<Offset> told) {
    const std::lock_guard reporting(state.mutex);
    if (!told) own->error = std::move(told.error());
    state.moved.notify_all();
  };
  std::vector<Producer::Outgoing> one;
  one.push_back({log_.kafka_name("_decisions"), 0, "", text, {}, done});
  log_.producer->send(std::move(one));
  lock.lock();
  wait(lock, [&] { return own_->decided || own_->is_void || own_->error; });
  if (own_->is_void) return false;
  if (!own_->decided) return withdraw(lock, own_->error.value_or(Error{Code::queue_failed, "no report came in time", {}}));
  return true;
}

Result<std::optional<std::vector<Appended>>> Appending::run() {
  Lock lock(log_.state.mutex);
  if (plan()) {
    lock.unlock();
    send_records();
    lock.lock();
    if (is_alone()) {
      BS_TRY(await_alone(lock));
    } else {
      const auto decided = decide(lock);
      if (!decided) return fail(decided.error());
      if (!*decided) return std::optional<std::vector<Appended>>{};
      wait(lock, [&] {  // who has appended finds what he appended
        return std::all_of(members_.begin(), members_.end(), [&, k = std::size_t{0}](std::size_t i) mutable {
          const auto& seen = own_->seen[k++];
          return seen.offset != 0 && part(batch_[i]).end() > seen.offset;
        });
      });
    }
  }
  lock.unlock();
  auto found = answers();
  if (!found) return fail(std::move(found.error()));
  return std::optional(std::move(*found));
}

Result<std::vector<Appended>> Appending::answers() {
  std::vector<Appended> out(batch_.size());
  std::size_t member = 0, decided = 0;
  for (std::size_t i = 0; i < batch_.size(); ++i) {
    std::vector<Holder> holders;
    bool accepted = true;
    if (const auto refused = refused_.find(i); refused != refused_.end()) {
      holders = refused->second, accepted = false;
    } else if (!is_alone()) {
      const Own::Answer& answer = own_->answers.at(decided++);
      holders = answer.holders, accepted = answer.accepted;
    }
    if (member < members_.size() && members_[member] == i) {
      if (accepted) out[i].offset = own_->seen[member].offset, out[i].at = own_->seen[member].at;
      ++member;
    }
    if (holders.empty()) continue;
    auto records = records_of(log_, batch_[i].topic, batch_[i].claim, holders);
    if (!records) return fail(Code::queue_failed, "{}", records.error().detail);
    out[i].holders = std::move(*records);
  }
  return out;
}

}  // namespace

Result<std::vector<Appended>> append(Log& log, const std::vector<Append>& batch) {
  if (batch.empty()) return std::vector<Appended>{};
  for (int tries = 0; tries < tries_max; ++tries) {
    auto done = Appending(log, batch).run();
    if (!done) return fail(std::move(done.error()));
    if (*done) return std::move(**done);
    log_warn("queue.append_again", "records={} tries={}", batch.size(), tries + 1);
  }
  return fail(Code::queue_failed, "a batch of {} records was not written in {} tries", batch.size(), tries_max);
}

}  // namespace backstitch::queue::kafka
