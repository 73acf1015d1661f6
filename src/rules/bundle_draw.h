// Draws one valid bundle. Inside of generate_orders.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/catalog.h"
#include "rules/random.h"

namespace backstitch {

struct DrawnLine {
  std::string line_id, parent_line_id;
  const Product* product = nullptr;
  std::int64_t quantity = 1;
};

/// What the products of a catalog lead to, and the bundles that hold them.
class BundleMap {
 public:
  explicit BundleMap(const Catalog& catalog);
  /// A line of it brings work: a relationship or a scenario for Add. `callouts`: one that ends in a callout.
  const std::vector<std::string>& working(bool callouts) const { return callouts ? with_callout_ : with_work_; }
  bool has_callout(const std::string& product) const { return callout_set_.contains(product); }
  /// Products that may be at the top of an order that has `product` in it (itself included), and the child to take at each step.
  std::vector<std::vector<std::string>> ways_to(const std::string& product) const;

 private:
  std::vector<std::string> with_work_, with_callout_;
  std::set<std::string> callout_set_;
  std::map<std::string, std::vector<std::string>> parents_;
};

/// The bundle of way[0], with way[1] in it and way[2] in that, and so on; obeys minima, maxima and the bounds of groups. Optional
/// children are drawn; products in `avoid` only where a bundle cannot do without.
std::vector<DrawnLine> draw_bundle(const Catalog& catalog, const std::vector<std::string>& way,
                                   const std::set<std::string>& avoid, const std::string& first_line_id, SplitMix64& random);

}  // namespace backstitch
