#include "fold/fold.h"

#include <algorithm>

#include "base/assert.h"
#include "base/probe.h"
#include "engine/engine_name.h"

namespace backstitch {

Fold::Fold(const EngineSettings& settings, CatalogLibrary& library, database::Shard& shard, std::function<Status()> before_load)
    : settings_(settings), library_(library), shard_(shard), before_load_(std::move(before_load)) {}

Status Fold::open(const std::vector<database::Position>& positions) {
  std::vector<Partition> partitions;
  for (const database::Position& position : positions) {
    positions_[position.partition] = position;
    PartitionWork& work = work_[position.partition];
    work.partition = position.partition, work.catalog_digest = position.catalog_digest,
    work.decision_digest = position.decision_digest;
    BS_TRY(library_.load(position.catalog_digest));
    partitions.push_back(position.partition);
  }
  auto systems = shard_.load_systems(partitions);
  if (!systems) return fail(std::move(systems.error()));
  for (const SystemRow& row : *systems) work_[row.partition].systems[row.system] = row;
  auto orders = shard_.load_open_orders(partitions);
  if (!orders) return fail(std::move(orders.error()));
  BS_TRY(take_in(*orders));
  std::set<std::string> ids;
  std::map<std::string, Partition> where;
  for (const auto& [partition, work] : work_)
    for (const auto& [id, account] : work.accounts) ids.insert(id), where[id] = partition;
  return read_accounts(ids, where);
}

Status Fold::take_in(const std::vector<database::StoredOrder>& stored) {
  for (const database::StoredOrder& row : stored) {
    BS_TRY(library_.load(row.order.catalog_digest));
    auto order = restore_order({row.order, row.doc, row.order_items, row.downstream_orders, row.downstream_items, row.line_values,
                                row.plan ? &*row.plan : nullptr, row.items},
                               library_.find(row.order.catalog_digest));
    if (!order) return fail(std::move(order.error()));
    PartitionWork& work = work_.at((*order)->partition);
    admit_order(work, std::move(*order));
  }
  return {};
}

Effects Fold::rederive() const {
  Effects effects;
  for (const auto& [partition, work] : work_) {
    std::map<OrderId, const OrderWork*> in_sequence;
    for (const auto& [id, order] : work.orders) in_sequence[id] = order.get();
    for (const auto& [id, order] : in_sequence) rederive_effects(settings_, *order, effects);
  }
  return effects;
}

std::vector<Partition> Fold::partitions() const {
  std::vector<Partition> out;
  for (const auto& [partition, position] : positions_) out.push_back(partition);
  return out;
}

std::size_t Fold::open_orders() const {
  std::size_t count = 0;
  for (const auto& [partition, work] : work_) count += work.orders.size();
  return count;
}

// What recoveries have settled comes first: a record that is left out need not even be readable.
Result<Input> Fold::input_of(const InputRecord& record) const {
  if (record.log == Log::incoming) {
    const auto left_out = left_out_.find({record.partition, record.offset});
    if (left_out != left_out_.end()) return excluded_input(record, left_out->second);
  } else if (const auto ranges = distrusted_.find(record.partition); ranges != distrusted_.end()) {
    const bool distrusted = std::any_of(ranges->second.begin(), ranges->second.end(), [&](const OffsetRange& range) {
      return range.from <= record.offset && record.offset < range.to;
    });
    if (distrusted)
      if (auto input = distrusted_input(record)) return *input;
  }
  return parse_input(record);
}

void let_stand_alone(std::vector<InputRecord>& records, std::size_t first) {
  const auto begin = records.begin() + static_cast<std::ptrdiff_t>(first);
  const auto alone = std::find_if(begin, records.end(), stands_alone);
  if (alone == records.end()) return;
  // With nothing of incoming before it, it comes at once: a partition whose answers never end would keep it waiting.
  const bool is_next = std::all_of(begin, alone, [](const InputRecord& record) { return record.log == Log::completer; });
  if (is_next)
    records.erase(std::next(alone), records.end()), records.erase(begin, std::prev(records.end()));
  else
    records.erase(alone, records.end());
}

Result<FoldedTurn> Fold::turn(const std::vector<InputRecord>& records) {
  std::vector<Parsed> inputs;
  inputs.reserve(records.size());
  for (const InputRecord& record : records) {
    BS_ASSERT(work_.contains(record.partition), "a fold decides its own partitions only");
    BS_ASSERT(!stands_alone(record) ||
                  std::count_if(records.begin(), records.end(),
                                [&](const InputRecord& other) { return other.partition == record.partition; }) == 1,
              "it is decided upon what is committed");
    inputs.push_back({&record, input_of(record)});
    const auto refusal = refusal_of(refusals_, record);
    if (!refusal) return fail(refusal.error());
    if (*refusal) inputs.back().input = tl::unexpected<Error>((*refusal)->error);
    const auto& input = inputs.back().input;
    if (!input && input.error().code == Code::schema_unknown) return fail(input.error());  // a newer writer: stop, in words
  }
  BS_TRY(prefetch(inputs));
  FoldedTurn turn;
  for (const Parsed& parsed : inputs)
    decide(settings_, library_, work_.at(parsed.record->partition), *parsed.record, parsed.input, turn.effects);
  collect(inputs, turn);
  return turn;
}

namespace {

std::string crm_lines(const Effects& effects, Partition partition) {
  std::string out;
  for (const CrmUpdate& update : effects.crm)
    if (update.partition == partition) out += update.body + "\n";
  return out;
}

// Who reads has made sure that nothing was left out but what the log says was never there (stores/queue/lost.h).
void consume(database::PartitionTurn& turn, const InputRecord& record) {
  std::uint64_t& next = record.log == Log::completer ? turn.after.completer : turn.after.incoming;
  BS_ASSERT(!guarded(Guard::positions) || record.offset >= next, "records are folded in order, each once");
  next = record.offset + 1;
  ++turn.inputs;
  turn.at = std::max(turn.at, record.at);
}

}  // namespace

void Fold::collect(const std::vector<Parsed>& inputs, FoldedTurn& turn) {
  std::map<Partition, database::PartitionTurn> turns;
  for (const Parsed& parsed : inputs) {
    const auto [entry, fresh] = turns.try_emplace(parsed.record->partition);
    if (fresh) {
      const database::Position& before = positions_.at(parsed.record->partition);
      entry->second.after = before;
      ++entry->second.after.turn;
      entry->second.incoming_from = before.incoming, entry->second.completer_from = before.completer;
      entry->second.engine_version = engine_name(settings_);
    }
    consume(entry->second, *parsed.record);
  }
  for (auto& [partition, part] : turns) {
    PartitionWork& work = work_.at(partition);
    take_rows(work, part.after.turn, turn.write.rows);
    part.after.catalog_digest = work.catalog_digest, part.after.decision_digest = work.decision_digest;
    part.crm = crm_lines(turn.effects, partition);
    positions_[partition] = part.after;
    turn.write.partitions.push_back(std::move(part));
  }
}

}  // namespace backstitch
