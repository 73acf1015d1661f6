#include "services/worker/task_code.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <limits>

#include "base/json.h"
#include "base/log.h"
#include "base/process.h"

namespace backstitch {
namespace json = boost::json;
namespace {
constexpr std::int64_t leave_ms = 10'000;
constexpr std::size_t answer_bytes_max = 8u << 20;
}  // namespace

// One child; one task at a time. Its death is `unknown`: nobody can say how far it came.
class TaskCode::Host {
 public:
  explicit Host(std::vector<std::string> argv) : argv_(std::move(argv)) {}
  ~Host() { close_child(leave_ms); }

  systems::CallResult run(const std::string& task_id, const std::string& request, std::int64_t timeout_ms) {
    const std::lock_guard lock(mutex_);
    if (!child_ && !start_child()) return {CallOutcome::not_taken, "worker/not-started", {}};
    const std::int64_t end_ms = monotonic_ms() + timeout_ms;
    if (!write_all(request + "\n", end_ms)) return lost("worker/died");
    std::string answer;
    if (!read_line(answer, end_ms)) return lost("worker/no-answer");
    return judge(answer, task_id);
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
  void close_child(std::int64_t patience_ms) {
    if (!child_) return;
    ::close(child_->stdin_fd);
    // End of its input: it finishes and leaves, and the end of its output says so.
    const std::int64_t end_ms = monotonic_ms() + patience_ms;
    while (read_some(end_ms)) buffer_.clear();
    ::close(child_->stdout_fd);
    stop_process(child_->id, leave_ms);
    child_.reset();
    buffer_.clear();
  }
  systems::CallResult lost(const char* code) {
    signal_process(child_->id, SIGKILL);
    close_child(0);
    return {CallOutcome::unknown, code, {}};
  }
  bool write_all(std::string_view bytes, std::int64_t end_ms) {
    while (!bytes.empty()) {
      if (!wait_for(child_->stdin_fd, POLLOUT, end_ms)) return false;
      const ssize_t written = ::write(child_->stdin_fd, bytes.data(), std::min<std::size_t>(bytes.size(), PIPE_BUF));
      if (written <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
  }
  bool read_line(std::string& line, std::int64_t end_ms) {
    while (true) {
      if (const auto newline = buffer_.find('\n'); newline != std::string::npos) {
        line = buffer_.substr(0, newline);
        buffer_.erase(0, newline + 1);
        return true;
      }
      if (buffer_.size() > answer_bytes_max || !read_some(end_ms)) return false;
    }
  }
  bool read_some(std::int64_t end_ms) {
    char bytes[4096];
    if (!wait_for(child_->stdout_fd, POLLIN, end_ms)) return false;
    const ssize_t got = ::read(child_->stdout_fd, bytes, sizeof bytes);
    if (got > 0) buffer_.append(bytes, static_cast<std::size_t>(got));
    return got > 0;
  }
  static bool wait_for(int descriptor, short event, std::int64_t end_ms) {
    pollfd waiting{descriptor, event, 0};
    const std::int64_t left_ms = std::min<std::int64_t>(end_ms - monotonic_ms(), std::numeric_limits<int>::max());
    return left_ms > 0 && ::poll(&waiting, 1, static_cast<int>(left_ms)) > 0;
  }
  systems::CallResult judge(const std::string& answer, const std::string& task_id) {
    auto document = parse_json(answer);
    const json::value* outcome = document && document->is_object() ? document->get_object().if_contains("outcome") : nullptr;
    if (!outcome || !outcome->is_string()) return lost("worker/nonsense");
    const json::object& object = document->get_object();
    const json::value* named = object.if_contains("taskId");  // an answer to another task must not become this one's
    if (!named || !named->is_string() || named->get_string() != task_id) return lost("worker/other-task");
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

TaskCode::TaskCode(std::map<std::string, std::vector<std::string>> commands) : commands_(std::move(commands)) {
  ::signal(SIGPIPE, SIG_IGN);
}
TaskCode::~TaskCode() = default;

systems::CallResult TaskCode::run(const std::string& implementation, const std::string& task_id, const std::string& body,
                                  std::int64_t timeout_ms) {
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
  return host->run(task_id, request, timeout_ms);
}

}  // namespace backstitch
