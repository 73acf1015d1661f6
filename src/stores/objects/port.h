// The objects role: whole objects with checksums (catalog documents, exports, attachments). What must outlive a rollback goes to
// the safe instead. All calls are thread-safe, also between processes.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace backstitch::objects {

struct ObjectInfo {
  std::string name;
  std::uint64_t size_bytes = 0;
  std::string sha256;  // of the content, 64 hex digits
  bool operator==(const ObjectInfo&) const = default;
};

/// Names as in objects/names.h; another one is Code::usage. What the store below says is Code::file_failed or disk_full, and
/// unreachable where it is elsewhere: whether it was done is unknown then, and the same call may come again.
class Objects {
 public:
  virtual ~Objects() = default;

  /// Durable when it returns; readers see the old content or the new one, never a part.
  virtual Result<ObjectInfo> put(const std::string& name, std::string_view content) = 0;
  /// False, and nothing changed, when the name is taken. Of many callers at once one gets true.
  virtual Result<bool> put_new(const std::string& name, std::string_view content) = 0;
  /// Code::object_not_found; Code::checksum_mismatch when the content is not what was put.
  virtual Result<std::string> get(const std::string& name) = 0;
  /// Names that begin with `prefix`, sorted by name. Contents are not checked.
  virtual Result<std::vector<ObjectInfo>> list(const std::string& prefix) = 0;
  /// A missing object is a success: whoever asks twice gets the same answer.
  virtual Status remove(const std::string& name) = 0;
};

}  // namespace backstitch::objects
