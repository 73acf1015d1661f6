// Catalog versions by digest, from the safe, each parsed once. Thread-safe.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "engine/engine.h"
#include "stores/safe/port.h"

namespace backstitch {

class CatalogLibrary : public CatalogShelf {
 public:
  explicit CatalogLibrary(safe::Safe& safe) : safe_(safe) {}
  CatalogPtr find(const std::string& digest) const override;
  /// Puts the version on the shelf. Code::catalog_version_missing, checksum_mismatch (the content does not have this digest).
  Status load(const std::string& digest);
  /// Keeps a version for ever: catalogs/<digest> in the safe, then the shelf. Returns its digest.
  Result<CatalogPtr> store(const std::string& content);

 private:
  safe::Safe& safe_;
  mutable std::mutex mutex_;
  std::map<std::string, CatalogPtr> shelf_;
};

}  // namespace backstitch
