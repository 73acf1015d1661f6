// The fixture's own code: it belongs to the tests, so it is built with them and not with the room.
#include <boost/json.hpp>

#include "engine/testing/engine_fixture.h"

namespace backstitch::fixture {
namespace {

template <class Row>
std::vector<Row> part_of(const std::map<Bits128, Row>& table, OrderId order) {
  std::vector<Row> rows;
  for (const auto& [id, row] : table)
    if (belongs_to(id, order)) rows.push_back(row);
  return rows;
}

void expect_same_item(const ItemWork& live, const ItemWork& back, const std::string& name) {
  EXPECT_EQ(live.state, back.state) << name;
  EXPECT_EQ(live.attempt, back.attempt) << name;
  EXPECT_EQ(live.call, back.call) << name;
  EXPECT_EQ(live.unmet, back.unmet) << name;
  EXPECT_EQ(live.error, back.error) << name;
  EXPECT_EQ(live.owner, back.owner) << name;
  EXPECT_EQ(live.attention, back.attention) << name;
  EXPECT_EQ(live.digest, back.digest) << name;
  EXPECT_EQ(live.started_at, back.started_at) << name;
  EXPECT_EQ(live.ended_at, back.ended_at) << name;
  EXPECT_EQ(live.due_at, back.due_at) << name;
}

void expect_same_order(const OrderWork& live, const OrderWork& back) {
  EXPECT_EQ(live.id, back.id);
  EXPECT_EQ(live.state, back.state);
  EXPECT_EQ(live.plan_state, back.plan_state);
  EXPECT_EQ(live.lines, back.lines);
  EXPECT_EQ(live.downstream_orders, back.downstream_orders);
  EXPECT_EQ(live.items_open, back.items_open);
  EXPECT_EQ(live.created_at, back.created_at);
  EXPECT_EQ(live.changed_at, back.changed_at);
  EXPECT_EQ(live.body_digest, back.body_digest);
  EXPECT_EQ(live.catalog, back.catalog);
  EXPECT_EQ(fulfilment_json(live.parts, live.plan), fulfilment_json(back.parts, back.plan));
  ASSERT_EQ(live.items.size(), back.items.size());
  for (std::size_t i = 0; i < live.items.size(); ++i)
    expect_same_item(live.items[i], back.items[i], item_name(live, static_cast<int>(i)));
}

}  // namespace

Engine::Engine(CatalogPtr catalog) {
  work.catalog_digest = catalog->digest;
  shelf.put(std::move(catalog));
}

void Engine::activate(CatalogPtr catalog) {
  const std::string digest = catalog->digest;
  shelf.put(std::move(catalog));
  feed(Log::incoming, "incoming.catalog-activate/1",
       R"({"commandId":"cmd_00000000000000000000000001","actor":"ann","digest":")" + digest + "\"}");
}

namespace {

std::unique_ptr<OrderWork> order_from(const Tables& tables, const Shelf& shelf, OrderId id) {
  const OrderRow& row = tables.orders.at(id);
  const auto items = part_of(tables.order_items, id), orders = part_of(tables.downstream_orders, id),
             parts = part_of(tables.downstream_items, id);
  std::vector<LineValuesRow> values;
  std::vector<ItemRow> plan_items;
  const PlanRow* plan = nullptr;
  for (const auto& [key, value] : tables.values)
    if (belongs_to(key.bits, id)) values.push_back(value);
  for (const auto& [key, value] : tables.items)
    if (belongs_to(key.bits, id)) plan_items.push_back(value);
  for (const auto& [key, value] : tables.plans)
    if (belongs_to(key.bits, id)) plan = &value;
  auto order =
      restore_order({row, tables.docs.at(id), items, orders, parts, values, plan, plan_items}, shelf.find(row.catalog_digest));
  EXPECT_TRUE(order.has_value()) << (order ? "" : order.error().text());
  return order ? std::move(*order) : nullptr;
}

void load_account(PartitionWork& work, const Tables& tables, const std::string& id) {
  AccountWork& account = work.accounts[id];
  account.account_id = id, account.complete = true;
  for (const auto& [key, row] : tables.inventory)
    if (row.account_id == id) account.inventory.try_emplace(row.product + "\n" + row.scope_key, row);
  for (const auto& [key, row] : tables.assets)
    if (row.account_id == id) account.assets.try_emplace(row.asset_ref, row);
}

/// What the fold does before it decides.
void fill_in(PartitionWork& work, const Tables& tables, const Shelf& shelf, const Result<Input>& input) {
  if (!input) return;
  if (const auto item = item_of(*input))
    if (const OrderId id{order_of(item->bits)}; tables.orders.contains(id) && !work.find_order(id))
      admit_order(work, order_from(tables, shelf, id));
  if (const auto* submit = std::get_if<SubmitInput>(&*input)) {
    load_account(work, tables, submit->order.account_id);
    if (const auto key = tables.keys.find(submit->order.source_order_id); key != tables.keys.end())
      work.known_orders[order_name(submit->order.source, submit->order.source_order_id, submit->order.version)] = {
          key->second, tables.docs.at(key->second).body_digest};
  }
}

}  // namespace

PartitionWork Engine::restored() const {
  PartitionWork back;
  back.partition = work.partition, back.catalog_digest = work.catalog_digest, back.decision_digest = work.decision_digest;
  for (const auto& [name, row] : tables.systems) back.systems[name] = row;
  for (const auto& [id, row] : tables.orders)
    if (!is_terminal(row.state))
      if (auto order = order_from(tables, shelf, id)) admit_order(back, std::move(order));
  for (const auto& [id, order] : back.orders) load_account(back, tables, order->order.account_id);
  return back;
}

void Engine::restart() { work = restored(); }

void Engine::take_rows() {
  TurnRows rows;
  backstitch::take_rows(work, offsets_[0] + offsets_[1], rows);
  tables.apply(rows);
  const PartitionWork back = restored();
  for (const auto& [id, order] : back.orders) {
    const OrderWork* live = work.find_order(id);
    ASSERT_TRUE(live) << "an open order stays in the working set";
    expect_same_order(*live, *order);
  }
  for (const auto& [id, order] : work.orders) EXPECT_TRUE(back.orders.contains(id) || is_terminal(order->state));
}

void Engine::feed(Log of, const std::string& schema, const std::string& value) {
  InputRecord record;
  record.log = of, record.partition = work.partition, record.offset = offsets_[static_cast<int>(of)]++;
  record.at = now, record.account_id = "A-1", record.schema = schema, record.value = value;
  now = now.plus_ms(1);
  feed(record);
}

void Engine::feed(const InputRecord& record) {
  effects = {};
  const auto input = parse_input(record);
  fill_in(work, tables, shelf, input);
  decide(settings, shelf, work, record, input, effects);
  log.push_back(record);
  if (rows_each_record) take_rows();
}

void Engine::submit(const std::string& items, const std::string& id, const std::string& fields) {
  feed(Log::incoming, "incoming.submit/1",
       R"({"source":"org1","sourceOrderId":")" + id + R"(","accountId":"A-1","fields":)" + fields + R"(,"items":[)" + items +
           "]}");
}

PlanGraph Engine::plan_of(const std::string& order) const {
  Decomposition parts;
  PlanGraph plan;
  const OrderId id = tables.keys.at(order);
  EXPECT_TRUE(parse_fulfilment(parse_json(tables.docs.at(id).graph).value(), id, parts, plan));
  return plan;
}

namespace {

/// "provision", or "provision@1.1": of the instance that works for the line with this index.
const PlanItem* find_planned(const PlanGraph& plan, const std::string& name) {
  const auto at = name.find('@');
  for (const PlanItem& item : plan.items) {
    if (item.item != name.substr(0, at)) continue;
    if (at == std::string::npos || item.instance.ends_with(name.substr(at + 1))) return &item;
  }
  return nullptr;
}

}  // namespace

ItemId Engine::item_id(const std::string& name, const std::string& order) const {
  const PlanGraph plan = plan_of(order);
  const PlanItem* found = find_planned(plan, name);
  BS_ASSERT(found, name);
  return found->id;
}

std::vector<std::string> Engine::item_names(const std::string& order) const {
  std::vector<std::string> names;
  for (const PlanItem& item : plan_of(order).items) names.push_back(item.item);
  return names;
}

const ItemRow& Engine::item(const std::string& name, const std::string& order) const {
  return tables.items.at(item_id(name, order));
}

std::string Engine::attention(const std::string& name, const std::string& order) const {
  const auto found = tables.attention.find(item_id(name, order));
  return found == tables.attention.end() ? "" : found->second.kind;
}

const Task& Engine::task(const std::string& name, const std::string& order) const {
  for (const Task& task : effects.tasks)
    if (task.item == item_id(name, order)) return task;
  BS_ASSERT(false, "no task of " + name);
}

void Engine::answer(const std::string& name, CallOutcome outcome, const std::string& code, const std::string& response) {
  answer_call(name, item(name).call, outcome, code, response);
}

void Engine::answer_call(const std::string& name, int call, CallOutcome outcome, const std::string& code,
                         const std::string& response) {
  const PlanGraph plan = plan_of("O1");
  const PlanItem& planned = *find_planned(plan, name);
  feed(Log::completer, "completer.answer/1",
       fmt::format(R"({{"effectKey":"{}","itemId":"{}","outcome":"{}","code":"{}","response":{}}})",
                   CallKey{planned.effect, call}.text(), planned.id.text(), to_text(outcome), code, response));
}

void Engine::call_back(const std::string& name, CallOutcome outcome, const std::string& response, const std::string& repeats) {
  const PlanGraph plan = plan_of("O1");
  const PlanItem& planned = *find_planned(plan, name);
  feed(Log::completer, "completer.callback/1",
       fmt::format(R"({{"effectKey":"{}","itemId":"{}","outcome":"{}","repeats":"{}","code":"later/1","response":{}}})",
                   CallKey{planned.effect, 1}.text(), planned.id.text(), to_text(outcome), repeats, response));
}

void Engine::due(const std::string& name) {
  const ItemRow& row = item(name);
  now = std::max(now, row.due_at);
  feed(Log::completer, "completer.due/1",
       fmt::format(R"({{"itemId":"{}","timer":"retry","dueUs":{}}})", row.id.text(), row.due_at.us));
}

void Engine::item_command(const std::string& name, const std::string& verb, const std::string& reason,
                          const std::string& attributes) {
  feed(Log::incoming, "incoming.item-command/1",
       fmt::format(R"({{"commandId":"cmd_{:026}","itemId":"{}","command":"{}","actor":"ann","reason":"{}","attributes":{}}})",
                   ++commands_, item_id(name).text(), verb, reason, attributes));
}

void Engine::task_command(const std::string& name, const std::string& verb, const std::string& actor, const std::string& owner) {
  feed(
      Log::incoming, "incoming.task-command/1",
      fmt::format(
          R"({{"commandId":"cmd_{:026}","itemId":"{}","command":"{}","actor":"{}","owner":"{}","attributes":{{"b":"by hand"}}}})",
          ++commands_, item_id(name).text(), verb, actor, owner));
}

void Engine::system_command(const std::string& system, const std::string& verb) {
  feed(Log::incoming, "incoming.system-command/1",
       fmt::format(R"({{"commandId":"cmd_{:026}","system":"{}","command":"{}","actor":"ann"}})", ++commands_, system, verb));
}

}  // namespace backstitch::fixture
