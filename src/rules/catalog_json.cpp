#include "rules/catalog_json.h"

#include <boost/json.hpp>

#include "base/hash.h"
#include "base/json.h"
#include "rules/catalog_read.h"

namespace backstitch {
namespace json = boost::json;

namespace {
constexpr const char* format_name = "backstitch.catalog/1";
}

Result<CatalogPtr> parse_catalog(const json::value& document) {
  Error error{Code::catalog_invalid, {}, {}};
  auto catalog = std::make_shared<Catalog>();
  ObjectReader root(document, "", error.faults);
  if (const std::string format = root.text("format", true); !format.empty() && format != format_name)
    root.fault("format", Code::catalog_bad_value, fmt::format("\"{}\" is not \"{}\"", format, format_name));
  catalog->source = root.text("source", true);
  catalog->index = root.whole("index", 0, 0, number_max);
  read_products(root, *catalog);
  read_plans(root, *catalog);
  read_systems(root, *catalog);
  root.finish();
  catalog->index_all();
  check_references(*catalog, error.faults);
  check_cycles(*catalog, error.faults);
  if (!error.faults.empty()) {
    error.detail = fmt::format("{} faults in catalog \"{}\", the first at {}: {}", error.faults.size(), catalog->source,
                               error.faults[0].pointer, error.faults[0].detail);
    return fail(std::move(error));
  }
  catalog->digest = sha256_hex(catalog_json(*catalog));
  return CatalogPtr(std::move(catalog));
}

Result<CatalogPtr> parse_catalog_text(std::string_view text) {
  const auto document = parse_json(text);
  if (!document) return fail(document.error());
  return parse_catalog(*document);
}

}  // namespace backstitch
