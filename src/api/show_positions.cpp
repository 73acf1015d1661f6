#include "api/show_positions.h"

namespace backstitch {

void show_positions(database::Database& database, queue::Queue& queue) {
  const auto positions = database.positions();
  if (!positions) return;
  std::map<Partition, queue::Offset> incoming, completer;
  for (const auto& position : *positions) {
    incoming[position.partition] = position.incoming;
    completer[position.partition] = position.completer;
  }
  queue.show_positions("shard", "incoming", incoming);
  queue.show_positions("shard", "completer", completer);
  if (const auto told = database.crm_positions()) queue.show_positions("crm-sync", "order_orderitems", *told);
}

}  // namespace backstitch
