// A folder and a block of ports of our own, so that two demos at once do not meet.
#pragma once
#include <string>

#include "base/error.h"

namespace backstitch::demo {

/// Ports on 127.0.0.1 below the range that the kernel gives to outgoing connections. The first of a block is held, bound and
/// silent, by its owner for as long as he lives: nobody else takes the others.
class Ports {
 public:
  /// Code::port_taken when every block is taken.
  static Result<Ports> take();
  Ports(Ports&& other) noexcept : fd_(other.fd_), base_(other.base_) { other.fd_ = -1; }
  Ports& operator=(Ports&&) = delete;
  ~Ports();

  int system() const { return base_ + 1; }
  int org() const { return base_ + 2; }
  int manual() const { return base_ + 3; }  // the operator's
  int client() const { return base_ + 4; }
  int test() const { return base_ + 5; }  // of another team
  int late() const { return base_ + 6; }  // a client that orders once more
  int riak() const { return base_ + 7; }
  int platform() const { return base_ + 8; }  // and the two after it
  int workers() const { return platform() + 2; }

 private:
  Ports(int fd, int base) : fd_(fd), base_(base) {}
  int fd_, base_;
};

/// A new folder in TMPDIR (or /tmp) that PostgreSQL's user can enter.
Result<std::string> make_scratch_folder();

}  // namespace backstitch::demo
