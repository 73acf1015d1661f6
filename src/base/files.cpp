#include "base/files.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/process.h"
#include "base/time.h"

namespace backstitch {
namespace {

constexpr std::string_view unfinished = ".unfinished";

tl::unexpected<Error> failed(const char* act, const std::string& path, int error) {
  const Code code = error == ENOSPC || error == EDQUOT ? Code::disk_full : Code::file_failed;
  return fail(code, "cannot {} {}: {}", act, path, std::strerror(error));
}

/// Closes on every way out; an own close() reports its error.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int close() { return ::close(std::exchange(fd_, -1)); }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

std::string temporary_name(const std::string& path) {
  static std::atomic<unsigned> counter{0};
  const std::string name = std::filesystem::path(path).filename().string();
  return fmt::format("{}/.{}.{}.{}{}", folder_of(path), name, ::getpid(), ++counter, unfinished);
}

Status write_synced(const std::string& path, std::string_view content, int mode) {
  Descriptor fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
  if (fd.get() < 0) return failed("create", path, errno);
  if (::fchmod(fd.get(), static_cast<mode_t>(mode)) != 0) return failed("set the mode of", path, errno);  // umask or not
  if (!write_all(fd.get(), content)) return failed("write", path, errno);
  if (::fsync(fd.get()) != 0) return failed("sync", path, errno);
  if (fd.close() != 0) return failed("close", path, errno);
  return {};
}

}  // namespace

Result<std::string> read_file(const std::string& path) {
  Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return failed("open", path, errno);
  struct stat st{};
  std::string out;
  if (::fstat(fd.get(), &st) == 0 && st.st_size > 0) out.reserve(static_cast<std::size_t>(st.st_size));
  char buffer[1 << 16];  // read to the end: files of /proc say size 0
  for (;;) {
    const ssize_t n = ::read(fd.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed("read", path, errno);
    if (n == 0) return out;
    out.append(buffer, static_cast<std::size_t>(n));
  }
}

Status write_file_durably(const std::string& path, std::string_view content, int mode) {
  const std::string temporary = temporary_name(path);
  Status written = write_synced(temporary, content, mode);
  if (written && ::rename(temporary.c_str(), path.c_str()) != 0) written = failed("rename to", path, errno);
  if (!written) {
    ::unlink(temporary.c_str());
    return written;
  }
  return sync_folder(folder_of(path));  // the name itself is durable only now
}

// A link is made whole or not at all, and never over another file.
Result<bool> write_new_file_durably(const std::string& path, std::string_view content, int mode) {
  const std::string temporary = temporary_name(path);
  Status written = write_synced(temporary, content, mode);
  bool taken = false;
  if (written && ::link(temporary.c_str(), path.c_str()) != 0) {
    taken = errno == EEXIST;
    if (!taken) written = failed("link to", path, errno);
  }
  ::unlink(temporary.c_str());
  BS_TRY(written);
  BS_TRY(sync_folder(folder_of(path)));
  return !taken;
}

Status make_folders(const std::string& path, int mode) {
  if (path.empty() || path == "/" || path == ".") return {};
  if (::mkdir(path.c_str(), static_cast<mode_t>(mode)) == 0) return sync_folder(folder_of(path));
  if (errno == EEXIST) {
    struct stat st{};
    if (::stat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode)) return {};
    return failed("make the folder", path, ENOTDIR);
  }
  if (errno != ENOENT) return failed("make the folder", path, errno);
  BS_TRY(make_folders(folder_of(path), mode));
  if (::mkdir(path.c_str(), static_cast<mode_t>(mode)) != 0 && errno != EEXIST) return failed("make the folder", path, errno);
  return sync_folder(folder_of(path));
}

Status remove_tree(const std::string& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (error) return failed("remove", path, error.value());
  return {};
}

Status sync_folder(const std::string& path) {
  Descriptor fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0) return failed("open the folder", path, errno);
  if (::fsync(fd.get()) != 0) return failed("sync the folder", path, errno);
  return {};
}

bool file_exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

std::vector<std::string> list_folder(const std::string& path) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
    std::string name = it->path().filename().string();
    if (!(name.starts_with('.') && name.ends_with(unfinished))) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::int64_t free_bytes(const std::string& path) {
  struct statvfs st{};
  if (::statvfs(path.c_str(), &st) != 0) return 0;
  return static_cast<std::int64_t>(st.f_bavail) * static_cast<std::int64_t>(st.f_frsize);
}

Result<AppendFile> AppendFile::open(const std::string& path) {
  const bool existed = file_exists(path);
  Descriptor fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  struct stat st{};
  if (fd.get() < 0 || ::fstat(fd.get(), &st) != 0) return failed("open", path, errno);
  if (!existed)
    if (Status synced = sync_folder(folder_of(path)); !synced) return fail(std::move(synced.error()));
  return AppendFile(fd.release(), st.st_size);
}

AppendFile::AppendFile(AppendFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)), size_(other.size_) {}

AppendFile& AppendFile::operator=(AppendFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(size_, other.size_);
  return *this;
}

AppendFile::~AppendFile() {
  if (fd_ >= 0) ::close(fd_);
}

Status AppendFile::append(std::string_view bytes, bool durable) {
  if (!write_all(fd_, bytes)) {
    const int error = errno;
    // What was half written goes away again, so that the next record starts where a reader expects one.
    if (::ftruncate(fd_, size_) != 0) ::close(std::exchange(fd_, -1));
    return failed("append to", "the file", error);
  }
  size_ += static_cast<std::int64_t>(bytes.size());
  if (durable && ::fdatasync(fd_) != 0) {
    const int error = errno;
    // A second sync would report success although the kernel has dropped the pages: no more appends.
    ::close(std::exchange(fd_, -1));
    return failed("sync", "the file", error);
  }
  return {};
}

namespace {

std::string holder_of(const std::string& file) {
  std::string holder = read_file(file).value_or("");
  while (!holder.empty() && holder.back() == '\n') holder.pop_back();
  return holder;
}

/// 0, or the errno. A process that was killed holds it until its last thread is gone, though nobody finds it alive any more.
int lock_in_time(int fd, const std::string& file) {
  constexpr std::int64_t dying_ms = 5'000;
  for (const std::int64_t deadline_ms = monotonic_ms() + dying_ms;;) {
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return 0;
    const int error = errno, holder = std::atoi(holder_of(file).c_str());
    if (error != EWOULDBLOCK || holder <= 0 || identify(holder) || monotonic_ms() >= deadline_ms) return error;
    ::poll(nullptr, 0, 10);
  }
}

}  // namespace

Result<FolderLock> FolderLock::take(const std::string& path) {
  std::error_code error;
  const std::string file = std::filesystem::is_directory(path, error) ? path + "/LOCK" : path;
  Descriptor fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (fd.get() < 0) return failed("open", file, errno);
  const int refused = lock_in_time(fd.get(), file);
  if (refused == EWOULDBLOCK) return fail(Code::already_running, "{} is held by process {}", file, holder_of(file));
  if (refused != 0) return failed("lock", file, refused);
  if (::ftruncate(fd.get(), 0) != 0 || !write_all(fd.get(), std::to_string(::getpid()) + "\n"))
    return failed("write", file, errno);
  return FolderLock(fd.release());
}

FolderLock::~FolderLock() {
  if (fd_ >= 0) ::close(fd_);  // the lock goes with the last descriptor; the file stays, or two could lock two files of one name
}

}  // namespace backstitch
