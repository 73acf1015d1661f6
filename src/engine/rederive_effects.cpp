// What a crash between commit and publish lost is derived from rows: the row is the intent.
#include "engine/engine.h"
#include "engine/item/item.h"

namespace backstitch {
namespace {

/// Null where an item in this state waits for no time.
const char* timer_kind(ItemState state) {
  switch (state) {
    case ItemState::failed: return "retry";
    case ItemState::scheduled: return "processAfter";
    case ItemState::running: return "callback";  // its system has accepted the call
    default: return nullptr;
  }
}

}  // namespace

void rederive_effects(const EngineSettings&, const OrderWork& order, Effects& effects) {
  for (int item = 0; item < static_cast<int>(order.items.size()); ++item) {
    const ItemWork& work = order.items[static_cast<std::size_t>(item)];
    const ItemId id = order.plan.items[static_cast<std::size_t>(item)].id;
    if (work.state == ItemState::running && !work.due_at.is_set())
      if (auto task = task_of(order, item)) effects.tasks.push_back(std::move(*task));
    if (const char* kind = timer_kind(work.state); kind && work.due_at.is_set())
      effects.timers.push_back({id, order.order.account_id, order.partition, kind, work.due_at});
  }
}

bool needs_account(const Order& order, const Catalog& catalog) {
  // Assets are kept for every line of every order, so the account is always looked at, except where nothing it holds can matter:
  // first Adds without a reference, in a catalog whose technical products share nothing across orders.
  for (const OrderLine& line : order.lines)
    if (line.action != Action::add || !line.asset_ref.empty()) return true;
  for (const Product& product : catalog.products)
    if (product.technical && product.inventory && product.scope == ProductScope::account) return true;
  return false;
}

}  // namespace backstitch
