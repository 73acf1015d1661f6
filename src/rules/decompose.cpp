#include "rules/decompose.h"

#include <algorithm>
#include <unordered_map>

#include "rules/condition.h"
#include "rules/mapping.h"
#include "rules/plan_scope.h"

namespace backstitch {
namespace {

/// A technical line in the making: which lines asked for it, and how.
struct Draft {
  const Product* product = nullptr;
  std::string scope_key, asset_ref;
  struct Source {
    int line;
    const DecompositionRule* rule;
  };
  std::vector<Source> sources;
};

// Business keys, never a place in a list (interfaces: "Ids"). What exists already is named by its asset.
std::string scope_key(const Product& product, const Order& order, const OrderLine& line, const std::string& rule) {
  const OrderLine& root = order.lines[static_cast<std::size_t>(line.root)];
  switch (product.scope) {
    case ProductScope::account: return order.account_id;
    case ProductScope::order: return order.source_order_id;
    case ProductScope::top_order_item:
      return root.asset_ref.empty() ? order.source_order_id + ":" + root.line_id : root.asset_ref;
    case ProductScope::custom:
      return order.source_order_id + ":" + product.scope_field + "=" + group_value(order, line, product.scope_field);
    case ProductScope::order_item: return line.asset_ref.empty() ? order.source_order_id + ":" + line.line_id : line.asset_ref;
    case ProductScope::downstream_order_item:
      return (line.asset_ref.empty() ? order.source_order_id + ":" + line.line_id : line.asset_ref) + "/" + rule;
  }
  return {};
}

Status check_products(const Order& order, const Catalog& catalog) {
  Error error{Code::order_unknown_product, {}, {}};
  for (std::size_t i = 0; i < order.lines.size(); ++i)
    if (!catalog.product(order.lines[i].product))
      error.faults.push_back({fmt::format("/items/{}/product", i), Code::order_unknown_product,
                              fmt::format("the catalog has no product \"{}\"", order.lines[i].product)});
  if (error.faults.empty()) return {};
  error.detail = fmt::format("{} of {} lines of order \"{}\" name products that catalog {} does not have", error.faults.size(),
                             order.lines.size(), order.source_order_id, catalog.digest.substr(0, 12));
  return fail(std::move(error));
}

// The relationships of one line that fire, in order of priority; at most one of an XOR group.
std::vector<const DecompositionRule*> fired_rules(const Order& order, const OrderLine& line, const Catalog& catalog,
                                                  std::vector<RuleTrace>* trace) {
  std::vector<const DecompositionRule*> fired;
  const Product* product = catalog.product(line.product);
  if (!product) return fired;
  const Scene scene{&order, &line, product, &line.attributes};
  for (const DecompositionRule* rule : catalog.rules_for(*product)) {
    const auto winner = std::find_if(fired.begin(), fired.end(), [&](const DecompositionRule* other) {
      return !rule->xor_group.empty() && other->xor_group == rule->xor_group;
    });
    std::string why = "no condition";
    bool fires = true;
    if (winner != fired.end()) {
      fires = false;
      if (trace) why = fmt::format("xor group {}: {} fired", rule->xor_group, (*winner)->key);
    } else if (rule->when) {
      std::string clause;
      fires = holds(*rule->when, scene, trace ? &clause : nullptr);
      if (trace) why = fmt::format("condition {}: {}", fires ? "true" : "false", clause);
    }
    if (trace) trace->push_back({rule->key, line.line_id, fires, std::move(why)});
    if (fires) fired.push_back(rule);
  }
  return fired;
}

Result<std::vector<Draft>> collect(const Order& order, const Catalog& catalog, std::vector<RuleTrace>* trace) {
  std::vector<Draft> drafts;
  std::unordered_map<std::string, std::size_t> place;
  for (std::size_t i = 0; i < order.lines.size(); ++i) {
    const OrderLine& line = order.lines[i];
    for (const DecompositionRule* rule : fired_rules(order, line, catalog, trace)) {
      const Product* product = catalog.product(rule->to);
      if (!product)
        return fail(Code::catalog_unknown_reference, "relationship {} makes \"{}\", which is no product", rule->key, rule->to);
      if (!catalog.rules_for(*product).empty())
        return fail(Code::decomposition_too_deep, "relationship {} makes {}, which decomposes further", rule->key, rule->to);
      std::string key = scope_key(*product, order, line, rule->key);
      const auto [at, is_new] = place.emplace(product->key + '\n' + key, drafts.size());
      if (is_new) drafts.push_back({product, std::move(key), {}, {}});
      Draft& draft = drafts[at->second];
      if (draft.asset_ref.empty()) draft.asset_ref = line.asset_ref;
      draft.sources.push_back({static_cast<int>(i), rule});
    }
  }
  return drafts;
}

struct Actions {
  bool add = false, change = false, renew = false, disconnect = false, live = false;
};

Actions actions_of(const Draft& draft, const Order& order) {
  Actions actions;
  for (const Draft::Source& source : draft.sources) {
    const Action action = order.lines[static_cast<std::size_t>(source.line)].action;
    actions.add |= action == Action::add;
    actions.change |= action == Action::change;
    actions.renew |= action == Action::renew;
    actions.disconnect |= action == Action::disconnect;
    actions.live |= action != Action::disconnect;
  }
  return actions;
}

// Table 4.7. Renew is an action of its own: it stays Renew whether values differ or not.
Action derive_action(const Actions& actions, bool known, bool differs) {
  if (!known) return Action::add;
  if (!actions.live) return Action::disconnect;
  if (actions.renew) return Action::renew;
  return differs && (actions.add || actions.change || actions.disconnect) ? Action::change : Action::no_change;
}

std::int64_t quantity_of(const Draft& draft, const Order& order, bool live_only) {
  if (draft.product->quantity_method == QuantityMethod::always_one) return 1;
  std::int64_t sum = 0;
  int last = -1;  // a line that reaches the product by two relationships counts once
  for (const Draft::Source& source : draft.sources) {
    const OrderLine& line = order.lines[static_cast<std::size_t>(source.line)];
    if (source.line != last && (!live_only || line.action != Action::disconnect)) sum += line.quantity;
    last = source.line;
  }
  return sum;
}

// The mapped values: sources in order, the last one wins (F022); a line that is going away sets nothing.
Attributes map_values(const Draft& draft, const Order& order, const Catalog& catalog, Attributes values,
                      std::vector<std::string>& notices) {
  for (const Draft::Source& source : draft.sources) {
    const OrderLine& line = order.lines[static_cast<std::size_t>(source.line)];
    if (line.action == Action::disconnect) continue;
    const Scene scene{&order, &line, catalog.product(line.product), &line.attributes};
    apply_mappings(*source.rule, scene, *draft.product, values, notices);
  }
  return values;
}

Result<DownstreamItem> finish(const Draft& draft, const Order& order, OrderId order_id, const Catalog& catalog,
                              const InventoryView& inventory, std::vector<std::string>& notices) {
  const auto existing = inventory.find ? inventory.find(draft.product->key, draft.scope_key, draft.asset_ref) : std::nullopt;
  const Actions actions = actions_of(draft, order);
  if (!existing && !actions.add) {
    const OrderLine& line = order.lines[static_cast<std::size_t>(draft.sources.front().line)];
    return fail(Code::inventory_missing, "order {}, line {}: {} of {}, but account {} has none (scope {}, asset \"{}\")",
                order.source_order_id, line.line_id, to_text(line.action), draft.product->key, order.account_id, draft.scope_key,
                draft.asset_ref);
  }
  DownstreamItem item;
  item.product = draft.product->key;
  item.scope_key = draft.scope_key;
  item.known = existing.has_value();
  item.values = map_values(draft, order, catalog, existing ? existing->values : Attributes(), notices);
  item.action = derive_action(actions, item.known, existing && item.values != existing->values);
  if (item.action == Action::no_change) item.values = existing->values;
  item.quantity = quantity_of(draft, order, actions.live);
  for (const Draft::Source& source : draft.sources) {
    if (item.source_lines.empty() || item.source_lines.back() != source.line) item.source_lines.push_back(source.line);
    if (std::find(item.rules.begin(), item.rules.end(), source.rule->key) == item.rules.end())
      item.rules.push_back(source.rule->key);
  }
  item.id = {derive_child(order_id, "downstream-item", item.product, item.scope_key, order.version)};
  return item;
}

int order_of_domain(Decomposition& out, OrderId order_id, const Order& order, const std::string& domain) {
  for (std::size_t i = 0; i < out.orders.size(); ++i)
    if (out.orders[i].domain == domain) return static_cast<int>(i);
  out.orders.push_back({{derive_child(order_id, "downstream-order", domain, "", order.version)}, domain});
  return static_cast<int>(out.orders.size()) - 1;
}

}  // namespace

Result<Decomposition> decompose(const Order& order, OrderId order_id, const Catalog& catalog, const InventoryView& inventory,
                                bool with_trace) {
  BS_TRY(check_products(order, catalog));
  Decomposition out;
  auto drafts = collect(order, catalog, with_trace ? &out.trace : nullptr);
  if (!drafts) return fail(std::move(drafts.error()));
  out.items.reserve(drafts->size());
  for (const Draft& draft : *drafts) {
    auto item = finish(draft, order, order_id, catalog, inventory, out.notices);
    if (!item) return fail(std::move(item.error()));
    const Product& product = *draft.product;
    item->downstream_order = order_of_domain(out, order_id, order, product.class_key.empty() ? product.key : product.class_key);
    out.items.push_back(std::move(*item));
  }
  return out;
}

std::vector<RuleTrace> trace_rules(const Order& order, const Catalog& catalog) {
  std::vector<RuleTrace> trace;
  for (const OrderLine& line : order.lines) fired_rules(order, line, catalog, &trace);
  return trace;
}

}  // namespace backstitch
