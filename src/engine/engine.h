// decide(): a pure function of (working set, input, catalog active there, time of the record) → changed rows, events, effects.
// No clock, random number, locale, hash order or I/O reaches a decision (law 2).
#pragma once
#include <functional>
#include <string>

#include "engine/decision.h"
#include "engine/input.h"
#include "engine/working_set.h"

namespace backstitch {

inline constexpr const char* engine_version = "2";

struct EngineSettings {
  int default_retries = 3;  // blank retries
  std::int64_t default_retry_interval_ms = 10'000;
};

/// Catalog versions by digest; everything the working set may need is on the shelf before decide() is called.
class CatalogShelf {
 public:
  virtual ~CatalogShelf() = default;
  virtual CatalogPtr find(const std::string& digest) const = 0;  // null when unknown
};

/// One decision under way: what a command file needs, in one hand.
struct Desk {
  const EngineSettings& settings;
  const CatalogShelf& shelf;
  PartitionWork& work;
  Effects& effects;
  const InputRecord& record;
  Time now;  // record.at
};

/// Decides one input. The record must be parsed; a broken one is refused in writing as a CommandRow. Chains the partition's
/// decision digest over the events and effects of this input.
void decide(const EngineSettings& settings, const CatalogShelf& shelf, PartitionWork& work, const InputRecord& record,
            const Result<Input>& input, Effects& effects);

/// What a crash between commit and publish lost: tasks of running items, timers of failed and scheduled ones.
void rederive_effects(const EngineSettings& settings, const OrderWork& order, Effects& effects);

/// Does deciding this order need the account's inventory and assets?
bool needs_account(const Order& order, const Catalog& catalog);

/// Takes a stored order back into a working set: ids derived anew are compared with the stored ones (Code::row_broken).
struct StoredParts {
  const OrderRow& order;
  const OrderDocRow& doc;
  const std::vector<LineRow>&order_items, &downstream_orders, &downstream_items;
  const std::vector<LineValuesRow>& line_values;
  const PlanRow* plan;
  const std::vector<ItemRow>& items;
};
Result<std::unique_ptr<OrderWork>> restore_order(const StoredParts& stored, CatalogPtr catalog);

}  // namespace backstitch
