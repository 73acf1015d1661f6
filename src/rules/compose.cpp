#include "rules/compose.h"

#include <algorithm>
#include <unordered_map>

#include "rules/condition.h"
#include "rules/plan_scope.h"

namespace backstitch {
namespace {

/// One scope instance of one definition in the making.
struct Draft {
  std::size_t plan = 0, item = 0, first_seen = 0;
  PlanItem content;
};

class Composer {
 public:
  Composer(const Order& order, OrderId order_id, const Catalog& catalog, const Decomposition& decomposition)
      : order_(order), order_id_(order_id), catalog_(catalog), decomposition_(decomposition) {}

  Status add_all() {
    for (std::size_t i = 0; i < decomposition_.items.size(); ++i) {
      const DownstreamItem& item = decomposition_.items[i];
      const OrderLine* line =
          item.source_lines.empty() ? nullptr : &order_.lines[static_cast<std::size_t>(item.source_lines.front())];
      const Product* product = catalog_.product(item.product);
      const Scene scene{&order_, line, product, &item.values, &item};
      BS_TRY(add_subject({static_cast<int>(i), -1, item.action}, scene));
    }
    for (std::size_t i = 0; i < order_.lines.size(); ++i) {
      const OrderLine& line = order_.lines[i];
      const Scene scene{&order_, &line, catalog_.product(line.product), &line.attributes};
      BS_TRY(add_subject({-1, static_cast<int>(i), line.action}, scene));
    }
    return {};
  }

  /// In the order of definition, then of first need.
  std::vector<PlanItem> take() {
    std::sort(drafts_.begin(), drafts_.end(), [](const Draft& a, const Draft& b) {
      return std::tie(a.plan, a.item, a.first_seen) < std::tie(b.plan, b.item, b.first_seen);
    });
    std::vector<PlanItem> out;
    out.reserve(drafts_.size());
    for (Draft& draft : drafts_) {
      finish(draft.content);
      out.push_back(std::move(draft.content));
    }
    return out;
  }

 private:
  Status add_subject(const Subject& subject, const Scene& scene) {
    if (!scene.product) return {};
    for (const Scenario* scenario : catalog_.scenarios_for(*scene.product)) {
      if (std::find(scenario->actions.begin(), scenario->actions.end(), subject.action) == scenario->actions.end()) continue;
      if (scenario->when && !holds(*scenario->when, scene)) continue;
      const PlanDefinition* plan = catalog_.plan(scenario->plan);
      if (!plan) return fail(Code::catalog_unknown_reference, "scenario {} names plan \"{}\"", scenario->key, scenario->plan);
      for (const ItemDefinition& item : plan->items) BS_TRY(add_item(*plan, item, *scenario, subject));
    }
    return {};
  }

  Status add_item(const PlanDefinition& plan, const ItemDefinition& item, const Scenario& scenario, const Subject& subject) {
    if (item.type == ItemType::push_event || item.type == ItemType::sub_plan)
      return fail(Code::item_type_unsupported, "item {}/{} of scenario {} is a {}", plan.key, item.key, scenario.key,
                  to_text(item.type));
    for (const Instance& instance : instances_of(plan, item, subject, order_, catalog_, decomposition_)) {
      const auto [at, is_new] = place_.emplace(plan.key + "/" + item.key + "\n" + instance.key, drafts_.size());
      if (is_new) drafts_.push_back(make(plan, item, scenario, instance.key));
      PlanItem& content = drafts_[at->second].content;
      if (subject.downstream >= 0) content.downstream_items.push_back(subject.downstream);
      content.lines.insert(content.lines.end(), instance.lines.begin(), instance.lines.end());
    }
    return {};
  }

  Draft make(const PlanDefinition& plan, const ItemDefinition& item, const Scenario& scenario,
             const std::string& instance) const {
    const std::string key = plan.key + "/" + item.key;
    Draft draft{static_cast<std::size_t>(&plan - catalog_.plans.data()),
                static_cast<std::size_t>(&item - plan.items.data()),
                drafts_.size(),
                {}};
    draft.content.id = {derive_child(order_id_, "item", key, instance, order_.version)};
    draft.content.effect = derive_effect_id(order_.source, order_.source_order_id, order_.version, key, instance);
    draft.content.plan = plan.key;
    draft.content.item = item.key;
    draft.content.instance = instance;
    draft.content.scenario = scenario.key;
    return draft;
  }

  static void finish(PlanItem& item) {
    for (auto* list : {&item.lines, &item.downstream_items}) {
      std::sort(list->begin(), list->end());
      list->erase(std::unique(list->begin(), list->end()), list->end());
    }
  }

  const Order& order_;
  OrderId order_id_;
  const Catalog& catalog_;
  const Decomposition& decomposition_;
  std::vector<Draft> drafts_;
  std::unordered_map<std::string, std::size_t> place_;  // definition and instance → draft
};

using ItemsByDefinition = std::unordered_map<std::string, std::vector<int>>;

/// Binds each instance of one definition to those of the other that stand in the same scope instance (5.3).
void bind_instances(const DependencyDefinition& dependency, const std::vector<int>& waiting, const std::vector<int>& first,
                    const Order& order, std::vector<PlanItem>& items) {
  const auto scope = effective_dependency_scope(dependency);
  std::unordered_map<std::string, std::vector<int>> by_key;
  for (const int i : first)
    for (std::string& key : scope_keys(scope, items[static_cast<std::size_t>(i)], order)) by_key[std::move(key)].push_back(i);
  for (const int i : waiting) {
    std::vector<int>& waits_for = items[static_cast<std::size_t>(i)].waits_for;
    for (const std::string& key : scope_keys(scope, items[static_cast<std::size_t>(i)], order))
      if (const auto found = by_key.find(key); found != by_key.end())
        for (const int before : found->second)
          if (before != i) waits_for.push_back(before);
  }
}

void connect(const Catalog& catalog, const Order& order, std::vector<PlanItem>& items) {
  ItemsByDefinition by_definition;
  for (std::size_t i = 0; i < items.size(); ++i)
    by_definition[items[i].plan + "/" + items[i].item].push_back(static_cast<int>(i));
  for (const DependencyDefinition& dependency : catalog.dependencies) {
    const auto waiting = by_definition.find(dependency.item), first = by_definition.find(dependency.depends_on);
    if (waiting != by_definition.end() && first != by_definition.end())
      bind_instances(dependency, waiting->second, first->second, order, items);
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    std::vector<int>& waits_for = items[i].waits_for;
    std::sort(waits_for.begin(), waits_for.end());
    waits_for.erase(std::unique(waits_for.begin(), waits_for.end()), waits_for.end());
    for (const int before : waits_for) items[static_cast<std::size_t>(before)].followed_by.push_back(static_cast<int>(i));
  }
}

/// P-8: the catalog was checked definition by definition; several scopes together may still close a circle.
Status check_acyclic(const std::vector<PlanItem>& items) {
  std::vector<std::size_t> open(items.size());
  std::vector<int> free;
  for (std::size_t i = 0; i < items.size(); ++i)
    if ((open[i] = items[i].waits_for.size()) == 0) free.push_back(static_cast<int>(i));
  std::size_t reached = 0;
  while (!free.empty()) {
    const int at = free.back();
    free.pop_back();
    ++reached;
    for (const int next : items[static_cast<std::size_t>(at)].followed_by)
      if (--open[static_cast<std::size_t>(next)] == 0) free.push_back(next);
  }
  if (reached == items.size()) return {};
  const auto stuck = std::find_if(open.begin(), open.end(), [](std::size_t count) { return count > 0; });
  const PlanItem& item = items[static_cast<std::size_t>(stuck - open.begin())];
  return fail(Code::catalog_cycle, "{} items of the plan wait for one another, among them {}/{}[{}]", items.size() - reached,
              item.plan, item.item, item.instance);
}

}  // namespace

Result<PlanGraph> compose(const Order& order, OrderId order_id, const Catalog& catalog, const Decomposition& decomposition) {
  Composer composer(order, order_id, catalog, decomposition);
  BS_TRY(composer.add_all());
  PlanGraph plan;
  plan.id = {derive_child(order_id, "plan", "", "", order.version)};
  plan.items = composer.take();
  connect(catalog, order, plan.items);
  BS_TRY(check_acyclic(plan.items));
  if (plan.items.empty()) plan.notices.push_back("no scenario applies to this order: its plan is empty");
  return plan;
}

}  // namespace backstitch
