#include <functional>
#include <map>
#include <set>

#include "rules/catalog_read.h"

namespace backstitch {
namespace {

struct Edge {
  std::string from, to, pointer;
};

/// Reports each cycle once, at the edge that closes it, with the way round.
class CycleFinder {
 public:
  CycleFinder(const std::vector<Edge>& edges, Code code, const char* what, std::vector<Fault>& faults)
      : code_(code), what_(what), faults_(faults) {
    for (const Edge& edge : edges)
      if (!edge.from.empty() && !edge.to.empty()) next_[edge.from].push_back(&edge);
  }

  void find() {
    for (const auto& [node, edges] : next_)
      if (!seen_.contains(node)) visit(node);
  }

 private:
  // An own stack: a chain of 10,000 bundles must not end the process.
  void visit(const std::string& start) {
    struct Frame {
      std::string node;
      std::size_t next = 0;
    };
    std::vector<Frame> stack{{start, 0}};
    std::set<std::string> on_way{start};
    seen_.insert(start);
    while (!stack.empty()) {
      Frame& frame = stack.back();
      const auto edges = next_.find(frame.node);
      if (edges == next_.end() || frame.next == edges->second.size()) {
        on_way.erase(frame.node);
        stack.pop_back();
        continue;
      }
      const Edge& edge = *edges->second[frame.next++];
      if (on_way.contains(edge.to)) {
        std::string way;
        bool inside = false;
        for (const Frame& step : stack)
          if (inside = inside || step.node == edge.to; inside) way += step.node + " → ";
        faults_.push_back({edge.pointer, code_, fmt::format("{}: {}{}", what_, way, edge.to)});
      } else if (seen_.insert(edge.to).second) {
        on_way.insert(edge.to);
        stack.push_back({edge.to, 0});
      }
    }
  }

  Code code_;
  const char* what_;
  std::vector<Fault>& faults_;
  std::map<std::string, std::vector<const Edge*>> next_;
  std::set<std::string> seen_;
};

void find_cycles(const std::vector<Edge>& edges, Code code, const char* what, std::vector<Fault>& faults) {
  CycleFinder(edges, code, what, faults).find();
}

// A relationship on a class stands for all its products.
std::vector<Edge> decomposition_edges(const Catalog& catalog) {
  std::vector<Edge> edges;
  for (const Product& product : catalog.products)
    for (const DecompositionRule* rule : catalog.rules_for(product))
      edges.push_back({product.key, rule->to, fmt::format("/decomposition/{}", rule - catalog.decomposition.data())});
  return edges;
}

}  // namespace

void check_cycles(const Catalog& catalog, std::vector<Fault>& faults) {
  std::vector<Edge> classes, bundles;
  for (std::size_t i = 0; i < catalog.classes.size(); ++i)
    classes.push_back({catalog.classes[i].key, catalog.classes[i].parent, fmt::format("/classes/{}/parent", i)});
  for (std::size_t i = 0; i < catalog.products.size(); ++i)
    for (std::size_t c = 0; c < catalog.products[i].children.size(); ++c)
      bundles.push_back(
          {catalog.products[i].key, catalog.products[i].children[c].product, fmt::format("/products/{}/children/{}", i, c)});
  find_cycles(classes, Code::catalog_cycle, "classes in a circle", faults);
  find_cycles(bundles, Code::catalog_cycle, "bundles in a circle", faults);
  find_cycles(decomposition_edges(catalog), Code::decomposition_cycle, "the decomposition does not end", faults);
  // Edges of different scopes may look like a circle here and be none among the instances; compose checks those (P-8).
  std::map<ItemScope, std::vector<Edge>> by_scope;
  for (std::size_t i = 0; i < catalog.dependencies.size(); ++i)
    by_scope[catalog.dependencies[i].scope].push_back(
        {catalog.dependencies[i].item, catalog.dependencies[i].depends_on, fmt::format("/dependencies/{}", i)});
  for (const auto& [scope, edges] : by_scope) find_cycles(edges, Code::catalog_cycle, "items wait for one another", faults);
}

}  // namespace backstitch
