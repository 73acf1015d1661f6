#include "stores/safe/files/epoch_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cerrno>
#include <cstring>

#include "base/files.h"
#include "base/json.h"
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

std::string to_json(const Epoch& epoch) {
  return write_json(boost::json::object{{"n", epoch.n}, {"open", epoch.open}, {"saga", epoch.saga}}) + "\n";
}

Result<Epoch> parse(const std::string& path, const std::string& content) {
  const auto document = parse_json(content);
  const auto* object = document ? document->if_object() : nullptr;
  const auto* n = object ? object->if_contains("n") : nullptr;
  const auto* open = object ? object->if_contains("open") : nullptr;
  const auto* saga = object ? object->if_contains("saga") : nullptr;
  boost::json::error_code wrong;
  const auto number = n ? n->to_number<std::uint64_t>(wrong) : 0;
  if (wrong || number == 0 || !open || !open->is_bool() || !saga || !saga->is_string())
    return fail(Code::checksum_mismatch, "{} is no epoch: {}", path, content.substr(0, 200));
  return Epoch{number, open->get_bool(), std::string(saga->get_string())};
}

std::string text(const Epoch& epoch) { return fmt::format("{} {} {}", epoch.n, epoch.open ? "open" : "closed", epoch.saga); }

Status write(const std::string& path, const Epoch& epoch) {
  if (Status written = write_file_durably(path, to_json(epoch)); !written) return fail(safe_error(written.error()));
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
  return parse(path_, *content);
}

Status EpochFile::change(const Epoch& expected, const Epoch& wanted) {
  const WaitingLock lock(lock_path_);
  if (!lock.held()) return fail(Code::safe_failed, "cannot lock {}: {}", lock_path_, lock.error());
  const auto found = read();
  if (!found) return fail(found.error());
  if (*found != expected) return fail(Code::epoch_conflict, "{} stands there, not {}", text(*found), text(expected));
  if (wanted.n < found->n) return fail(Code::epoch_conflict, "epoch {} does not go back to {}", found->n, wanted.n);
  return write(path_, wanted);
}

}  // namespace backstitch::safe::files
