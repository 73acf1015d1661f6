#include "server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>

#include "base/files.h"

namespace backstitch::servers {
namespace {

constexpr std::int64_t install_ms_max = 1'500'000;
constexpr int ready_ms_max = 120'000;

/// A line of the pipe; empty when it ends or the time is over.
std::string read_line(int fd, int ms_max) {
  using std::chrono::steady_clock;
  const auto end = steady_clock::now() + std::chrono::milliseconds(ms_max);
  std::string line;
  for (char character = 0;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - steady_clock::now()).count();
    pollfd waiting{fd, POLLIN, 0};
    if (left <= 0 || ::poll(&waiting, 1, static_cast<int>(left)) <= 0 || ::read(fd, &character, 1) != 1) return {};
    if (character == '\n') return line;
    line += character;
  }
}

bool is_free(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET, address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool free = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return free;
}

}  // namespace

bool wanted(const std::string& name) {
  const char* without = std::getenv("BACKSTITCH_WITHOUT");
  return without == nullptr || ("," + std::string(without) + ",").find("," + name + ",") == std::string::npos;
}

// Below the blocks that demos take (demo/scratch.cpp), and below the range from which the kernel gives ports to clients.
// Tests that run at the same time begin elsewhere.
int free_ports(int count) {
  constexpr int first = 10'000, behind = 20'000;
  static int next = first + ::getpid() * 53 % (behind - first);
  for (int tries = 0; tries < 1000; ++tries) {
    if (next + count > behind) next = first;
    const int from = next;
    int free = 0;
    while (free < count && is_free(from + free)) ++free;
    next = from + free + (free < count ? 1 : 0);
    if (free == count) return from;
  }
  return 0;
}

Result<Server> Server::start(const std::string& name, const std::string& folder, int port, std::vector<std::string> arguments,
                             const std::string& scripts) {
  const std::string script = (scripts.empty() ? SERVER_SCRIPTS : scripts) + "/" + name + ".sh";
  const auto installed = backstitch::run({.argv = {script, "install"}}, install_ms_max);
  if (!installed) return fail(installed.error());
  if (installed->exit_status != 0) return fail(Code::process_failed, "{} install: {}", name, installed->err);
  Server server;
  server.script_ = script, server.name_ = name, server.folder_ = folder, server.port_ = port,
  server.arguments_ = std::move(arguments);
  BS_TRY(server.run());
  return server;
}

Server::Server(Server&& other) noexcept
    : script_(std::move(other.script_)),
      name_(std::move(other.name_)),
      folder_(std::move(other.folder_)),
      address_(std::move(other.address_)),
      port_(other.port_),
      arguments_(std::move(other.arguments_)),
      child_(std::exchange(other.child_, {})),
      running_(std::exchange(other.running_, false)) {}

Server::~Server() { kill_hard(); }

Status Server::run() {
  BS_TRY(make_folders(folder_));
  std::vector<std::string> argv{script_, "run", folder_, std::to_string(port_)};
  argv.insert(argv.end(), arguments_.begin(), arguments_.end());
  const std::string words = folder_ + "/script.log";
  auto child = backstitch::start({.argv = argv, .stderr_path = words, .die_with_parent = true, .pipe_stdout = true});
  if (!child) return fail(child.error());
  child_ = *child, running_ = true;
  const std::string line = read_line(child_.stdout_fd, ready_ms_max);
  if (line.starts_with("ready ")) {
    address_ = line.substr(6);
    return {};
  }
  kill_hard();
  const auto said = read_file(words);
  return fail(Code::process_failed, "{} does not serve: {}", name_,
              said ? said->substr(said->size() - std::min<std::size_t>(said->size(), 2000)) : "");
}

void Server::stop() {
  if (!std::exchange(running_, false)) return;
  stop_process(child_.id, 60'000);
  ::close(child_.stdout_fd);
}

void Server::kill_hard() {
  if (!std::exchange(running_, false)) return;
  stop_process(child_.id, 0);
  ::close(child_.stdout_fd);
}

Status Server::start_again() { return run(); }

}  // namespace backstitch::servers
