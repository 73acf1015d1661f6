#include "stores/queue/embedded/fault_layer.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <mutex>
#include <random>

#include "base/error.h"

namespace backstitch::queue {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

std::string normal(const std::string& path) { return std::filesystem::path(path).lexically_normal().string(); }
std::string folder_of(const std::string& path) { return std::filesystem::path(normal(path)).parent_path().string(); }

IOStatus no_power() { return IOStatus::IOError("no power"); }

}  // namespace

/// What the disk surely has of each file that was written through this layer.
class FaultLayer::State {
 public:
  struct File {
    std::uint64_t written = 0, synced = 0;
    bool in_folder = false;  // its folder entry was synced
  };

  /// Counts one write or sync; fails when the power is gone.
  IOStatus operate() {
    const std::lock_guard lock(mutex);
    if (++operations == cut_at) cut = true;
    return cut ? no_power() : IOStatus::OK();
  }
  IOStatus powered() {
    const std::lock_guard lock(mutex);
    return cut ? no_power() : IOStatus::OK();
  }
  bool take(int& count) {
    const std::lock_guard lock(mutex);
    return count > 0 && count-- > 0;
  }
  void folder_synced(const std::string& folder) {
    const std::lock_guard lock(mutex);
    for (auto& [path, file] : files) file.in_folder = file.in_folder || folder_of(path) == folder;
  }
  void renamed(const std::string& from, const std::string& to) {
    const std::lock_guard lock(mutex);
    const auto moved = files.find(from);
    if (moved == files.end()) return;
    File file = moved->second;
    // A rename over a file is atomic: the old or the new one is found. A new name is found once its folder is synced.
    const auto old = files.find(to);
    file.in_folder = old == files.end() ? false : old->second.in_folder;
    files.erase(moved);
    files[to] = file;
  }

  std::mutex mutex;  // of all that follows
  std::map<std::string, File> files;
  bool cut = false;
  std::uint64_t operations = 0, cut_at = 0;
  int full_writes = 0, failing_syncs = 0;
  bool sync_finds_disk_full = false;
  std::optional<std::int64_t> free_bytes;
  std::function<void()> before_sync;
};

class FaultLayer::FaultyFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::string path, std::shared_ptr<State> state)
      : FSWritableFileOwnerWrapper(std::move(file)),
        path_(std::move(path)),
        is_log_(path_.ends_with(".log")),
        state_(std::move(state)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* context) override {
    if (auto status = state_->operate(); !status.ok()) return status;
    if (is_log_ && state_->take(state_->full_writes)) {
      target()->Append(Slice(data.data(), data.size() / 2), options, context).PermitUncheckedError();
      written(data.size() / 2);
      return IOStatus::NoSpace("no space left on device");
    }
    auto status = target()->Append(data, options, context);
    if (status.ok()) written(data.size());
    return status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* context) override {
    return Append(data, options, context);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* context) override {
    return synced([&] { return target()->Sync(options, context); });
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* context) override {
    return synced([&] { return target()->Fsync(options, context); });
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* context) override {
    if (auto status = state_->powered(); !status.ok()) return status;
    return target()->Truncate(size, options, context);
  }

 private:
  void written(std::uint64_t bytes) {
    const std::lock_guard lock(state_->mutex);
    state_->files[path_].written += bytes;
  }
  template <class Call>
  IOStatus synced(Call call) {
    std::function<void()> before;
    std::uint64_t size = 0;
    {
      const std::lock_guard lock(state_->mutex);
      size = state_->files[path_].written;  // what is written while the sync runs is not promised by it
      before = state_->before_sync;
    }
    if (is_log_ && before) before();
    if (auto status = state_->operate(); !status.ok()) return status;
    if (is_log_ && state_->take(state_->failing_syncs)) {
      return state_->sync_finds_disk_full ? IOStatus::NoSpace("no space left on device") : IOStatus::IOError("the disk failed");
    }
    auto status = call();
    const std::lock_guard lock(state_->mutex);
    if (status.ok() && !state_->cut) state_->files[path_].synced = size;
    return state_->cut ? no_power() : status;
  }

  const std::string path_;
  const bool is_log_;
  const std::shared_ptr<State> state_;
};

class FaultLayer::FaultyFolder : public rocksdb::FSDirectoryWrapper {
 public:
  FaultyFolder(std::unique_ptr<rocksdb::FSDirectory> folder, std::string path, std::shared_ptr<State> state)
      : FSDirectoryWrapper(std::move(folder)), path_(std::move(path)), state_(std::move(state)) {}

  IOStatus Fsync(const IOOptions& options, IODebugContext* context) override {
    return synced(FSDirectoryWrapper::Fsync(options, context));
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* context, const rocksdb::DirFsyncOptions& how) override {
    return synced(FSDirectoryWrapper::FsyncWithDirOptions(options, context, how));
  }

 private:
  IOStatus synced(IOStatus status) {
    if (auto powered = state_->operate(); !powered.ok()) return powered;
    if (status.ok()) state_->folder_synced(path_);
    return status;
  }

  const std::string path_;
  const std::shared_ptr<State> state_;
};

class FaultLayer::FaultySystem : public rocksdb::FileSystemWrapper {
 public:
  explicit FaultySystem(std::shared_ptr<State> state)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), state_(std::move(state)) {}

  const char* Name() const override { return "BackstitchFaultLayer"; }
  IOStatus NewWritableFile(const std::string& path, const FileOptions& options, std::unique_ptr<rocksdb::FSWritableFile>* file,
                           IODebugContext* context) override {
    if (auto status = state_->powered(); !status.ok()) return status;
    auto status = target()->NewWritableFile(path, options, file, context);
    if (!status.ok()) return status;
    *file = std::make_unique<FaultyFile>(std::move(*file), normal(path), state_);
    const std::lock_guard lock(state_->mutex);
    state_->files[normal(path)] = {};
    return status;
  }
  IOStatus ReopenWritableFile(const std::string&, const FileOptions&, std::unique_ptr<rocksdb::FSWritableFile>*,
                              IODebugContext*) override {
    return IOStatus::NotSupported("the fault layer follows files from their creation");
  }
  IOStatus ReuseWritableFile(const std::string&, const std::string&, const FileOptions&,
                             std::unique_ptr<rocksdb::FSWritableFile>*, IODebugContext*) override {
    return IOStatus::NotSupported("the fault layer follows files from their creation");
  }
  IOStatus NewDirectory(const std::string& path, const IOOptions& options, std::unique_ptr<rocksdb::FSDirectory>* folder,
                        IODebugContext* context) override {
    auto status = target()->NewDirectory(path, options, folder, context);
    std::string name = normal(path + "/.");
    while (name.size() > 1 && name.back() == '/') name.pop_back();
    if (status.ok()) *folder = std::make_unique<FaultyFolder>(std::move(*folder), name, state_);
    return status;
  }
  IOStatus DeleteFile(const std::string& path, const IOOptions& options, IODebugContext* context) override {
    if (auto status = state_->powered(); !status.ok()) return status;
    auto status = target()->DeleteFile(path, options, context);
    const std::lock_guard lock(state_->mutex);
    if (status.ok()) state_->files.erase(normal(path));
    return status;
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* context) override {
    if (auto status = state_->powered(); !status.ok()) return status;
    auto status = target()->RenameFile(from, to, options, context);
    if (status.ok()) state_->renamed(normal(from), normal(to));
    return status;
  }
  IOStatus GetFreeSpace(const std::string& path, const IOOptions& options, std::uint64_t* free,
                        IODebugContext* context) override {
    auto status = target()->GetFreeSpace(path, options, free, context);
    const std::lock_guard lock(state_->mutex);
    if (state_->free_bytes) *free = static_cast<std::uint64_t>(*state_->free_bytes);
    return status;
  }

 private:
  const std::shared_ptr<State> state_;
};

FaultLayer::FaultLayer()
    : state_(std::make_shared<State>()), env_(rocksdb::NewCompositeEnv(std::make_shared<FaultySystem>(state_))) {}
FaultLayer::~FaultLayer() = default;

rocksdb::Env* FaultLayer::env() { return env_.get(); }

void FaultLayer::power_cut() {
  const std::lock_guard lock(state_->mutex);
  state_->cut = true;
}

void FaultLayer::power_cut_after(std::uint64_t operations) {
  const std::lock_guard lock(state_->mutex);
  state_->cut_at = state_->operations + operations;
}

bool FaultLayer::power_is_cut() const {
  const std::lock_guard lock(state_->mutex);
  return state_->cut;
}

Status FaultLayer::lose_unsynced(std::optional<std::uint64_t> seed) {
  const std::lock_guard lock(state_->mutex);
  std::mt19937_64 random(seed.value_or(0));
  for (const auto& [path, file] : state_->files) {
    std::error_code error;
    if (file.in_folder) {
      const std::uint64_t kept = seed ? random() % (file.written - file.synced + 1) : 0;
      std::filesystem::resize_file(path, file.synced + kept, error);
    } else {
      std::filesystem::remove(path, error);
    }
    if (error) return fail(Code::file_failed, "cannot lose the tail of {}: {}", path, error.message());
  }
  state_->files.clear();
  state_->cut = false;
  state_->cut_at = 0;
  return {};
}

void FaultLayer::fail_writes_disk_full(int writes) {
  const std::lock_guard lock(state_->mutex);
  state_->full_writes = writes;
}

void FaultLayer::fail_syncs(int syncs, bool disk_full) {
  const std::lock_guard lock(state_->mutex);
  state_->failing_syncs = syncs;
  state_->sync_finds_disk_full = disk_full;
}

void FaultLayer::free_bytes(std::optional<std::int64_t> bytes) {
  const std::lock_guard lock(state_->mutex);
  state_->free_bytes = bytes;
}

void FaultLayer::before_sync(std::function<void()> call) {
  const std::lock_guard lock(state_->mutex);
  state_->before_sync = std::move(call);
}

std::uint64_t FaultLayer::operations() const {
  const std::lock_guard lock(state_->mutex);
  return state_->operations;
}

}  // namespace backstitch::queue
