#include "services/archiver/archiver.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include "base/log.h"
#include "stores/safe/keep_log.h"

namespace backstitch {
Archiver::Archiver(ArchiverSettings settings, queue::Queue& queue, database::Database& database, safe::Safe& safe)
    : settings_(settings), queue_(queue), database_(database), safe_(safe) {
  thread_ = std::thread([this] { run(); });
}

Archiver::~Archiver() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
  if (const Status last = flush(); !last) log_warn("archive", "error=\"{}\"", last.error().text());
}

void Archiver::run() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    wake_.wait_for(lock, std::chrono::milliseconds(settings_.every_ms), [this] { return stop_; });
    if (stop_) return;
    lock.unlock();
    if (const Status done = flush(); !done) log_warn("archive", "error=\"{}\"", done.error().text());
    lock.lock();
  }
}

Status Archiver::flush() {
  const std::lock_guard lock(round_mutex_);
  return round();
}

Status Archiver::round() {
  BS_TRY(measure_lag());
  // Turns are read before the logs are archived and written after: a mirrored turn never names a record that the archive lacks.
  auto turns = read_turns();
  BS_TRY(archive_topic("incoming"));
  BS_TRY(archive_topic("completer"));
  if (!turns) return fail(std::move(turns.error()));
  for (const auto& [partition, lines] : *turns) BS_TRY(safe_.mirror_turns(partition, lines));
  if (const std::int64_t now = monotonic_ms(); now - expired_at_ms_ >= settings_.expire_every_ms) {
    expired_at_ms_ = now;
    auto removed = expire();
    if (!removed) return fail(std::move(removed.error()));
    if (*removed > 0) log_info("expired", "records={}", *removed);
  }
  return {};
}

// What somebody has still to read stays, however old it is: a shard that stood still, a CRM that was away.
Result<std::uint64_t> Archiver::expire() {
  auto positions = database_.positions();
  if (!positions) return fail(std::move(positions.error()));
  auto delivered = database_.crm_positions();
  if (!delivered) return fail(std::move(delivered.error()));
  std::map<std::pair<std::string, Partition>, queue::Offset> read_next;
  for (const database::Position& position : *positions) {
    read_next[{"incoming", position.partition}] = position.incoming;
    read_next[{"completer", position.partition}] = position.completer;
    if (settings_.crm_reads) read_next[{"order_orderitems", position.partition}] = 1;
  }
  if (settings_.crm_reads)
    for (const auto& [partition, offset] : *delivered) read_next[{"order_orderitems", partition}] = offset;
  return queue_.expire(wall_clock(), [&](const std::string& topic, Partition partition) {
    const auto found = read_next.find({topic, partition});
    return found == read_next.end() ? std::numeric_limits<queue::Offset>::max() : found->second;
  });
}

// Before anything is archived: a lag is of interest just when a round fails.
Status Archiver::measure_lag() {
  std::uint64_t lag = 0;
  for (const char* topic : {"incoming", "completer"}) {
    auto info = queue_.topic(topic);
    if (!info) return fail(std::move(info.error()));
    for (const auto& end : info->partitions) {
      auto archived = safe_.archived_end(topic, end.partition);
      if (!archived) return fail(std::move(archived.error()));
      if (end.readable_end() > *archived) lag += end.readable_end() - *archived;
    }
  }
  lag_ = lag;
  return {};
}

Status Archiver::archive_topic(const std::string& topic) {
  return safe::archive_rest(queue_, safe_, topic,
                            [this](std::uint64_t records) { lag_ -= std::min<std::uint64_t>(lag_, records); });
}

Result<std::map<Partition, Archiver::TurnLines>> Archiver::read_turns() {
  if (!connection_) {
    auto opened = database_.open_shard();
    if (!opened) return fail(std::move(opened.error()));
    connection_ = std::move(*opened);
  }
  std::map<Partition, TurnLines> out;
  for (Partition partition = 0; partition < settings_.partitions; ++partition) {
    auto lines = safe::unmirrored_turns(*connection_, safe_, partition);
    if (!lines) {
      connection_.reset();  // a connection that failed is made anew in the next round
      return fail(std::move(lines.error()));
    }
    if (!lines->empty()) out[partition] = std::move(*lines);
  }
  return out;
}

}  // namespace backstitch
