#include "demo/scratch.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

namespace backstitch::demo {
namespace {

constexpr int first_port = 20'000, block = 16, blocks = 700;

/// Bound, not listening; -1 when somebody has it.
int bind_port(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd >= 0 && ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  if (fd >= 0) ::close(fd);
  return -1;
}

/// The others of the block are free too: no stranger listens there.
bool rest_is_free(int base) {
  for (int port = base + 1; port < base + block; ++port) {
    const int fd = bind_port(port);
    if (fd < 0) return false;
    ::close(fd);
  }
  return true;
}

}  // namespace

Result<Ports> Ports::take() {
  for (int i = 0; i < blocks; ++i) {
    const int base = first_port + block * ((::getpid() + i) % blocks);
    const int fd = bind_port(base);
    if (fd < 0) continue;
    if (rest_is_free(base)) return Ports(fd, base);
    ::close(fd);
  }
  return fail(Code::port_taken, "no {} free ports in a row from {} on", block, first_port);
}

Ports::~Ports() {
  if (fd_ >= 0) ::close(fd_);
}

Result<std::string> make_scratch_folder() {
  const char* parent = ::getenv("TMPDIR");
  std::string path = std::string(parent && *parent ? parent : "/tmp") + "/backstitch-demo-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) return fail(Code::file_failed, "{}: {}", path, std::strerror(errno));
  if (::chmod(path.c_str(), 0755) != 0) return fail(Code::file_failed, "{}: {}", path, std::strerror(errno));
  return path;
}

}  // namespace backstitch::demo
