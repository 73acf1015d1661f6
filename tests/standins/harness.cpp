#include "harness.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <chrono>
#include <thread>

#include "base/files.h"
#include "base/json.h"
#include "base/time.h"

namespace backstitch::standin_testing {
namespace {

constexpr std::int64_t deadline_ms = 20'000;

std::string read_line(int fd) {
  std::string line;
  char character = 0;
  while (::read(fd, &character, 1) == 1 && character != '\n') line += character;
  return line;
}

}  // namespace

Scratch::Scratch() {
  std::string name = testing::TempDir() + "standins-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) ADD_FAILURE() << "no scratch folder " << name;
  path_ = name;
}

Scratch::~Scratch() { EXPECT_TRUE(remove_tree(path_)); }

StandIn::StandIn(const std::string& name, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), std::string(STANDINS_FOLDER) + "/" + name);
  auto child = start({.argv = std::move(arguments), .die_with_parent = true, .pipe_stdout = true});
  if (!child) {
    ADD_FAILURE() << child.error().text();
    return;
  }
  child_ = *child;
  const auto ready = parse_json(read_line(child_.stdout_fd));
  if (!ready || !ready->is_object()) {
    ADD_FAILURE() << name << " printed no ready line";
    return;
  }
  EXPECT_EQ(ready->at("ready").as_string(), name);
  port_ = ready->at("port").to_number<int>();
}

StandIn::~StandIn() {
  kill_hard();
  if (child_.stdout_fd >= 0) ::close(child_.stdout_fd);
}

void StandIn::kill_hard() {
  if (reaped_ || child_.id.pid == 0) return;
  signal_process(child_.id, SIGKILL);
  wait_for_exit();
}

int StandIn::wait_for_exit() {
  int status = -1;
  EXPECT_TRUE(wait_until([&] { return (status = reap(child_.id.pid)) >= 0; }));
  reaped_ = true;
  return status;
}

HttpAnswer StandIn::get(const std::string& path) const { return send("GET", path, ""); }

HttpAnswer StandIn::send(const std::string& method, const std::string& path, const std::string& body,
                         std::vector<std::pair<std::string, std::string>> headers) const {
  return http_->call({.method = method,
                      .url = "http://127.0.0.1:" + std::to_string(port_) + path,
                      .body = body,
                      .headers = std::move(headers),
                      .timeout_ms = 10'000,
                      .never_resend = true});
}

boost::json::value StandIn::get_json(const std::string& path) const {
  const HttpAnswer answer = get(path);
  EXPECT_EQ(answer.status, 200) << path << " " << answer.error << " " << answer.body;
  return parse(answer.body);
}

bool wait_until(const std::function<bool()>& condition) {
  const std::int64_t end_ms = monotonic_ms() + deadline_ms;
  while (!condition()) {
    if (monotonic_ms() > end_ms) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

std::unique_ptr<HttpServer> serve(HttpServer::Handler handler, int port) {
  auto server = HttpServer::start({.port = port, .threads = 4}, std::move(handler));
  if (!server) ADD_FAILURE() << server.error().text();
  return server ? std::move(*server) : nullptr;
}

std::string url_of(const HttpServer& server) { return "http://127.0.0.1:" + std::to_string(server.port()); }

std::string read_all(const std::string& path) { return read_file(path).value_or(""); }

void write_all(const std::string& path, const std::string& content) { EXPECT_TRUE(write_file_durably(path, content)); }

boost::json::value parse(const std::string& text) {
  auto value = parse_json(text);
  EXPECT_TRUE(value) << text;
  return value ? *value : boost::json::value();
}

std::vector<boost::json::object> read_lines(const std::string& path) {
  std::vector<boost::json::object> lines;
  const std::string content = read_all(path);
  for (std::size_t begin = 0, end = 0; (end = content.find('\n', begin)) != std::string::npos; begin = end + 1)
    lines.push_back(parse(content.substr(begin, end - begin)).as_object());
  return lines;
}

std::string order_line(const std::string& id, int version) {
  return fmt::format(R"({{"source":"org1","sourceOrderId":"{}","version":{},"accountId":"A-1","items":[]}})", id, version);
}

}  // namespace backstitch::standin_testing
