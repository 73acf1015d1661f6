#include "stores/queue/embedded/group_writer.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "base/probe.h"
#include "stores/queue/check.h"

namespace backstitch::queue::embedded {
namespace {

constexpr std::size_t group_bytes_max = 32 << 20;  // bounds the memory of a write; a single larger batch goes alone

}  // namespace

struct GroupWriter::Request {
  std::vector<Append> batch;
  std::vector<TopicState*> topics;
  std::size_t bytes = 0;
  Result<std::vector<Appended>> answer;
  bool done = false;
  std::condition_variable wake;
};

/// The batches of one write: where their records go, and what the claims say.
class GroupWriter::Group {
 public:
  explicit Group(LogStore& store) : store_(store), write_(store.begin_write()) {}

  Status add(Request& request, Time now) {
    std::vector<Appended> answers(request.batch.size());
    for (std::size_t i = 0; i < request.batch.size(); ++i) {
      BS_TRY(place(request.batch[i], *request.topics[i], now, answers[i]));
    }
    request.answer = std::move(answers);
    return {};
  }

  Status commit() {
    if (placed_.empty()) return {};  // every claim was taken
    if (durable_) hit(Probe::during_log_sync);
    BS_TRY(store_.commit(*write_, durable_));
    if (durable_) hit(Probe::during_log_sync);
    return {};
  }

  void publish(std::size_t tail_bytes_max) {
    for (Placed& placed : placed_) placed.log->publish(std::move(placed.record), tail_bytes_max);
  }

  /// Gives the offsets back: nobody has seen them.
  void take_back() {
    for (auto placed = placed_.rbegin(); placed != placed_.rend(); ++placed) {
      placed->log->next = placed->offset;
      placed->log->last_at = placed->previous_at;
    }
  }

  const std::set<const TopicState*>& topics() const { return topics_; }

 private:
  struct Placed {
    PartitionLog* log;
    Offset offset;
    Time previous_at;
    Record record;
  };

  Status place(Append& append, TopicState& topic, Time now, Appended& answer) {
    std::string* list = nullptr;
    if (append.mode != ClaimMode::none) {
      const auto claimed = claim(topic, append.claim);
      if (!claimed) return fail(claimed.error());
      list = &(*claimed)->second;
      auto holders = decode_holders(*list);
      if (!holders) return fail(Code::queue_failed, "the claim {} of queue {} cannot be read back", append.claim, topic.name);
      answer.holders = std::move(*holders);
      if (append.mode == ClaimMode::first_only && !answer.holders.empty()) return {};
      put(append, topic, now, answer);
      encode_holder(*list, append.partition, placed_.back().record);
      write_->put_claim((*claimed)->first, *list);
      return {};
    }
    put(append, topic, now, answer);
    return {};
  }

  void put(Append& append, TopicState& topic, Time now, Appended& answer) {
    PartitionLog& log = topic.partitions[static_cast<std::size_t>(append.partition)];
    answer.offset = log.next;
    answer.at = std::max(now, log.last_at);  // the clock may step back, the log may not
    placed_.push_back({&log, log.next, log.last_at,
                       Record{answer.offset, answer.at, std::move(append.key), std::move(append.schema),
                              std::move(append.headers), std::move(append.value)}});
    log.next = answer.offset + 1;
    log.last_at = answer.at;
    write_->put_record(topic.id, append.partition, placed_.back().record);
    durable_ = durable_ || topic.durable;
    topics_.insert(&topic);
  }

  using Claims = std::unordered_map<std::string, std::string>;

  /// The claim's list as this write leaves it so far: an earlier batch of the group may hold the claim already.
  Result<Claims::iterator> claim(const TopicState& topic, const std::string& name) {
    const std::string key = claim_key(topic.id, name);
    if (const auto found = claims_.find(key); found != claims_.end()) return found;
    auto list = store_.holders(key);
    if (!list) return fail(std::move(list.error()));
    return claims_.emplace(key, std::move(*list)).first;
  }

  LogStore& store_;
  std::unique_ptr<LogStore::Write> write_;
  std::vector<Placed> placed_;
  Claims claims_;
  std::set<const TopicState*> topics_;
  bool durable_ = false;
};

GroupWriter::GroupWriter(LogStore& store, Subscribers& subscribers, std::function<Time()> clock, std::size_t tail_bytes_max)
    : store_(store), subscribers_(subscribers), clock_(std::move(clock)), tail_bytes_max_(tail_bytes_max) {
  thread_ = std::thread([this] { run(); });
}

GroupWriter::~GroupWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  arrived_.notify_one();
  thread_.join();
}

Result<std::vector<Appended>> GroupWriter::append(std::vector<Append> batch, std::vector<TopicState*> topics) {
  Request request;
  for (const Append& append : batch) request.bytes += bytes_of(append);
  request.batch = std::move(batch);
  request.topics = std::move(topics);
  std::unique_lock lock(mutex_);
  waiting_.push_back(&request);
  if (waiting_.size() == 1) arrived_.notify_one();
  request.wake.wait(lock, [&] { return request.done; });
  return std::move(request.answer);
}

void GroupWriter::run() {
  for (auto requests = take_waiting(); !requests.empty(); requests = take_waiting()) {
    write(requests);
    const std::lock_guard lock(mutex_);  // held while notifying: the request is gone as soon as its caller wakes
    for (Request* request : requests) {
      request->done = true;
      request->wake.notify_one();
    }
  }
}

/// Empty when the queue is being closed.
std::vector<GroupWriter::Request*> GroupWriter::take_waiting() {
  std::unique_lock lock(mutex_);
  arrived_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
  std::size_t count = 0, bytes = 0;
  while (count < waiting_.size() && (count == 0 || bytes + waiting_[count]->bytes <= group_bytes_max)) {
    bytes += waiting_[count++]->bytes;
  }
  const auto behind = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<Request*> taken(waiting_.begin(), behind);
  waiting_.erase(waiting_.begin(), behind);
  return taken;
}

void GroupWriter::write(const std::vector<Request*>& requests) {
  std::unique_lock lock(writing_);
  std::size_t bytes = 0;
  for (const Request* request : requests) bytes += request->bytes;
  auto status = store_.ready_to_write(bytes);
  if (!status) {
    for (Request* request : requests) request->answer = fail(status.error());
    return;
  }
  Group group(store_);
  for (Request* request : requests) {
    if (status) status = group.add(*request, clock_());
  }
  const bool visible_when_durable = guarded(Guard::durable_before_visible);
  if (status && !visible_when_durable) group.publish(tail_bytes_max_);
  if (status) status = group.commit();
  if (!status) {
    group.take_back();
    for (Request* request : requests) request->answer = fail(status.error());
    return;
  }
  if (visible_when_durable) group.publish(tail_bytes_max_);
  lock.unlock();
  for (const TopicState* topic : group.topics()) subscribers_.wake(topic->name);
}

}  // namespace backstitch::queue::embedded
