#include "rules/bundle_draw.h"

#include <algorithm>

namespace backstitch {
namespace {

constexpr double keep_selected = 0.9, take_optional = 0.15;

bool has_callout(const PlanDefinition* plan) {
  return plan && std::any_of(plan->items.begin(), plan->items.end(),
                             [](const ItemDefinition& item) { return item.type == ItemType::callout; });
}

// Does an Add of it bring items, and is a callout among them?
void look_at(const Catalog& catalog, const Product& product, bool& work, bool& callout) {
  for (const Scenario* scenario : catalog.scenarios_for(product)) {
    if (std::find(scenario->actions.begin(), scenario->actions.end(), Action::add) == scenario->actions.end()) continue;
    work = true;
    callout = callout || has_callout(catalog.plan(scenario->plan));
  }
}

class Drawer {
 public:
  Drawer(const Catalog& catalog, const std::vector<std::string>& way, const std::set<std::string>& avoid, SplitMix64& random)
      : catalog_(catalog), way_(way), avoid_(avoid), random_(random) {}

  void add(const Product& product, const std::string& line_id, const std::string& parent, std::int64_t quantity,
           std::size_t depth, bool on_way) {
    lines.push_back({line_id, parent, &product, quantity});
    const std::string forced = on_way && depth + 1 < way_.size() ? way_[depth + 1] : std::string();
    int number = 0;
    for (const ProductChild* child : choose(product, forced))
      if (const Product* found = catalog_.product(child->product))
        add(*found, fmt::format("{}.{}", line_id, ++number), line_id, std::max(child->quantity, child->min), depth + 1,
            child->product == forced);
  }

  std::vector<DrawnLine> lines;

 private:
  bool wanted(const ProductChild& child, const std::string& forced) {
    if (child.min > 0 || child.product == forced) return true;
    const bool drawn = random_.chance(child.selected ? keep_selected : take_optional);
    return drawn && !avoid_.contains(child.product) && child.max != 0;
  }

  std::vector<const ProductChild*> choose(const Product& product, const std::string& forced) {
    std::vector<const ProductChild*> chosen;
    for (const ProductChild& child : product.children)
      if (wanted(child, forced)) chosen.push_back(&child);
    for (const ChildGroup& group : product.groups) fit_group(product, group, forced, chosen);
    return chosen;
  }

  // A group has at least min and at most max different children: fill up in catalog order, drop optional ones from the end.
  void fit_group(const Product& product, const ChildGroup& group, const std::string& forced,
                 std::vector<const ProductChild*>& chosen) {
    auto in_group = [&](const ProductChild* child) { return child->group == group.key; };
    auto count = [&] { return std::count_if(chosen.begin(), chosen.end(), in_group); };
    for (const ProductChild& child : product.children)
      if (in_group(&child) && count() < group.min && std::find(chosen.begin(), chosen.end(), &child) == chosen.end())
        chosen.push_back(&child);
    for (auto at = chosen.end(); group.max >= 0 && count() > group.max && at != chosen.begin();) {
      --at;
      if (in_group(*at) && (*at)->min == 0 && (*at)->product != forced) at = chosen.erase(at);
    }
  }

  const Catalog& catalog_;
  const std::vector<std::string>& way_;
  const std::set<std::string>& avoid_;
  SplitMix64& random_;
};

}  // namespace

BundleMap::BundleMap(const Catalog& catalog) {
  for (const Product& product : catalog.products) {
    if (product.technical) continue;
    for (const ProductChild& child : product.children) parents_[child.product].push_back(product.key);
    bool work = false, callout = false;
    look_at(catalog, product, work, callout);
    for (const DecompositionRule* rule : catalog.rules_for(product)) {
      work = true;
      bool unused = false;
      if (const Product* to = catalog.product(rule->to)) look_at(catalog, *to, unused, callout);
    }
    if (work) with_work_.push_back(product.key);
    if (callout) with_callout_.push_back(product.key), callout_set_.insert(product.key);
  }
}

std::vector<std::vector<std::string>> BundleMap::ways_to(const std::string& product) const {
  std::vector<std::vector<std::string>> ways{{product}};
  // Bundles have no circles (the catalog's reader refuses them), so this ends.
  for (std::size_t i = 0; i < ways.size() && ways.size() < 64; ++i)
    if (const auto above = parents_.find(ways[i].front()); above != parents_.end())
      for (const std::string& parent : above->second) {
        std::vector<std::string> longer{parent};
        longer.insert(longer.end(), ways[i].begin(), ways[i].end());
        ways.push_back(std::move(longer));
      }
  return ways;
}

std::vector<DrawnLine> draw_bundle(const Catalog& catalog, const std::vector<std::string>& way,
                                   const std::set<std::string>& avoid, const std::string& first_line_id, SplitMix64& random) {
  Drawer drawer(catalog, way, avoid, random);
  if (const Product* top = catalog.product(way.front())) drawer.add(*top, first_line_id, "", 1, 0, true);
  return std::move(drawer.lines);
}

}  // namespace backstitch
