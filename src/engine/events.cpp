#include "engine/events.h"

#include "base/hash.h"

namespace backstitch {

void note_change(Desk& desk, OrderWork& order) {
  if (order.order_changed) return;
  order.order_changed = true;
  desk.work.changed_orders.push_back(order.id);
}

void note_item_change(Desk& desk, OrderWork& order, int item) {
  ItemWork& work = order.items[static_cast<std::size_t>(item)];
  note_change(desk, order);
  if (work.changed) return;
  work.changed = true;
  order.changed_items.push_back(item);
}

namespace {

void add_event(Desk& desk, OrderWork& order, const std::string& line) {
  note_change(desk, order);
  order.events += line;
  desk.work.decision_digest = digest64(line, desk.work.decision_digest);
  ++order.event_count;
  order.events_at = desk.now;
}

}  // namespace

void record_event(Desk& desk, OrderWork& order, std::string_view name, std::string_view members) {
  add_event(desk, order, fmt::format("{{\"t\":{},\"e\":\"{}\"{}}}\n", desk.now.us, name, members));
}

void record_item_event(Desk& desk, OrderWork& order, int item, std::string_view name, std::string_view members) {
  add_event(desk, order, fmt::format("{{\"t\":{},\"e\":\"{}\",\"i\":{}{}}}\n", desk.now.us, name, item, members));
}

std::string member(std::string_view name, std::string_view text) {
  std::string out = ",\"";
  out += name;
  out += "\":";
  append_json_string(out, text);
  return out;
}

void record_command(Desk& desk, CommandId id, std::string_view kind, std::string_view state, std::string_view actor,
                    std::string_view subject, const Error* error) {
  // A record that came without an id of its own is named by its place in the log.
  if (id.is_zero())
    id.bits = first_128(sha256_parts({desk.record.log == Log::incoming ? "incoming" : "completer",
                                      std::to_string(desk.record.partition), std::to_string(desk.record.offset)}));
  CommandRow row;
  row.id = id, row.partition = desk.record.partition, row.offset = desk.record.offset;
  row.kind = kind, row.state = state, row.actor = actor, row.subject = subject, row.at = desk.now;
  if (error) row.code = code_text(error->code), row.detail = error->detail;
  desk.work.commands.push_back(std::move(row));
}

}  // namespace backstitch
