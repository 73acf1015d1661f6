#include "cli/catalog_source.h"

#include <map>

#include "base/files.h"
#include "cli/input.h"
#include "rules/catalog_json.h"
#include "rules/import/quantumbit.h"

namespace backstitch::cli {
namespace {

Result<CatalogSource> parsed(std::string text, std::vector<std::string> notices) {
  auto catalog = parse_catalog_text(text);
  if (!catalog) return fail(std::move(catalog.error()));
  return CatalogSource{std::move(text), std::move(*catalog), std::move(notices)};
}

Result<std::map<std::string, std::string>> read_files(const std::string& folder, const std::vector<std::string>& names) {
  std::map<std::string, std::string> files;
  for (const std::string& name : names) {
    if (!name.ends_with(".csv") && !name.ends_with(".json")) continue;
    auto text = read_file(folder + "/" + name);
    if (!text) return fail(std::move(text.error()));
    files[name] = std::move(*text);
  }
  return files;
}

}  // namespace

Result<CatalogSource> read_catalog_source(const std::string& path, const std::string& source, std::int64_t index) {
  const std::vector<std::string> names = list_folder(path);
  if (names.empty()) {
    auto text = read_input(path);
    if (!text) return fail(std::move(text.error()));
    return parsed(std::move(*text), {});
  }
  auto files = read_files(path, names);
  if (!files) return fail(std::move(files.error()));
  if (const auto ready = files->find("catalog.json"); ready != files->end()) return parsed(std::move(ready->second), {});
  auto imported = import::import_quantumbit(*files, source, index);
  if (!imported) return fail(std::move(imported.error()));
  return parsed(std::move(imported->catalog), std::move(imported->notices));
}

}  // namespace backstitch::cli
