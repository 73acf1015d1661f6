#include "engine/system/switch_system.h"

#include <algorithm>

#include "engine/item/item.h"

namespace backstitch {
namespace {

// In order of ids, which is order of time: held items keep their order (H-3), and no hash order reaches a decision.
std::vector<OrderWork*> orders_in_sequence(PartitionWork& work) {
  std::vector<OrderWork*> orders;
  for (auto& [id, order] : work.orders) orders.push_back(order.get());
  std::sort(orders.begin(), orders.end(), [](const OrderWork* a, const OrderWork* b) { return a->id < b->id; });
  return orders;
}

void release_held(Desk& desk, const std::string& system) {
  for (OrderWork* order : orders_in_sequence(desk.work)) {
    ItemContext context{desk, *order, {}};
    for (int item = 0; item < static_cast<int>(order->items.size()); ++item) {
      if (order->items[static_cast<std::size_t>(item)].state != ItemState::on_hold) continue;
      const std::string route = route_of(*order, item);
      if (route.substr(0, route.find('.')) != system) continue;
      must_move_item(context, item, ItemEvent::released);
      record_item_event(desk, *order, item, "ItemReleased");
      make_ready(context, item);
    }
    run_todo(context);
  }
}

}  // namespace

void switch_system(Desk& desk, const SystemCommandInput& command) {
  if (command.verb != SystemVerb::unhold) {
    desk.work.systems[command.system] = {desk.work.partition, command.system, command.verb == SystemVerb::up, desk.now};
    desk.work.changed_systems.insert(command.system);
  }
  if (command.verb == SystemVerb::unhold) {
    if (!desk.work.is_up(command.system)) {
      const Error error{Code::item_transition, command.system + " is down: bring it up before items are released", {}};
      return record_command(desk, command.id, "system-command", "refused", command.actor, command.system, &error);
    }
    release_held(desk, command.system);
  }
  record_command(desk, command.id, "system-command", "applied", command.actor, command.system);
}

}  // namespace backstitch
