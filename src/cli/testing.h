// For tests only: the program as a process, and a platform that answers what a test wants.
#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/assert.h"
#include "base/net/http_server.h"
#include "base/process.h"
#include "cli/command_line.h"

namespace backstitch::cli::testing {

/// Runs the built program with these words, away from any data folder.
inline Finished run_program(std::vector<std::string> words, std::int64_t timeout_ms = 20'000) {
  Command command;
  command.argv = {BACKSTITCH_PROGRAM};
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  command.folder = "/";
  auto finished = run(command, timeout_ms);
  BS_ASSERT(finished.has_value(), "the program runs");
  return *finished;
}

/// Parses the words and runs the verb in this process.
inline Result<Answer> run_verb(const std::vector<std::string>& words) {
  const auto parsed = parse_command_line(words);
  if (!parsed) return fail(parsed.error());
  BS_ASSERT(parsed->verb != nullptr, "the words name a verb");
  return parsed->verb->run(parsed->invocation);
}

class FakePlatform {
 public:
  using Handler = std::function<HttpResponse(const HttpRequest&)>;
  explicit FakePlatform(Handler handler) {
    auto server = HttpServer::start({}, [this, handler = std::move(handler)](const HttpRequest& request) {
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
      }
      return handler(request);
    });
    BS_ASSERT(server.has_value(), "a free port");
    server_ = std::move(*server);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }
  std::vector<HttpRequest> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<HttpRequest> requests_;
  std::unique_ptr<HttpServer> server_;
};

inline HttpResponse json_reply(int status, std::string body) { return {.status = status, .body = std::move(body)}; }

}  // namespace backstitch::cli::testing
