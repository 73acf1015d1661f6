#include "demo/stand_in.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <boost/json.hpp>

#include "base/json.h"
#include "base/time.h"

namespace backstitch::demo {
namespace {

constexpr std::int64_t ready_within_ms = 20'000, stop_grace_ms = 5'000;

/// One line, without its end; empty when the pipe ends or the time is over first.
std::string read_line(int fd, std::int64_t timeout_ms) {
  std::string line;
  for (const std::int64_t end_ms = monotonic_ms() + timeout_ms;;) {
    pollfd entry{fd, POLLIN, 0};
    const std::int64_t left_ms = end_ms - monotonic_ms();
    char character = 0;
    if (left_ms <= 0 || ::poll(&entry, 1, static_cast<int>(left_ms)) <= 0 || ::read(fd, &character, 1) != 1) return {};
    if (character == '\n') return line;
    line += character;
  }
}

}  // namespace

std::string program_path(const std::string& name) {
  const std::string own = own_executable();
  return own.substr(0, own.rfind('/') + 1) + name;
}

StandIn::StandIn(std::string name, int port, std::vector<std::string> arguments, std::string log_file, std::string address)
    : name_(std::move(name)),
      log_file_(std::move(log_file)),
      address_(std::move(address)),
      port_(port),
      arguments_(std::move(arguments)) {}

StandIn::~StandIn() {
  stop();
  close_pipe();
}

Status StandIn::start() {
  await_end();
  close_pipe();
  std::vector<std::string> argv = {program_path(name_), "--address", address_, "--port", std::to_string(port_)};
  argv.insert(argv.end(), arguments_.begin(), arguments_.end());
  auto child =
      backstitch::start({.argv = std::move(argv), .stderr_path = log_file_, .die_with_parent = true, .pipe_stdout = true});
  if (!child) return fail(std::move(child.error()));
  child_ = *child;
  ended_with_ = -1;
  if (!read_line(child_.stdout_fd, ready_within_ms).empty()) return {};
  kill_hard();
  return fail(Code::process_failed, "{} did not get ready on port {}; its words are in {}", name_, port_, log_file_);
}

void StandIn::close_pipe() {
  if (child_.stdout_fd >= 0) ::close(child_.stdout_fd);
  child_.stdout_fd = -1;
}

void StandIn::kill_hard() {
  if (!running()) return;
  signal_process(child_.id, SIGKILL);
  await_end();
}

// A killed process is a zombie while a thread of it still sits in an fsync and holds the lock of the folder; only when it can be
// reaped all of it is gone.
void StandIn::await_end() {
  while (child_.id.pid != 0 && exit_status() < 0) ::poll(nullptr, 0, 1);
}

void StandIn::stop() {
  if (!running()) return;
  stop_process(child_.id, stop_grace_ms);
  ended_with_ = 0;
}

int StandIn::exit_status() {
  if (ended_with_ < 0 && child_.id.pid != 0) ended_with_ = reap(child_.id.pid);
  return ended_with_;
}

std::string StandIn::url() const { return fmt::format("http://{}:{}", address_, port_); }

Result<boost::json::value> StandIn::get(const std::string& path) const { return get_json(*http_, url() + path); }

Status StandIn::post(const std::string& path, const std::string& body) const {
  const HttpAnswer answer = http_->call({.method = "POST", .url = url() + path, .body = body});
  if (answer.ok()) return {};
  return fail(Code::unreachable, "POST {}{}: {} {}", url(), path, answer.status, answer.error);
}

Result<boost::json::value> get_json(HttpClient& http, const std::string& url, std::int64_t timeout_ms) {
  const HttpAnswer answer = http.call({.url = url, .timeout_ms = timeout_ms});
  if (answer.delivery != Delivery::answered) return fail(Code::unreachable, "GET {}: {}", url, answer.error);
  if (!answer.ok()) return fail(Code::unreachable, "GET {}: status {} {}", url, answer.status, answer.body.substr(0, 200));
  return parse_json(answer.body);
}

}  // namespace backstitch::demo
