// What the pieces of the importer share: the tables, the document in the making, the notices. Inside of import_quantumbit.
#pragma once
#include <boost/json.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "rules/import/csv.h"

namespace backstitch::import {

class Workbench {
 public:
  std::map<std::string, Table> tables;
  boost::json::object overlay;
  boost::json::object document;  // the catalog
  std::vector<std::string> notices;

  std::map<std::string, std::string> class_of_name;               // name → code
  std::set<std::string> products, technical;                      // SKUs
  std::map<std::string, std::string> plan_of_group;               // group name → plan key
  std::map<std::string, std::vector<std::string>> items_of_step;  // step name → "plan/item"

  template <class... Args>
  void note(fmt::format_string<Args...> text, Args&&... args) {
    notices.push_back(fmt::format("N-{:03} ", notices.size() + 1) + fmt::format(text, std::forward<Args>(args)...));
  }
  /// An empty table when the file is not there.
  Table& table(const std::string& name) { return tables[name]; }
};

/// "Provision Licensing/Features" → "provision-licensing-features".
std::string slug(const std::string& name);
/// The slug, with -2, -3 … behind when it is taken.
std::string fresh_key(const std::string& name, std::set<std::string>& taken);
/// "a, b, c and 4 more": names in notices stay readable.
std::string some_of(const std::vector<std::string>& names, std::size_t most = 6);
std::vector<std::string> split(const std::string& text, char separator);

void import_attributes(Workbench& bench);
void import_classes(Workbench& bench);
void import_products(Workbench& bench);  // after the rules and scenarios, which say what is technical
void import_rules(Workbench& bench);
void import_plans(Workbench& bench);
Status import_steps(Workbench& bench);  // plans' items; Code::import_failed
void import_dependencies(Workbench& bench);
void import_scenarios(Workbench& bench);
void note_unused(Workbench& bench);

}  // namespace backstitch::import
