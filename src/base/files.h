// Files, written so that a crash at any line leaves the old or the new content, never half of it.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace backstitch {

Result<std::string> read_file(const std::string& path);
/// Writes to a temporary name, syncs it, renames it, syncs the folder. Code::disk_full, Code::file_failed; then the old file
/// stands.
Status write_file_durably(const std::string& path, std::string_view content, int mode = 0644);
/// The same for a file that is not there yet. False when it is, whoever was quicker; that one stands.
Result<bool> write_new_file_durably(const std::string& path, std::string_view content, int mode = 0644);
Status make_folders(const std::string& path, int mode = 0755);
Status remove_tree(const std::string& path);
Status sync_folder(const std::string& path);
bool file_exists(const std::string& path);
/// Names, sorted; empty when absent. What write_file_durably left unfinished at a crash is not among them.
std::vector<std::string> list_folder(const std::string& path);
std::int64_t free_bytes(const std::string& path);  // for an unprivileged user; 0 when the path does not exist

/// An append-only file; append() returns after fsync when durable. A failed append leaves no part of its bytes; after a
/// failed sync (or when the part could not be cut off) every further append fails. One thread.
class AppendFile {
 public:
  static Result<AppendFile> open(const std::string& path);
  AppendFile(AppendFile&& other) noexcept;
  AppendFile& operator=(AppendFile&& other) noexcept;
  ~AppendFile();
  Status append(std::string_view bytes, bool durable);
  std::int64_t size() const { return size_; }

 private:
  AppendFile(int fd, std::int64_t size) : fd_(fd), size_(size) {}
  int fd_ = -1;
  std::int64_t size_ = 0;
};

/// Held for the life of the object and of the process; a stale file after kill -9 is no obstacle (flock).
class FolderLock {
 public:
  /// `path` is a folder (its file LOCK is taken) or the lock file itself. Code::already_running, with the holder's pid.
  static Result<FolderLock> take(const std::string& path);
  FolderLock(FolderLock&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace backstitch
