#include "stores/queue/kafka/positions.h"

#include "base/log.h"
#include "base/time.h"

namespace backstitch::queue::kafka {
namespace {

constexpr std::chrono::milliseconds between{2'000};
constexpr std::int64_t all_again_ms = 3'600'000;  // the broker forgets offsets that nobody commits for days

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

void Positions::commit(const std::string& group, const Places& places) {
  Status done;
  if (asker_ == nullptr) {
    KafkaSettings hasty = settings_;
    hasty.timeout_ms = std::min<std::int64_t>(settings_.timeout_ms, 1'500);
    auto opened = Asker::open(hasty);
    if (opened) asker_ = std::move(*opened);
    if (!opened) done = fail(std::move(opened.error()));
  }
  std::vector<Asker::At> at;
  for (const auto& [place, offset] : places) at.push_back({place.first, place.second, Asker::latest, offset});
  if (asker_ != nullptr) done = asker_->commit(group, at);
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
