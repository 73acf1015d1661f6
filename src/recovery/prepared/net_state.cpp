#include "recovery/prepared/net_state.h"

#include <set>

#include "base/json.h"
#include "recovery/prepared/prepared.h"
#include "recovery/prepared/prepared_files.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

constexpr std::int64_t append_margin_ms = 60'000;  // a record is appended before the turn that holds it commits

Time since(const World& world) { return world.plan.time.plus_ms(-append_margin_ms); }

/// A line that says whose it is, and a line with what is said: bodies are JSON on one line, and are not parsed again.
void append_update(std::string& text, const NetUpdate& one) {
  text += write_json(json::object{{"order", one.order.text()},
                                  {"account", one.update.account_id},
                                  {"partition", one.update.partition},
                                  {"type", one.update.type}});
  text += '\n';
  text += one.update.body;
  text += '\n';
}

Result<NetUpdates> updates_from(std::string_view text) {
  NetUpdates updates;
  const auto line = [&]() -> std::string_view {
    const auto end = text.find('\n');
    const std::string_view found = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return found;
  };
  while (!text.empty()) {
    const auto head = parse_json(line());
    if (!head) return fail(head.error());
    const auto order = OrderId::parse(json::value_to<std::string>(head->at("order")));
    if (!order) return fail(Code::json_invalid, "a prepared update of no order");
    NetUpdate one{*order, {}};
    one.update.account_id = json::value_to<std::string>(head->at("account"));
    one.update.partition = head->at("partition").to_number<Partition>();
    one.update.type = json::value_to<std::string>(head->at("type"));
    one.update.body = std::string(line());
    updates.push_back(std::move(one));
  }
  return updates;
}

Result<NetUpdates> read_all(World& world, Time changed_since) {
  auto connection = world.database->open_shard();
  if (!connection) return fail(std::move(connection.error()));
  return net_updates(*world.database, **connection, world.library, {.since = since(world), .changed_since = changed_since});
}

bool is_asset(const NetUpdate& one) { return one.update.type == "asset"; }

/// Orders first, as always; of an order or of an account's assets that were worked out anew, nothing of before.
NetUpdates joined(NetUpdates before, NetUpdates recent) {
  std::set<OrderId> orders;
  std::set<std::string> accounts;
  for (const NetUpdate& one : recent)
    if (is_asset(one))
      accounts.insert(one.update.account_id);
    else
      orders.insert(one.order);
  std::erase_if(before, [&](const NetUpdate& one) {
    return is_asset(one) ? accounts.contains(one.update.account_id) : orders.contains(one.order);
  });
  before.insert(before.end(), std::make_move_iterator(recent.begin()), std::make_move_iterator(recent.end()));
  std::stable_partition(before.begin(), before.end(), [](const NetUpdate& one) { return !is_asset(one); });
  return before;
}

}  // namespace

Status prepare_net_state(World& world) {
  const auto updates = read_all(world, since(world));
  if (!updates) return fail(updates.error());
  std::string text;
  for (const NetUpdate& one : *updates) append_update(text, one);
  return world.safe.put(evidence_name(world.plan, prepared_updates_file), text);
}

Result<NetUpdates> net_state(World& world) {
  if (!world.standing) return read_all(world, since(world));
  const auto text = world.safe.get(evidence_name(world.plan, prepared_updates_file));
  if (!text) return fail(text.error());
  auto before = updates_from(*text);
  if (!before) return fail(std::move(before.error()));
  // Decisions have come behind the tail that verify saw.
  const auto tail = tail_behind(world, world.standing->prepared.positions);
  if (!tail) return fail(tail.error());
  if (!tail->since.is_set()) return before;
  auto recent = read_all(world, tail->since);
  if (!recent) return fail(std::move(recent.error()));
  return joined(std::move(*before), std::move(*recent));
}

}  // namespace backstitch::recovery
