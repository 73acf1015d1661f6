// Objects in memory for tests. Stricter than files: a name is no folder of another one (files and S3 differ there), so what runs
// here runs on both. Thread-safe.
#pragma once
#include <map>
#include <mutex>
#include <optional>

#include "stores/objects/port.h"

namespace backstitch::objects {

class StrictFake : public Objects {
 public:
  void fail_next_write(Code code);       // nothing is written then
  void damage(const std::string& name);  // its content is not what was put any more

  Result<ObjectInfo> put(const std::string& name, std::string_view content) override;
  Result<bool> put_new(const std::string& name, std::string_view content) override;
  Result<std::string> get(const std::string& name) override;
  Result<std::vector<ObjectInfo>> list(const std::string& prefix) override;
  Status remove(const std::string& name) override;

 private:
  struct Object {
    ObjectInfo info;
    std::string content;
  };
  Status write(const std::string& name, std::string_view content);
  std::mutex mutex_;
  std::optional<Code> fault_;
  std::map<std::string, Object> objects_;
};

}  // namespace backstitch::objects
