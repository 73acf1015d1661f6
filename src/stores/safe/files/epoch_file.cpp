#include "stores/safe/files/epoch_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/files.h"
#include "stores/safe/epoch_json.h"
#include "stores/safe/files/segment.h"

namespace backstitch::safe::files {
namespace {

/// Waits for its turn; the lock goes with the descriptor, also when the process is killed.
class WaitingLock {
 public:
  explicit WaitingLock(const std::string& path) : fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
    do held_ = fd_ >= 0 && ::flock(fd_, LOCK_EX) == 0;
    while (fd_ >= 0 && !held_ && errno == EINTR);
    error_ = errno;
  }
  WaitingLock(const WaitingLock&) = delete;
  WaitingLock& operator=(const WaitingLock&) = delete;
  ~WaitingLock() {
    if (fd_ >= 0) ::close(fd_);
  }
  bool held() const { return held_; }
  std::string error() const { return std::strerror(error_); }

 private:
  int fd_;
  bool held_ = false;
  int error_ = 0;
};

Status write(const std::string& path, const Epoch& epoch) {
  if (Status written = write_file_durably(path, epoch_json(epoch)); !written) return fail(safe_error(written.error()));
  return {};
}

}  // namespace

EpochFile::EpochFile(std::string folder) : path_(folder + "/epoch"), lock_path_(folder + "/.epoch.lock") {}

Status EpochFile::make_if_missing(bool in_use) {
  const WaitingLock lock(lock_path_);
  if (!lock.held()) return fail(Code::safe_failed, "cannot lock {}: {}", lock_path_, lock.error());
  if (file_exists(path_)) return {};
  if (in_use) return fail(Code::safe_failed, "{} is missing in a safe that was used", path_);
  return write(path_, Epoch{});
}

// A rename replaces the file, so a reader needs no lock: it sees the old epoch or the new one.
Result<Epoch> EpochFile::read() const {
  const auto content = read_file(path_);
  if (!content) return fail(safe_error(content.error()));
  return read_epoch(path_, *content);
}

Status EpochFile::change(const Epoch& expected, const Epoch& wanted) {
  const WaitingLock lock(lock_path_);
  if (!lock.held()) return fail(Code::safe_failed, "cannot lock {}: {}", lock_path_, lock.error());
  const auto found = read();
  if (!found) return fail(found.error());
  BS_TRY(check_change(*found, expected, wanted));
  return write(path_, wanted);
}

}  // namespace backstitch::safe::files
