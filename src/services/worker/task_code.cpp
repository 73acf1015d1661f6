#include "services/worker/task_code.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <boost/json.hpp>

#include "base/json.h"
#include "base/log.h"
#include "base/process.h"

namespace backstitch {
namespace json = boost::json;

// One child; one task at a time. Its death is `unknown`: nobody can say how far it came.
class TaskCode::Host {
 public:
  explicit Host(std::vector<std::string> argv) : argv_(std::move(argv)) {}
  ~Host() { close_child(); }

  systems::CallResult run(const std::string& request, std::int64_t timeout_ms) {
    const std::lock_guard lock(mutex_);
    if (!child_ && !start_child()) return {CallOutcome::not_taken, "worker/not-started", {}};
    const std::string line = request + "\n";
    if (!write_all(line)) return lost("worker/died");
    std::string answer;
    if (!read_line(answer, timeout_ms)) return lost("worker/no-answer");
    return judge(answer);
  }

 private:
  bool start_child() {
    Command command;
    command.argv = argv_, command.pipe_stdin = command.pipe_stdout = true, command.die_with_parent = true;
    auto child = start(command);
    if (!child) return log_error("task_code", "error=\"{}\"", child.error().text()), false;
    child_ = *child;
    return true;
  }
  void close_child() {
    if (!child_) return;
    ::close(child_->stdin_fd), ::close(child_->stdout_fd);
    stop_process(child_->id, 10'000);
    child_.reset();
    buffer_.clear();
  }
  systems::CallResult lost(const char* code) {
    signal_process(child_->id, SIGKILL);
    close_child();
    return {CallOutcome::unknown, code, {}};
  }
  bool write_all(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(child_->stdin_fd, bytes.data(), bytes.size());
      if (written <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
  }
  bool read_line(std::string& line, std::int64_t timeout_ms) {
    const std::int64_t end = monotonic_ms() + timeout_ms;
    while (true) {
      if (const auto newline = buffer_.find('\n'); newline != std::string::npos) {
        line = buffer_.substr(0, newline);
        buffer_.erase(0, newline + 1);
        return true;
      }
      pollfd waiting{child_->stdout_fd, POLLIN, 0};
      const std::int64_t left = end - monotonic_ms();
      char bytes[4096];
      if (left <= 0 || ::poll(&waiting, 1, static_cast<int>(left)) <= 0) return false;
      const ssize_t got = ::read(child_->stdout_fd, bytes, sizeof bytes);
      if (got <= 0 || buffer_.size() > (8u << 20)) return false;
      buffer_.append(bytes, static_cast<std::size_t>(got));
    }
  }
  systems::CallResult judge(const std::string& answer) {
    auto document = parse_json(answer);
    const json::value* outcome = document && document->is_object() ? document->get_object().if_contains("outcome") : nullptr;
    if (!outcome || !outcome->is_string()) return lost("worker/nonsense");
    const json::object& object = document->get_object();
    if (outcome->get_string() == "done") {
      const json::value* attributes = object.if_contains("attributes");
      return {CallOutcome::done, "worker/done", attributes ? write_json(*attributes) : "{}"};
    }
    const json::value* code = object.if_contains("code");
    return {CallOutcome::refused, code && code->is_string() ? std::string(code->get_string()) : "worker/failed", answer};
  }

  std::vector<std::string> argv_;
  std::mutex mutex_;
  std::optional<Child> child_;
  std::string buffer_;
};

TaskCode::TaskCode(std::map<std::string, std::vector<std::string>> commands) : commands_(std::move(commands)) { ::signal(SIGPIPE, SIG_IGN); }
TaskCode::~TaskCode() = default;

systems::CallResult TaskCode::run(const std::string& implementation, const std::string& task_id, const std::string& body, std::int64_t timeout_ms) {
  if (implementation == "echo") return {CallOutcome::done, "echo/done", body};
  Host* host = nullptr;
  {
    const std::lock_guard lock(mutex_);
    const auto command = commands_.find(implementation);
    if (command == commands_.end()) return {CallOutcome::refused, "worker/unknown-implementation", {}};
    std::unique_ptr<Host>& slot = hosts_[implementation];
    if (!slot) slot = std::make_unique<Host>(command->second);
    host = slot.get();
  }
  std::string request = "{\"v\":1,\"taskId\":";
  append_json_string(request, task_id);
  request += ",\"type\":";
  append_json_string(request, implementation);
  request += fmt::format(",\"notAfterMs\":{},\"parameters\":{}}}", timeout_ms, body.empty() ? "{}" : body);
  return host->run(request, timeout_ms);
}

}  // namespace backstitch
