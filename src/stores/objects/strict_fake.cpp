#include "stores/objects/strict_fake.h"

#include <utility>

#include "base/hash.h"
#include "stores/objects/names.h"

namespace backstitch::objects {

void StrictFake::fail_next_write(Code code) {
  const std::lock_guard lock(mutex_);
  fault_ = code;
}

void StrictFake::damage(const std::string& name) {
  const std::lock_guard lock(mutex_);
  objects_.at(name).content += "damaged";
}

Status StrictFake::write(const std::string& name, std::string_view content) {
  if (const auto fault = std::exchange(fault_, std::nullopt)) return fail(*fault, "as the test wanted");
  for (const auto& [other, object] : objects_)
    if (other.starts_with(name + "/") || name.starts_with(other + "/"))
      return fail(Code::file_failed, "\"{}\" and \"{}\": one would be a folder of the other", name, other);
  objects_[name] = {{name, content.size(), sha256_hex(content)}, std::string(content)};
  return {};
}

Result<ObjectInfo> StrictFake::put(const std::string& name, std::string_view content) {
  const std::lock_guard lock(mutex_);
  BS_TRY(check_name(name));
  BS_TRY(write(name, content));
  return objects_[name].info;
}

Result<bool> StrictFake::put_new(const std::string& name, std::string_view content) {
  const std::lock_guard lock(mutex_);
  BS_TRY(check_name(name));
  if (objects_.contains(name)) return false;
  BS_TRY(write(name, content));
  return true;
}

Result<std::string> StrictFake::get(const std::string& name) {
  const std::lock_guard lock(mutex_);
  BS_TRY(check_name(name));
  const auto found = objects_.find(name);
  if (found == objects_.end()) return fail(Code::object_not_found, "{}", name);
  if (sha256_hex(found->second.content) != found->second.info.sha256) return fail(Code::checksum_mismatch, "{}", name);
  return found->second.content;
}

Result<std::vector<ObjectInfo>> StrictFake::list(const std::string& prefix) {
  const std::lock_guard lock(mutex_);
  std::vector<ObjectInfo> infos;
  for (const auto& [name, object] : objects_)
    if (name.starts_with(prefix)) infos.push_back(object.info);
  return infos;
}

Status StrictFake::remove(const std::string& name) {
  const std::lock_guard lock(mutex_);
  BS_TRY(check_name(name));
  objects_.erase(name);
  return {};
}

}  // namespace backstitch::objects
