#include <algorithm>
#include <map>
#include <set>

#include "rules/catalog_read.h"
#include "rules/nearest.h"

namespace backstitch {
namespace {

template <class List>
std::vector<std::string> keys_of(const List& list) {
  std::vector<std::string> keys;
  for (const auto& entry : list) keys.push_back(entry.key);
  return keys;
}

class Checker {
 public:
  Checker(const Catalog& catalog, std::vector<Fault>& faults)
      : catalog_(catalog),
        faults_(faults),
        classes_(keys_of(catalog.classes)),
        attributes_(keys_of(catalog.attributes)),
        products_(keys_of(catalog.products)),
        plans_(keys_of(catalog.plans)) {
    for (const System& system : catalog.systems)
      for (const SystemInterface& interface : system.interfaces) interfaces_.push_back(system.key + "." + interface.key);
    for (const PlanDefinition& plan : catalog.plans)
      for (const ItemDefinition& item : plan.items) items_.push_back(plan.key + "/" + item.key);
  }

  void duplicates() {
    unique("/classes", classes_);
    unique("/attributes", attributes_);
    unique("/products", products_);
    unique("/decomposition", keys_of(catalog_.decomposition));
    unique("/plans", plans_);
    unique("/scenarios", keys_of(catalog_.scenarios));
    unique("/systems", keys_of(catalog_.systems));
    for (std::size_t i = 0; i < catalog_.plans.size(); ++i)
      unique(fmt::format("/plans/{}/items", i), keys_of(catalog_.plans[i].items));
    for (std::size_t i = 0; i < catalog_.systems.size(); ++i)
      unique(fmt::format("/systems/{}/interfaces", i), keys_of(catalog_.systems[i].interfaces));
  }

  void products() {
    for (std::size_t i = 0; i < catalog_.classes.size(); ++i)
      known(fmt::format("/classes/{}/parent", i), catalog_.classes[i].parent, classes_, "class");
    for (std::size_t i = 0; i < catalog_.products.size(); ++i) {
      const Product& product = catalog_.products[i];
      known(fmt::format("/products/{}/class", i), product.class_key, classes_, "class");
      // A catalog without a list of attributes takes any name.
      for (std::size_t a = 0; a < product.attributes.size() && !attributes_.empty(); ++a)
        known(fmt::format("/products/{}/attributes/{}", i, a), product.attributes[a], attributes_, "attribute");
      for (std::size_t c = 0; c < product.children.size(); ++c)
        child(product, fmt::format("/products/{}/children/{}", i, c), product.children[c]);
    }
  }

  void rules() {
    for (std::size_t i = 0; i < catalog_.decomposition.size(); ++i) {
      const DecompositionRule& rule = catalog_.decomposition[i];
      const std::string pointer = fmt::format("/decomposition/{}", i);
      known(pointer + "/from/product", rule.from_product, products_, "product");
      known(pointer + "/from/class", rule.from_class, classes_, "class");
      known(pointer + "/to", rule.to, products_, "product");
      if (const Product* to = catalog_.product(rule.to); to && !to->technical)
        add(pointer + "/to", Code::catalog_bad_value,
            fmt::format("\"{}\" is a commercial product; a relationship makes technical ones", rule.to));
    }
  }

  void plans() {
    for (std::size_t p = 0; p < catalog_.plans.size(); ++p)
      for (std::size_t i = 0; i < catalog_.plans[p].items.size(); ++i)
        item(fmt::format("/plans/{}/items/{}", p, i), catalog_.plans[p].items[i]);
    for (std::size_t i = 0; i < catalog_.dependencies.size(); ++i) {
      const DependencyDefinition& dependency = catalog_.dependencies[i];
      known(fmt::format("/dependencies/{}/item", i), dependency.item, items_, "item");
      known(fmt::format("/dependencies/{}/dependsOn", i), dependency.depends_on, items_, "item");
    }
    for (std::size_t i = 0; i < catalog_.scenarios.size(); ++i) {
      const Scenario& scenario = catalog_.scenarios[i];
      known(fmt::format("/scenarios/{}/for/product", i), scenario.product, products_, "product");
      known(fmt::format("/scenarios/{}/for/class", i), scenario.class_key, classes_, "class");
      known(fmt::format("/scenarios/{}/plan", i), scenario.plan, plans_, "plan");
    }
  }

 private:
  void add(std::string pointer, Code code, std::string detail) {
    faults_.push_back({std::move(pointer), code, std::move(detail)});
  }

  void unique(const std::string& list, const std::vector<std::string>& keys) {
    std::map<std::string, std::size_t> first;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (keys[i].empty()) continue;
      const auto [at, is_new] = first.emplace(keys[i], i);
      if (!is_new)
        add(fmt::format("{}/{}/key", list, i), Code::catalog_duplicate,
            fmt::format("\"{}\" stands at {}/{} already", keys[i], list, at->second));
    }
  }

  void known(std::string pointer, const std::string& name, const std::vector<std::string>& names, const char* what) {
    if (name.empty() || std::find(names.begin(), names.end(), name) != names.end()) return;
    const std::string near = nearest(name, names);
    add(std::move(pointer), Code::catalog_unknown_reference,
        near.empty() ? fmt::format("no {} \"{}\"", what, name) : fmt::format("no {} \"{}\"; there is \"{}\"", what, name, near));
  }

  void child(const Product& parent, const std::string& pointer, const ProductChild& entry) {
    known(pointer + "/group", entry.group, keys_of(parent.groups), "group");
    known(pointer + "/product", entry.product, products_, "product");
    const Product* product = catalog_.product(entry.product);
    // F023: only the scope of technical products is used (4.4); the enum runs from broad to narrow.
    if (product && parent.technical && product->technical && product->scope < parent.scope)
      add(pointer + "/product", Code::catalog_scope,
          fmt::format("{} has scope {}, broader than {} of its parent {}", product->key, to_text(product->scope),
                      to_text(parent.scope), parent.key));
  }

  void item(const std::string& pointer, const ItemDefinition& entry) {
    known(pointer + "/interface", entry.interface, interfaces_, "interface");
    for (std::size_t r = 0; r < entry.routes.size(); ++r)
      known(fmt::format("{}/routes/{}/interface", pointer, r), entry.routes[r].interface, interfaces_, "interface");
    known(pointer + "/amendPlan", entry.amend_plan, plans_, "plan");
    known(pointer + "/rollbackPlan", entry.rollback_plan, plans_, "plan");
  }

  const Catalog& catalog_;
  std::vector<Fault>& faults_;
  std::vector<std::string> classes_, attributes_, products_, plans_, interfaces_, items_;
};

}  // namespace

void check_references(const Catalog& catalog, std::vector<Fault>& faults) {
  Checker checker(catalog, faults);
  checker.duplicates();
  checker.products();
  checker.rules();
  checker.plans();
}

}  // namespace backstitch
