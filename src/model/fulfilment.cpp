#include "model/fulfilment.h"

#include <boost/json.hpp>

#include "base/json.h"
#include "model/order.h"

namespace backstitch {
namespace json = boost::json;
namespace {

constexpr std::uint64_t low_48 = 0xffffffffffffull;

// ---- out: written by hand into one string, because it happens once an order in the hot path ---------------------------------

// A child's id is its order's 80 bits and these 48 (model/identity.h): the rest need not be stored.
void append_tail(std::string& out, Bits128 id) { out += fmt::format("\"{:012x}\"", id.lo & low_48); }

void append_numbers(std::string& out, const std::vector<int>& numbers) {
  out += '[';
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i) out += ',';
    out += std::to_string(numbers[i]);
  }
  out += ']';
}

void append_texts(std::string& out, const std::vector<std::string>& texts) {
  out += '[';
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i) out += ',';
    append_json_string(out, texts[i]);
  }
  out += ']';
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out += fmt::format(",\"{}\":", name);
  append_json_string(out, text);
}

void append_downstream(std::string& out, const DownstreamItem& item) {
  out += "{\"id\":";
  append_tail(out, item.id.bits);
  out += fmt::format(",\"order\":{},\"action\":\"{}\",\"quantity\":{},\"known\":{}", item.downstream_order, to_text(item.action),
                     item.quantity, item.known);
  append_member(out, "product", item.product);
  append_member(out, "scope", item.scope_key);
  out += ",\"values\":";
  item.values.append_json(out);
  out += ",\"lines\":";
  append_numbers(out, item.source_lines);
  out += ",\"rules\":";
  append_texts(out, item.rules);
  out += '}';
}

void append_plan_item(std::string& out, const PlanItem& item) {
  out += "{\"id\":";
  append_tail(out, item.id.bits);
  append_member(out, "effect", crockford(item.effect.bits));
  append_member(out, "plan", item.plan);
  append_member(out, "item", item.item);
  append_member(out, "instance", item.instance);
  append_member(out, "scenario", item.scenario);
  out += ",\"lines\":";
  append_numbers(out, item.lines);
  out += ",\"for\":";
  append_numbers(out, item.downstream_items);
  out += ",\"waits\":";
  append_numbers(out, item.waits_for);
  out += '}';
}

template <class List, class Append>
void append_list(std::string& out, const List& list, Append append) {
  out += '[';
  bool first = true;
  for (const auto& entry : list) {
    if (!first) out += ',';
    first = false;
    append(out, entry);
  }
  out += ']';
}

// ---- in: our own rows, so a missing member is damage, not a fault of the user: Boost's checked access throws ---------------

std::string text_at(const json::object& object, const char* name) { return std::string(object.at(name).as_string()); }

Bits128 tail_at(const json::object& object, OrderId order) {
  const std::string text = text_at(object, "id");
  return {order.bits.hi, order.bits.lo | (std::stoull(text, nullptr, 16) & low_48)};
}

std::vector<int> numbers_at(const json::object& object, const char* name, std::size_t below) {
  std::vector<int> out;
  for (const json::value& value : object.at(name).as_array()) {
    const std::int64_t number = value.as_int64();
    if (number < 0 || static_cast<std::size_t>(number) >= below) throw std::out_of_range(name);
    out.push_back(static_cast<int>(number));
  }
  return out;
}

std::vector<std::string> texts_at(const json::object& object, const char* name) {
  std::vector<std::string> out;
  for (const json::value& value : object.at(name).as_array()) out.emplace_back(value.as_string());
  return out;
}

DownstreamItem read_downstream(const json::object& object, OrderId order, std::size_t orders) {
  DownstreamItem item;
  item.id = {tail_at(object, order)};
  item.downstream_order = static_cast<int>(object.at("order").as_int64());
  if (item.downstream_order < 0 || static_cast<std::size_t>(item.downstream_order) >= orders) throw std::out_of_range("order");
  item.product = text_at(object, "product");
  item.scope_key = text_at(object, "scope");
  const auto action = action_from(text_at(object, "action"));
  if (!action) throw std::out_of_range("action");
  item.action = *action;
  item.quantity = object.at("quantity").as_int64();
  item.known = object.at("known").as_bool();
  item.values = attributes_from(object.at("values"));
  item.source_lines = numbers_at(object, "lines", order_lines_max);
  item.rules = texts_at(object, "rules");
  return item;
}

PlanItem read_plan_item(const json::object& object, OrderId order, std::size_t downstream_items, std::size_t items) {
  PlanItem item;
  item.id = {tail_at(object, order)};
  const auto effect = parse_crockford(text_at(object, "effect"));
  if (!effect) throw std::out_of_range("effect");
  item.effect = {*effect};
  item.plan = text_at(object, "plan");
  item.item = text_at(object, "item");
  item.instance = text_at(object, "instance");
  item.scenario = text_at(object, "scenario");
  item.lines = numbers_at(object, "lines", order_lines_max);
  item.downstream_items = numbers_at(object, "for", downstream_items);
  item.waits_for = numbers_at(object, "waits", items);
  return item;
}

void read_all(const json::object& root, OrderId order, Decomposition& decomposition, PlanGraph& plan) {
  for (const json::value& value : root.at("orders").as_array())
    decomposition.orders.push_back({{tail_at(value.as_object(), order)}, text_at(value.as_object(), "domain")});
  for (const json::value& value : root.at("items").as_array())
    decomposition.items.push_back(read_downstream(value.as_object(), order, decomposition.orders.size()));
  decomposition.notices = texts_at(root, "notices");
  const json::object& graph = root.at("plan").as_object();
  plan.id = {tail_at(graph, order)};
  const json::array& items = graph.at("items").as_array();
  for (const json::value& value : items)
    plan.items.push_back(read_plan_item(value.as_object(), order, decomposition.items.size(), items.size()));
  plan.notices = texts_at(graph, "notices");
  for (std::size_t i = 0; i < plan.items.size(); ++i)
    for (const int before : plan.items[i].waits_for)
      plan.items[static_cast<std::size_t>(before)].followed_by.push_back(static_cast<int>(i));
}

}  // namespace

std::string fulfilment_json(const Decomposition& decomposition, const PlanGraph& plan) {
  std::string out;
  out.reserve(256 + decomposition.items.size() * 256 + plan.items.size() * 256);
  out += "{\"orders\":";
  append_list(out, decomposition.orders, [](std::string& to, const DownstreamOrder& order) {
    to += "{\"id\":";
    append_tail(to, order.id.bits);
    append_member(to, "domain", order.domain);
    to += '}';
  });
  out += ",\"items\":";
  append_list(out, decomposition.items, append_downstream);
  out += ",\"notices\":";
  append_texts(out, decomposition.notices);
  out += ",\"plan\":{\"id\":";
  append_tail(out, plan.id.bits);
  out += ",\"items\":";
  append_list(out, plan.items, append_plan_item);
  out += ",\"notices\":";
  append_texts(out, plan.notices);
  out += "}}";
  return out;
}

Status parse_fulfilment(const json::value& json, OrderId order, Decomposition& decomposition, PlanGraph& plan) {
  decomposition = {};
  plan = {};
  try {
    read_all(json.as_object(), order, decomposition, plan);
  } catch (const std::exception& damage) {
    return fail(Code::row_broken, "the stored plan of {} cannot be read: {}", order.text(), damage.what());
  }
  return {};
}

}  // namespace backstitch
