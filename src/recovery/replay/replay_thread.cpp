#include "recovery/replay/replay_thread.h"

#include <algorithm>

namespace backstitch::recovery {

ReplayThread::ReplayThread(const ReplaySettings& settings, const Settled& settled, std::vector<Partition> partitions,
                           safe::Safe& safe, database::Database& database, CatalogLibrary& library, const std::atomic<bool>& stop)
    : settings_(settings),
      settled_(settled),
      partitions_(std::move(partitions)),
      safe_(safe),
      database_(database),
      library_(library),
      stop_(stop) {}

Status ReplayThread::run() {
  BS_TRY(read_orders());
  while (true) {
    BS_TRY(open());
    const Status folded = fold_to_end();
    if (folded || folded.error().code != Code::order_key_taken || !look_up_what_is_void()) return folded;
  }
}

// A submit of an order that had ended before: live, too, its turn was void and was decided again with a look-up. Only what was
// void is looked up, since a look-up waits for the turns in flight. False: it had been looked up, so this is another fault.
bool ReplayThread::look_up_what_is_void() {
  if (in_flight_.empty() || in_flight_.front().looked_up) return false;
  ++decided_again_;
  for (const InFlight& flight : in_flight_)
    for (const auto& [partition, incoming] : flight.incoming)
      look_up_until_[partition] = std::max(look_up_until_[partition], incoming);
  return true;
}

bool ReplayThread::looks_up() const {
  return std::any_of(look_up_until_.begin(), look_up_until_.end(),
                     [&](const auto& until) { return fold_->position(until.first).incoming < until.second; });
}

Status ReplayThread::read_orders() {
  for (const Partition partition : partitions_) {
    auto recorded = RecordedOrder::read(safe_, partition, settings_.beyond_mirror);
    if (!recorded) return fail(std::move(recorded.error()));
    if (const auto until = settings_.until.find(partition); until != settings_.until.end())
      BS_TRY(recorded->end_at(until->second.first, until->second.second));
    recorded_.insert_or_assign(partition, std::move(*recorded));
  }
  return {};
}

namespace {

std::uint64_t inputs_in(const database::Position& position, const std::vector<Run>& runs) {
  std::uint64_t completer = position.completer, incoming = position.incoming;
  for (const Run& run : runs) (run.log == Log::completer ? completer : incoming) = run.end;
  return completer - position.completer + incoming - position.incoming;
}

}  // namespace

Status ReplayThread::open() {
  fold_.reset(), connection_.reset(), in_flight_.clear(), cursors_.clear();
  auto connection = database_.open_shard();
  if (!connection) return fail(std::move(connection.error()));
  connection_ = std::move(*connection);
  auto positions = connection_->claim(partitions_);
  if (!positions) return fail(std::move(positions.error()));
  std::uint64_t left = 0;
  for (const database::Position& position : *positions) {
    auto runs = recorded_.at(position.partition).from(position);
    if (!runs) return fail(std::move(runs.error()));
    left += inputs_in(position, *runs);
    cursors_.emplace(position.partition, ArchiveCursor(safe_, position, std::move(*runs)));
  }
  inputs_all_ = inputs_done_ + left;
  fold_ = std::make_unique<Fold>(settings_.engine, library_, *connection_, [this] { return await_all(); });
  fold_->refuse(settled_.refusals);
  fold_->exclude(settled_.left_out);
  fold_->distrust(settled_.distrusted);
  return fold_->open(*positions);
}

Status ReplayThread::fold_to_end() {
  while (!stop_) {
    auto records = gather();
    if (!records) return fail(std::move(records.error()));
    if (records->empty()) break;
    BS_TRY(send(*records));
    while (in_flight_.size() > 1) BS_TRY(await_oldest());
  }
  return await_all();
}

Result<std::vector<InputRecord>> ReplayThread::gather() {
  std::vector<InputRecord> records;
  for (const Partition partition : partitions_) {
    BS_TRY(cursors_.at(partition).take(settings_.inputs_max - records.size(), records));
    if (records.size() >= settings_.inputs_max) break;
  }
  // Partitions go forward together: what is in the working set then is what was in it live.
  if (!partitions_.empty()) std::rotate(partitions_.begin(), partitions_.begin() + 1, partitions_.end());
  return records;
}

Status ReplayThread::send(const std::vector<InputRecord>& records) {
  InFlight flight{looks_up(), records.size(), {}};
  fold_->look_up_order_keys(flight.looked_up);
  auto turn = fold_->turn(records);
  if (!turn) return fail(std::move(turn.error()));
  BS_TRY(connection_->send_turn(turn->write));  // the effects are dropped: no byte leaves
  for (const auto& part : turn->write.partitions) flight.incoming.emplace_back(part.after.partition, part.after.incoming);
  in_flight_.push_back(std::move(flight));
  return {};
}

Status ReplayThread::await_oldest() {
  BS_TRY(connection_->await_turn());
  ++turns_, inputs_done_ += in_flight_.front().inputs;
  in_flight_.pop_front();
  return {};
}

Status ReplayThread::await_all() {
  while (!in_flight_.empty()) BS_TRY(await_oldest());
  return {};
}

}  // namespace backstitch::recovery
