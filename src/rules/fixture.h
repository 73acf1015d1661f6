// For tests only: the catalogs of the repository, found upwards from the test's own binary.
#pragma once
#include <boost/json.hpp>
#include <filesystem>
#include <map>
#include <string>

#include "base/assert.h"
#include "base/files.h"
#include "base/json.h"
#include "base/process.h"
#include "model/identity.h"
#include "model/order.h"
#include "rules/catalog_json.h"

namespace backstitch::fixture {

inline std::string catalogs_folder() {
  for (std::filesystem::path at = std::filesystem::path(own_executable()).parent_path(); at.has_relative_path();
       at = at.parent_path())
    if (std::filesystem::exists(at / "catalogs/mini/catalog.json")) return (at / "catalogs").string();
  BS_ASSERT(false, "no folder catalogs/ above the test");
}

inline std::string catalog_text(const std::string& name) {
  return read_file(catalogs_folder() + "/" + name + "/catalog.json").value();
}

inline CatalogPtr load(const std::string& name) {
  auto catalog = parse_catalog_text(catalog_text(name));
  BS_ASSERT(catalog.has_value(), catalog ? "" : catalog.error().text());
  return *catalog;
}

inline std::map<std::string, std::string> quantumbit_files() {
  std::map<std::string, std::string> files;
  for (const std::string& name : list_folder(catalogs_folder() + "/quantumbit"))
    files[name] = read_file(catalogs_folder() + "/quantumbit/" + name).value();
  return files;
}

/// An order of account A-1 with these items (JSON texts of lines); fields of the header as JSON.
inline Order order_of(const std::string& items, const std::string& fields = "{}", const std::string& id = "O1") {
  const std::string text = "{\"source\":\"org1\",\"sourceOrderId\":\"" + id +
                           "\",\"accountId\":\"A-1\",\"orderNumber\":\"N-1\",\"fields\":" + fields + ",\"items\":[" + items +
                           "]}";
  auto order = parse_order(parse_json(text).value());
  BS_ASSERT(order.has_value(), order ? "" : order.error().text());
  return *order;
}

inline OrderId id_of(const Order& order) {
  return derive_order_id(Time{1'700'000'000'000'000}, order.source, order.source_order_id, order.version);
}

/// Two source order ids whose orders of one time get the same 80 bits of id: a collision of 32 bits, found among some 100 000.
inline std::pair<std::string, std::string> source_ids_of_one_order_id(const std::string& source) {
  std::map<OrderId, std::string> seen;
  for (int n = 0; n < 1'000'000; ++n) {
    const std::string id = "O-" + std::to_string(n);
    const auto [entry, fresh] = seen.try_emplace(derive_order_id(Time{0}, source, id, 1), id);
    if (!fresh) return {entry->second, id};
  }
  BS_ASSERT(false, "no collision of 32 bits among a million");
}

}  // namespace backstitch::fixture
