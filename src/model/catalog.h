// The design-time model (order-management 3.10, 3.11): immutable once loaded, named by the digest of its content.
#pragma once
#include <boost/json/fwd.hpp>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/order.h"
#include "model/value.h"

namespace backstitch {

/// How many technical lines a product makes (4.4); from broad to narrow. custom = one instance per value of a group field.
enum class ProductScope : std::uint8_t { account, order, top_order_item, custom, order_item, downstream_order_item };
/// How many orchestration items a definition makes (5.3). custom as above.
enum class ItemScope : std::uint8_t { none, global, order, main_order_item, order_item, swimlane, sales_bundle, custom };
enum class ItemType : std::uint8_t { milestone, callout, auto_task, manual_task, push_event, sub_plan };
const char* to_text(ProductScope scope);
const char* to_text(ItemScope scope);
const char* to_text(ItemType type);
std::optional<ProductScope> product_scope_from(
    std::string_view text);  // "Account" "Order" "TopOrderItem" "Custom" "OrderItem" "DownstreamOrderItem"
std::optional<ItemScope> item_scope_from(std::string_view text);  // "None" "Global" "Order" "MainOrderItem" "OrderItem" …
std::optional<ItemType> item_type_from(std::string_view text);    // "milestone" "callout" "autoTask" "manualTask" …

enum class Compare : std::uint8_t { equal, not_equal, less, less_equal, greater, greater_equal, contains, does_not_contain };

/// all/any/not tree; a simple node compares `left` (attribute.x, field.x, order.x, product.x) with a constant.
struct Condition {
  enum class Kind : std::uint8_t { simple, all, any, negation };
  Kind kind = Kind::simple;
  std::string left;
  Compare op = Compare::equal;
  Value right;
  std::vector<Condition> parts;
};

enum class MappingType : std::uint8_t { ad_verbatim, list, fixed };  // fixed = "static" in the catalog's JSON
struct Mapping {
  MappingType type = MappingType::ad_verbatim;
  std::string from;                                  // attribute.x, field.x, order.x
  std::string to;                                    // attribute of the technical line
  Value value;                                       // of a static mapping
  std::vector<std::pair<std::string, Value>> pairs;  // of a list, by the text of the source value
};

struct ProductChild {
  std::string product;
  std::int64_t min = 0, max = 1, quantity = 1;  // max < 0: no bound; quantity: when it is chosen and nothing else is said
  bool selected = true;                         // in the bundle unless taken out
  std::string group;                            // of the parent's groups; empty = none
};
/// How many different children of a group a bundle may have.
struct ChildGroup {
  std::string key;
  std::int64_t min = 0, max = -1;  // max < 0: no bound
};
/// Quantity of a technical line that merges several sources: their sum, or always one.
enum class QuantityMethod : std::uint8_t { aggregate, always_one };
struct Product {
  std::string key, name, class_key;
  bool technical = false;
  ProductScope scope = ProductScope::order_item;
  std::string scope_field;  // of custom
  QuantityMethod quantity_method = QuantityMethod::aggregate;
  bool inventory = false;  // kept as an inventory item when assetised
  std::vector<ProductChild> children;
  std::vector<ChildGroup> groups;
  std::vector<std::string> attributes;  // empty: any attribute may stand on its lines
};
struct ProductClass {
  std::string key, parent, name;
};
struct AttributeDefinition {
  std::string key, name, type = "text";  // text, number, boolean
  std::vector<Value> picklist;           // empty: any value
};

struct DecompositionRule {
  std::string key, from_product, from_class, to;
  std::int64_t priority = 0;  // lower first
  std::string xor_group;      // at most one of a group fires
  std::optional<Condition> when;
  std::vector<Mapping> mappings;
};

struct InterfaceRoute {
  Condition when;
  std::string interface;
};
struct ItemDefinition {
  std::string key;
  ItemType type = ItemType::milestone;
  ItemScope scope = ItemScope::none;
  std::string scope_field;        // of custom
  std::optional<Condition> when;  // false: Skipped
  // callout
  std::string interface;                                      // "system.interface"
  std::vector<InterfaceRoute> routes;                         // first that holds wins over `interface`
  std::vector<std::pair<std::string, std::string>> request;   // name in the body → path or literal
  std::vector<std::pair<std::string, std::string>> response;  // target path → JSON path in the answer
  std::vector<std::string> service_record;
  // auto task
  std::string implementation;  // built in: "assetize", "echo"; else a command of the worker configuration
  std::string lane = "default";
  // manual task
  std::string manual_queue;
  // failure and time
  std::optional<int> retries;  // blank = the configured default (3)
  std::optional<std::int64_t> retry_interval_ms;
  std::vector<std::int64_t> staggered_ms;  // retry policy Staggered: overrides retries
  bool retry_forever = false;
  std::int64_t timeout_ms = 30'000;
  std::string process_after;  // path of a time; empty = at once
  bool point_of_no_return = false, skip_branch = false;
  std::string amend_plan, rollback_plan;  // kept for supplements, which this version refuses
  std::string name;                       // for people; empty = the key
};
struct PlanDefinition {
  std::string key, name;
  ItemScope scope = ItemScope::order_item;  // default of its items
  std::vector<ItemDefinition> items;
};
struct DependencyDefinition {
  std::string item, depends_on;  // "plan/item"
  ItemScope scope = ItemScope::global;
};
struct Scenario {
  std::string key, product, class_key, plan;
  std::vector<Action> actions;
  std::optional<Condition> when;
};

struct SystemEffects {
  bool idempotent = false, lookup = false, cancel = false;
  std::int64_t key_lifetime_ms = 0, settling_time_ms = 0;
};
inline constexpr std::int64_t default_callback_timeout_ms = 30LL * 24 * 3'600'000;
struct SystemInterface {
  std::string key, method = "POST", path;
  bool asynchronous = false;  // it answers 202, and calls back when it has ended
  std::int64_t callback_timeout_ms = default_callback_timeout_ms;
};
struct System {
  std::string key, url;
  SystemEffects effects;
  int concurrent_max = 32;
  int per_second_max = 0;  // 0 = no bound
  std::vector<SystemInterface> interfaces;
};

struct Catalog {
  std::string source, digest;  // SHA-256 hex over the canonical JSON
  std::int64_t index = 0;
  std::vector<ProductClass> classes;
  std::vector<AttributeDefinition> attributes;
  std::vector<Product> products;
  std::vector<DecompositionRule> decomposition;
  std::vector<PlanDefinition> plans;
  std::vector<DependencyDefinition> dependencies;
  std::vector<Scenario> scenarios;
  std::vector<System> systems;

  const Product* product(std::string_view key) const;
  const PlanDefinition* plan(std::string_view key) const;
  const ItemDefinition* item(std::string_view plan_key, std::string_view item_key) const;
  const System* system(std::string_view key) const;
  /// "noc.provision" → its system and interface; null pointers when unknown.
  std::pair<const System*, const SystemInterface*> find_interface(std::string_view text) const;
  /// The class itself and its ancestors, nearest first.
  std::vector<std::string> class_chain(std::string_view class_key) const;
  /// Rules whose source is this product or one of its classes, in order of priority, then key.
  std::vector<const DecompositionRule*> rules_for(const Product& product) const;
  /// Scenarios of this product or one of its classes, in order of key.
  std::vector<const Scenario*> scenarios_for(const Product& product) const;
  /// Fills the look-up tables; called once by the reader (rules/catalog_json.h), or by whoever fills a catalog by hand.
  void index_all();

 private:
  std::unordered_map<std::string, std::size_t> product_at_, plan_at_, system_at_, class_at_;
  std::vector<std::vector<std::size_t>> rules_of_, scenarios_of_;  // by place of the product, in order
};

using CatalogPtr = std::shared_ptr<const Catalog>;

}  // namespace backstitch
