// Whole objects of the safe as plain files: catalogs, evidence, journals, reports.
#pragma once
#include <string>
#include <vector>

#include "base/error.h"

namespace backstitch::safe::files {

/// Thread-safe, also between processes: a file is replaced by rename. Names as in objects/names.h; what belongs to the epoch, the
/// archives and the turn mirror is no object (Code::usage).
class ObjectFiles {
 public:
  explicit ObjectFiles(std::string folder) : folder_(std::move(folder)) {}
  Status put(const std::string& name, std::string_view content);
  /// False when the name is taken.
  Result<bool> put_new(const std::string& name, std::string_view content);
  Result<std::string> get(const std::string& name) const;
  Result<std::vector<std::string>> list(const std::string& prefix) const;

 private:
  const std::string folder_;
};

}  // namespace backstitch::safe::files
