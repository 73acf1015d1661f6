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

namespace backstitch::safe {
namespace {

using files::SegmentLog;

constexpr const char* turns_folder = "turns";
constexpr std::array<const char*, 3> log_folders = {"incoming", "completer", turns_folder};

class FilesSafe : public Safe {
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
  Result<std::string> get(const std::string& name) override { return objects_.get(name); }
  Result<std::vector<std::string>> list(const std::string& prefix) override { return objects_.list(prefix); }

  Status archive(const std::string& topic, Partition partition, const std::vector<queue::Record>& records) override {
    std::vector<SegmentLog::Entry> entries;
    entries.reserve(records.size());
    for (const queue::Record& record : records) entries.push_back({record.offset, files::record_payload(record)});
    BS_TRY(check_topic(topic));
    return append(topic, partition, entries);
  }

  Result<queue::Offset> archived_end(const std::string& topic, Partition partition) override {
    BS_TRY(check_topic(topic));
    return end(topic, partition);
  }

  Status read_archive(const std::string& topic, Partition partition, queue::Offset from,
                      const std::function<bool(const queue::Record&)>& each) override {
    BS_TRY(check_topic(topic));
    auto log = log_of(topic, partition);
    if (!log) return fail(log.error());
    return (*log)->read(from, [&](const files::Line& line) -> Result<bool> {
      const auto record = files::record_of(line);
      if (!record) return fail(Code::checksum_mismatch, "{}/{}: number {} is no record", topic, partition, line.number);
      return each(*record);
    });
  }

  Status mirror_turns(Partition partition, const std::vector<std::pair<std::uint64_t, std::string>>& turns) override {
    std::vector<SegmentLog::Entry> entries;
    entries.reserve(turns.size());
    for (const auto& [number, text] : turns) {
      entries.push_back({number, {}});
      files::append_escaped(entries.back().payload, text);
    }
    return append(turns_folder, partition, entries);
  }

  Result<std::uint64_t> mirrored_turn(Partition partition) override {
    auto behind = end(turns_folder, partition);
    if (!behind) return behind;
    return *behind - 1;
  }

  Status read_turns(Partition partition, const std::function<bool(std::uint64_t, const std::string&)>& each) override {
    auto log = log_of(turns_folder, partition);
    if (!log) return fail(log.error());
    return (*log)->read(1, [&](const files::Line& line) -> Result<bool> {
      const auto text = files::unescaped(line.payload);
      if (!text) return fail(Code::checksum_mismatch, "turns/{}: number {} is no turn", partition, line.number);
      return each(line.number, *text);
    });
  }

  std::string folder() const override { return settings_.folder; }

 private:
  static Status check_topic(const std::string& topic) {
    if (topic == "incoming" || topic == "completer") return {};
    return fail(Code::topic_unknown, "\"{}\" is not archived; incoming and completer are", topic);
  }

  Status append(const std::string& name, Partition partition, const std::vector<SegmentLog::Entry>& entries) {
    auto log = log_of(name, partition);
    if (!log) return fail(log.error());
    BS_TRY(become_writer(name));
    return (*log)->append(entries);
  }

  Result<std::uint64_t> end(const std::string& name, Partition partition) {
    auto log = log_of(name, partition);
    if (!log) return fail(log.error());
    return (*log)->end();
  }

  /// Logs live as long as the safe.
  Result<SegmentLog*> log_of(const std::string& name, Partition partition) {
    if (partition < 0) return fail(Code::partition_unknown, "{}/{}", name, partition);
    const std::lock_guard lock(mutex_);
    auto& log = logs_[{name, partition}];
    if (!log) {
      const std::string inside = fmt::format("{}/p{:02}", name, partition);
      log = std::make_unique<SegmentLog>(settings_.folder + "/" + inside, inside, settings_.segment_bytes_max);
    }
    return log.get();
  }

  // Two writers would each trust its own end and write over each other's numbers.
  Status become_writer(const std::string& name) {
    const std::lock_guard lock(mutex_);
    if (locks_.contains(name)) return {};
    auto taken = FolderLock::take(settings_.folder + "/" + name + "/.LOCK");
    if (!taken && taken.error().code != Code::already_running) return fail(files::safe_error(taken.error()));
    if (!taken) return fail(std::move(taken.error()));
    locks_.emplace(name, std::move(*taken));
    return {};
  }

  const FilesSettings settings_;
  files::EpochFile epoch_;
  files::ObjectFiles objects_;
  std::mutex mutex_;
  std::map<std::pair<std::string, Partition>, std::unique_ptr<SegmentLog>> logs_;
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
