#include "stores/safe/s3/s3_safe.h"

#include <algorithm>
#include <map>

#include "stores/objects/s3/s3_probe.h"
#include "stores/objects/s3/s3_store.h"
#include "stores/safe/log_safe.h"
#include "stores/safe/names.h"
#include "stores/safe/s3/s3_epoch.h"

namespace backstitch::safe {
namespace {

class S3Safe : public LogSafe {
 public:
  S3Safe(const objects::S3Settings& settings, const S3LogLimits& limits)
      : store_(settings), epoch_(store_.bucket()), limits_(limits) {}
  Status open() {
    BS_TRY(objects::prove_conditions(store_.bucket()));
    return epoch_.make_if_missing();
  }

  Result<Epoch> epoch() override { return epoch_.read(); }
  Status change_epoch(const Epoch& expected, const Epoch& wanted) override { return epoch_.change(expected, wanted); }

  Status put(const std::string& name, std::string_view content) override {
    BS_TRY(check_object_name(name));
    if (auto put = store_.put(name, content); !put) return fail(std::move(put.error()));
    return {};
  }
  Result<bool> put_new(const std::string& name, std::string_view content) override {
    BS_TRY(check_object_name(name));
    return store_.put_new(name, content);
  }
  Result<std::string> get(const std::string& name) override {
    BS_TRY(check_object_name(name));
    return store_.get(name);
  }

  // Without a folder in the prefix, each folder but those of the logs, which may hold very many names.
  Result<std::vector<std::string>> list(const std::string& prefix) override {
    using Depth = objects::S3Bucket::Depth;
    const bool inside = prefix.find('/') != std::string::npos;
    if (inside && is_own_name(prefix)) return std::vector<std::string>{};
    auto found = store_.bucket().list(prefix, inside ? Depth::all : Depth::one_level);
    if (!found) return fail(std::move(found.error()));
    std::vector<std::string> names = std::move(found->keys);
    for (const std::string& folder : found->folders) {
      if (is_own_name(folder)) continue;
      const auto below = store_.bucket().list(folder);
      if (!below) return fail(below.error());
      names.insert(names.end(), below->keys.begin(), below->keys.end());
    }
    std::erase_if(names, [](const std::string& name) { return !check_object_name(name); });
    std::sort(names.begin(), names.end());
    return names;
  }

  std::string folder() const override { return {}; }

 protected:
  std::unique_ptr<NumberedLog> make_log(const std::string& kind, const std::string& name) override {
    return std::make_unique<S3Log>(store_.bucket(), name, limits_, writing_[kind]);
  }
  Status before_writing(const std::string&) override { return {}; }

 private:
  objects::S3Store store_;
  S3Epoch epoch_;
  const S3LogLimits limits_;
  std::map<std::string, std::atomic<bool>> writing_;  // under the lock of LogSafe, which makes one log at a time
};

}  // namespace

Result<std::unique_ptr<Safe>> open_s3_safe(const objects::S3Settings& settings, const S3LogLimits& limits) {
  const auto wanted = objects::checked(settings);
  if (!wanted) return fail(wanted.error());
  auto safe = std::make_unique<S3Safe>(*wanted, limits);
  if (Status opened = safe->open(); !opened) return fail(std::move(opened.error()));
  return safe;
}

}  // namespace backstitch::safe
