#include "stores/queue/kafka/positions.h"

#include <librdkafka/rdkafka.h>

#include "base/log.h"
#include "base/time.h"

namespace backstitch::queue::kafka {
namespace {

constexpr std::chrono::milliseconds between{2'000};
constexpr std::int64_t all_again_ms = 3'600'000;  // the broker forgets offsets that nobody commits for days
constexpr int answer_ms_max = 1'500;

template <auto destroy>
struct Freed {
  void operator()(auto* it) const { destroy(it); }
};
using List = std::unique_ptr<rd_kafka_topic_partition_list_t, Freed<rd_kafka_topic_partition_list_destroy>>;
using Replies = std::unique_ptr<rd_kafka_queue_t, Freed<rd_kafka_queue_destroy>>;
using Reply = std::unique_ptr<rd_kafka_event_t, Freed<rd_kafka_event_destroy>>;

/// As a consumer would that is a member of no group. The call that is made for it (AlterConsumerGroupOffsets) ends the process in
/// librdkafka 2.0.2 when the broker dies meanwhile.
Status commit_offsets(Handle& client, const std::map<std::pair<std::string, Partition>, Offset>& places,
                      const std::string& what) {
  const List list(rd_kafka_topic_partition_list_new(static_cast<int>(places.size())));
  for (const auto& [place, offset] : places)
    rd_kafka_topic_partition_list_add(list.get(), place.first.c_str(), place.second)->offset = static_cast<std::int64_t>(offset);
  const Replies replies(rd_kafka_queue_new(client.rk));
  if (const auto begun = rd_kafka_commit_queue(client.rk, list.get(), replies.get(), nullptr, nullptr);
      begun != RD_KAFKA_RESP_ERR_NO_ERROR)
    return kafka_error(client, begun, what);
  const Reply reply(rd_kafka_queue_poll(replies.get(), answer_ms_max));
  if (reply == nullptr) return kafka_error(client, RD_KAFKA_RESP_ERR__TIMED_OUT, what);
  if (const auto error = rd_kafka_event_error(reply.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return kafka_error(client, error, what);
  const auto* told = rd_kafka_event_topic_partition_list(reply.get());
  for (int i = 0; told != nullptr && i < told->cnt; ++i)
    if (told->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_error(client, told->elems[i].err, what);
  return {};
}

}  // namespace

Positions::~Positions() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  moved_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Positions::show(const std::string& group, const std::string& kafka_topic, const std::map<Partition, Offset>& next) {
  const std::lock_guard lock(mutex_);
  Places& places = groups_[group];
  for (const auto& [partition, offset] : next) {
    Offset& shown = places[{kafka_topic, partition}];
    if (std::exchange(shown, offset) != offset) changed_.insert(group);
  }
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  moved_.notify_all();
}

// The last ones are committed at the end, too: who looks at a platform that was stopped sees no lag that is none.
void Positions::run() {
  std::unique_lock lock(mutex_);
  for (bool last = false; !last;) {
    moved_.wait_for(lock, between, [this] { return over_ || !changed_.empty(); });
    last = over_;
    if (monotonic_ms() - all_shown_ms_ > all_again_ms) {
      all_shown_ms_ = monotonic_ms();
      for (const auto& [group, places] : groups_) changed_.insert(group);
    }
    for (const std::string& group : std::exchange(changed_, {})) {
      if (last && !failing_.empty()) break;
      const Places places = groups_[group];
      lock.unlock();
      commit(group, places);
      lock.lock();
    }
    if (!last) moved_.wait_for(lock, between, [this] { return over_; });
  }
}

// As long as a session would last it waits at its end for what was not answered.
Result<Handle*> Positions::client_of(const std::string& group) {
  auto& client = clients_[group];
  if (client == nullptr) {
    auto made = Handle::make(
        settings_, false,
        {{"group.id", group}, {"enable.auto.commit", "false"}, {"session.timeout.ms", std::to_string(answer_ms_max)}});
    if (!made) return fail(std::move(made.error()));
    client = std::move(*made);
  }
  return client.get();
}

void Positions::commit(const std::string& group, const Places& places) {
  const auto client = client_of(group);
  const Status done =
      client ? commit_offsets(**client, places, "committing offsets of the group " + group) : fail(client.error());
  if (done) {
    failing_.erase(group);
  } else if (failing_.insert(group).second) {
    log_warn("queue.positions_not_shown", "group={} error=\"{}\"", group, done.error().text());
  }
  if (done) return;
  const std::lock_guard lock(mutex_);
  changed_.insert(group);
}

}  // namespace backstitch::queue::kafka
