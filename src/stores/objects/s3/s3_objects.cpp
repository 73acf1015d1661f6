#include "stores/objects/s3/s3_objects.h"

#include "stores/objects/names.h"
#include "stores/objects/s3/s3_probe.h"
#include "stores/objects/s3/s3_store.h"

namespace backstitch::objects {
namespace {

class S3Objects : public Objects {
 public:
  explicit S3Objects(const S3Settings& settings) : store_(settings) {}
  Status open() { return prove_conditions(store_.bucket()); }

  Result<ObjectInfo> put(const std::string& name, std::string_view content) override {
    BS_TRY(check_name(name));
    return store_.put(name, content);
  }
  Result<bool> put_new(const std::string& name, std::string_view content) override {
    BS_TRY(check_name(name));
    return store_.put_new(name, content);
  }
  Result<std::string> get(const std::string& name) override {
    BS_TRY(check_name(name));
    return store_.get(name);
  }
  Status remove(const std::string& name) override {
    BS_TRY(check_name(name));
    return store_.remove(name);
  }

  Result<std::vector<ObjectInfo>> list(const std::string& prefix) override {
    const auto names = store_.bucket().list(prefix);
    if (!names) return fail(names.error());
    std::vector<ObjectInfo> infos;
    for (const std::string& name : names->keys) {
      if (!check_name(name)) continue;  // none of ours
      const auto kept = store_.look(name);
      if (!kept) return fail(kept.error());
      if (!*kept) continue;  // removed since it was listed
      if (!(*kept)->header)
        return fail(Code::checksum_mismatch, "{} does not begin as an object does", store_.bucket().where(name));
      infos.push_back((*kept)->header->info);
    }
    return infos;
  }

 private:
  S3Store store_;
};

}  // namespace

Result<std::unique_ptr<Objects>> open_s3_objects(const S3Settings& settings) {
  auto wanted = checked(settings);
  if (!wanted) return fail(std::move(wanted.error()));
  auto objects = std::make_unique<S3Objects>(*wanted);
  if (Status opened = objects->open(); !opened) return fail(std::move(opened.error()));
  return objects;
}

}  // namespace backstitch::objects
