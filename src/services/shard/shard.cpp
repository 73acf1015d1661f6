#include "services/shard/shard.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.h"
#include "base/metrics.h"
#include "stores/queue/lost.h"

namespace backstitch {
namespace {

constexpr auto idle_wait = std::chrono::milliseconds(100);
constexpr auto retry_wait = std::chrono::milliseconds(100);

struct Meters {
  metrics::Histogram inputs = metrics::histogram("backstitch_turn_inputs", "inputs folded in one turn");
  metrics::Histogram commit = metrics::histogram("backstitch_commit_seconds", "from sending a turn to its commit");
};
Meters& meters() {
  static Meters instance;
  return instance;
}

}  // namespace

ShardService::ShardService(ShardSettings settings, queue::Queue& queue, database::Database& database, CatalogLibrary& library,
                           std::function<void(const Error&)> on_fenced)
    : settings_(std::move(settings)), queue_(queue), database_(database), library_(library), on_fenced_(std::move(on_fenced)) {
  auto arrived = [this] {
    {
      const std::lock_guard lock(mutex_);
      ++arrivals_;
    }
    wake_.notify_one();
  };
  subscriptions_ = {queue_.subscribe("incoming", arrived), queue_.subscribe("completer", arrived)};
  thread_ = std::thread([this] { run(); });
}

ShardService::~ShardService() { stop(); }

void ShardService::stop() {
  stop_ = true;
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  subscriptions_.clear();
}

std::string ShardService::last_error() const {
  const std::lock_guard lock(const_cast<std::mutex&>(mutex_));
  return last_error_;
}

void ShardService::run() {
  while (!stop_) {
    const Status served = serve();
    running_ = false;
    if (served) break;
    const Error& error = served.error();
    log_error("shard_stopped", "shard={} error=\"{}\"", settings_.name, error.text());
    {
      const std::lock_guard lock(mutex_);
      last_error_ = error.text();
    }
    if (error.code == Code::fenced) {
      fenced_ = true;
      return on_fenced_(error);
    }
    look_up_order_keys_ = error.code == Code::order_key_taken;
    if (const Status kept = look_for_culprit(error); !kept)
      log_error("refusal_not_kept", "shard={} error=\"{}\"", settings_.name, kept.error().text());
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, retry_wait, [this] { return stop_.load(); });
  }
}

// One record that the rows cannot hold must not stand in the way of all others for ever. Evidence before the decision: what is
// refused here is refused in every later fold, of this shard after a crash as well as of a replay.
Status ShardService::look_for_culprit(const Error& error) {
  constexpr int turns_one_by_one = 1024;  // more than what was in flight
  const std::optional<InputRecord> suspect = std::exchange(suspect_, std::nullopt);
  if (error.code != Code::database_failed || !settings_.safe) return {};
  if (std::exchange(one_by_one_, turns_one_by_one) == 0 || !suspect) return {};
  log_error("record_unwritable", "partition={} offset={} schema={} error=\"{}\"", suspect->partition, suspect->offset,
            suspect->schema, error.text());
  return keep_refusal(*settings_.safe, *suspect, error);
}

Status ShardService::open() {
  publisher_.reset(), fold_.reset(), connection_.reset(), in_flight_.clear();
  auto connection = database_.open_shard();
  if (!connection) return fail(std::move(connection.error()));
  connection_ = std::move(*connection);
  auto positions = connection_->claim(settings_.partitions);
  if (!positions) return fail(std::move(positions.error()));
  for (const database::Position& position : *positions) {
    // The log opens behind the highest committed position: an offset that a commit has seen is never used twice.
    BS_TRY(queue_.open_behind("incoming", position.partition, position.incoming));
    BS_TRY(queue_.open_behind("completer", position.partition, position.completer));
  }
  fold_ = std::make_unique<Fold>(settings_.engine, library_, *connection_, [this] { return await_all(); });
  fold_->look_up_order_keys(look_up_order_keys_);
  if (settings_.safe) {
    auto refusals = load_refusals(*settings_.safe);
    if (!refusals) return fail(std::move(refusals.error()));
    fold_->refuse(std::move(*refusals));
  }
  BS_TRY(fold_->open(*positions));
  for (const database::Position& position : *positions) {
    if (settings_.on_decided) settings_.on_decided(position.partition, position.incoming);
    if (settings_.on_claimed) settings_.on_claimed(position.partition, position.term);
  }
  publisher_ = std::make_unique<Publisher>(queue_, settings_.epoch);
  BS_TRY(republish());
  log_info("shard_open", "shard={} partitions={} open_orders={}", settings_.name, settings_.partitions.size(),
           fold_->open_orders());
  return {};
}

Status ShardService::republish() {
  Effects effects = fold_->rederive();
  std::vector<std::pair<Partition, std::uint64_t>> turns;
  for (const Partition partition : fold_->partitions()) {
    auto lines = connection_->unpublished(partition, fold_->position(partition).published);
    if (!lines) return fail(std::move(lines.error()));
    for (const auto& [turn, crm] : *lines) {
      for (std::size_t begin = 0, end; begin < crm.size(); begin = end + 1) {
        end = std::min(crm.find('\n', begin), crm.size());
        const std::string body = crm.substr(begin, end - begin);
        const bool is_asset = body.find("\"type\":\"asset\"") != std::string::npos,
                   is_line = body.find("\"type\":\"orderItem\"") != std::string::npos;
        // The turn row does not say whose it was. A key chooses the partition, and that is known here.
        effects.crm.push_back({"*", partition, is_asset ? "asset" : is_line ? "orderItem" : "order", body});
      }
    }
    turns.emplace_back(partition, fold_->position(partition).turn);
  }
  publisher_->publish(std::move(effects), std::move(turns));
  return {};
}

Status ShardService::serve() {
  BS_TRY(open());
  running_ = true;
  while (!stop_) {
    auto records = gather();
    if (!records) return fail(std::move(records.error()));
    if (records->empty()) {
      BS_TRY(await_all());
      wait_for_input();
      continue;
    }
    BS_TRY(send(*records));
    while (in_flight_.size() > 1) BS_TRY(await_oldest());  // two in flight: one commits while the next is decided
  }
  BS_TRY(await_all());
  publisher_->drain();
  return {};
}

Result<bool> ShardService::read_into(const char* topic, Log log, Partition partition, std::uint64_t from,
                                     std::vector<InputRecord>& out) {
  auto records = queue_.read(topic, partition, from, inputs_max() - out.size());
  if (!records) return fail(std::move(records.error()));
  BS_TRY(queue::check_gaps(queue_, topic, partition, from, *records));
  for (queue::Record& record : *records)
    out.push_back({log, partition, record.offset, record.appended, std::move(record.key), std::move(record.schema),
                   std::move(record.headers), std::move(record.value)});
  return out.size() >= inputs_max();
}

Result<std::vector<InputRecord>> ShardService::gather() {
  {
    const std::lock_guard lock(mutex_);
    seen_ = arrivals_;
  }
  std::vector<InputRecord> records;
  for (const Partition partition : settings_.partitions) {
    const database::Position& position = fold_->position(partition);
    const std::size_t first = records.size();
    auto full = read_into("completer", Log::completer, partition, position.completer, records);
    if (full && !*full) full = read_into("incoming", Log::incoming, partition, position.incoming, records);
    if (!full) return fail(std::move(full.error()));
    let_stand_alone(records, first);
    if (*full) break;
  }
  // Begin with another partition next time, so that none starves behind a busy one.
  if (records.size() >= inputs_max())
    std::rotate(settings_.partitions.begin(), settings_.partitions.begin() + 1, settings_.partitions.end());
  return records;
}

Status ShardService::send(const std::vector<InputRecord>& records) {
  for (const Partition partition : settings_.partitions)
    if (const std::uint64_t turn = publisher_->published(partition)) fold_->note_published(partition, turn);
  if (one_by_one_ > 0) {
    BS_TRY(await_all());
    suspect_ = records.front();
    --one_by_one_;
  }
  auto turn = fold_->turn(records);
  if (!turn) return fail(std::move(turn.error()));
  BS_TRY(connection_->send_turn(turn->write));
  InFlight flight{std::move(turn->effects), {}, {}};
  for (const auto& part : turn->write.partitions) {
    flight.turns.emplace_back(part.after.partition, part.after.turn);
    flight.decided.emplace_back(part.after.partition, part.after.incoming);
  }
  in_flight_.push_back(std::move(flight));
  meters().inputs.observe(static_cast<double>(records.size()));
  return {};
}

Status ShardService::await_oldest() {
  BS_TRY(connection_->await_turn());
  InFlight flight = std::move(in_flight_.front());
  in_flight_.pop_front();
  ++turns_;
  if (settings_.on_decided)
    for (const auto& [partition, offset] : flight.decided) settings_.on_decided(partition, offset);
  open_orders_ = fold_->open_orders();
  publisher_->publish(std::move(flight.effects), std::move(flight.turns));
  fold_->look_up_order_keys(look_up_order_keys_ = false);  // what was seen before has been decided by now
  return {};
}

Status ShardService::await_all() {
  while (!in_flight_.empty()) BS_TRY(await_oldest());
  return {};
}

void ShardService::wait_for_input() {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, idle_wait, [this] { return stop_ || arrivals_ != seen_; });
}

}  // namespace backstitch
