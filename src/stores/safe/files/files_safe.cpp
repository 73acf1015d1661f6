#include "stores/safe/files/files_safe.h"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>

#include "base/files.h"
#include "stores/objects/names.h"
#include "stores/safe/files/epoch_file.h"
#include "stores/safe/files/object_files.h"
#include "stores/safe/files/segment_log.h"
#include "stores/safe/log_safe.h"

namespace backstitch::safe {
namespace {

constexpr std::array<const char*, 3> log_folders = {"incoming", "completer", "turns"};

class FilesSafe : public LogSafe {
 public:
  explicit FilesSafe(FilesSettings settings)
      : settings_(std::move(settings)), epoch_(settings_.folder), objects_(settings_.folder) {}

  Status open() {
    for (const char* name : {"incoming", "completer", "turns", "catalogs", "backups", "evidence", "recoveries"})
      if (Status made = make_folders(settings_.folder + "/" + name); !made) return fail(files::safe_error(made.error()));
    const bool in_use = std::any_of(log_folders.begin(), log_folders.end(),
                                    [&](const char* name) { return !list_folder(settings_.folder + "/" + name).empty(); });
    return epoch_.make_if_missing(in_use);
  }

  Result<Epoch> epoch() override { return epoch_.read(); }
  Status change_epoch(const Epoch& expected, const Epoch& wanted) override { return epoch_.change(expected, wanted); }

  Status put(const std::string& name, std::string_view content) override { return objects_.put(name, content); }
  Result<bool> put_new(const std::string& name, std::string_view content) override { return objects_.put_new(name, content); }
  Result<std::string> get(const std::string& name) override { return objects_.get(name); }
  Result<std::vector<std::string>> list(const std::string& prefix) override { return objects_.list(prefix); }

  std::string folder() const override { return settings_.folder; }

 protected:
  std::unique_ptr<NumberedLog> make_log(const std::string&, const std::string& name) override {
    return std::make_unique<files::SegmentLog>(settings_.folder + "/" + name, name, settings_.segment_bytes_max);
  }

  // Two writers would each trust its own end and write over each other's numbers.
  Status before_writing(const std::string& name) override {
    const std::lock_guard lock(mutex_);
    if (locks_.contains(name)) return {};
    auto taken = FolderLock::take(settings_.folder + "/" + name + "/.LOCK");
    if (!taken && taken.error().code != Code::already_running) return fail(files::safe_error(taken.error()));
    if (!taken) return fail(std::move(taken.error()));
    locks_.emplace(name, std::move(*taken));
    return {};
  }

 private:
  const FilesSettings settings_;
  files::EpochFile epoch_;
  files::ObjectFiles objects_;
  std::mutex mutex_;
  std::map<std::string, FolderLock> locks_;
};

}  // namespace

Result<std::unique_ptr<Safe>> open_files_safe(const FilesSettings& settings) {
  auto safe = std::make_unique<FilesSafe>(settings);
  if (Status opened = safe->open(); !opened) return fail(std::move(opened.error()));
  return safe;
}

Result<std::unique_ptr<Safe>> open_files_safe(const std::string& folder) {
  FilesSettings settings;
  settings.folder = folder;
  return open_files_safe(settings);
}

}  // namespace backstitch::safe
