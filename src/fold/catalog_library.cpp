#include "fold/catalog_library.h"

#include "rules/catalog_json.h"

namespace backstitch {

CatalogPtr CatalogLibrary::find(const std::string& digest) const {
  const std::lock_guard lock(mutex_);
  const auto found = shelf_.find(digest);
  return found == shelf_.end() ? nullptr : found->second;
}

Status CatalogLibrary::load(const std::string& digest) {
  if (digest.empty() || find(digest)) return {};
  auto content = safe_.get("catalogs/" + digest);
  if (!content)
    return fail(content.error().code == Code::object_not_found ? Code::catalog_version_missing : content.error().code, "{}",
                digest);
  auto catalog = parse_catalog_text(*content);
  if (!catalog) return fail(std::move(catalog.error()));
  if ((*catalog)->digest != digest) return fail(Code::checksum_mismatch, "catalogs/{} holds {}", digest, (*catalog)->digest);
  const std::lock_guard lock(mutex_);
  shelf_[digest] = *catalog;
  return {};
}

Result<CatalogPtr> CatalogLibrary::store(const std::string& content) {
  auto catalog = parse_catalog_text(content);
  if (!catalog) return fail(std::move(catalog.error()));
  BS_TRY(safe_.put("catalogs/" + (*catalog)->digest, content));
  const std::lock_guard lock(mutex_);
  shelf_[(*catalog)->digest] = *catalog;
  return *catalog;
}

}  // namespace backstitch
