// What others ask of a running platform: how far it has come, whether it is ready, what it is to be.
#include <chrono>

#include "api/platform.h"

namespace backstitch {

Result<std::string> Platform::catalog_to_come(const database::Position& position) {
  std::string digest = position.catalog_digest;
  for (queue::Offset at = position.incoming;;) {
    auto records = queue_->read("incoming", position.partition, at, 1000);
    if (!records) return fail(std::move(records.error()));
    if (records->empty()) return digest;
    for (const queue::Record& record : *records) {
      const auto input = parse_input(
          {Log::incoming, position.partition, record.offset, record.appended, record.key, record.schema, {}, record.value});
      if (const auto* activate = input ? std::get_if<CatalogActivateInput>(&*input) : nullptr) digest = activate->digest;
    }
    at = records->back().offset + 1;
  }
}

void Platform::note_decided(Partition partition, std::uint64_t offset) {
  if (partition == 0) access_->decided(offset);  // before anybody learns that it is decided
  decided_[static_cast<std::size_t>(partition)] = offset;
  {
    const std::lock_guard lock(decisions_mutex_);
    ++decisions_;
  }
  decisions_wake_.notify_all();
}

std::uint64_t Platform::decisions() const {
  const std::lock_guard lock(decisions_mutex_);
  return decisions_;
}

void Platform::await_decision(std::uint64_t seen, std::int64_t most_ms) const {
  std::unique_lock lock(decisions_mutex_);
  decisions_wake_.wait_for(lock, std::chrono::milliseconds(most_ms), [&] { return decisions_ != seen; });
}

bool Platform::pause(std::int64_t ms) {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, std::chrono::milliseconds(ms), [this] { return stop_; });
}

std::string Platform::not_ready() const {
  if (!alone()) {
    const std::lock_guard lock(parts_mutex_);
    if (cluster_view_.members.empty())
      return "it is not a member yet" + (membership_ ? ": " + membership_->last_error() : std::string());
  }
  for (const auto& shard : shards())
    if (!shard->running()) return "a shard has not taken its partitions over: " + shard->last_error();
  return {};
}

}  // namespace backstitch
