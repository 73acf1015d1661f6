#include "standins/rds/scripted_ground.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/json.hpp>

#include "base/files.h"
#include "base/json.h"

namespace backstitch::standin {
namespace {

constexpr std::int64_t ask_timeout_ms = 120'000, latest_holds_ms = 1'500;

/// That was free a moment ago.
int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET, address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool bound = ::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(socket);
  return bound ? ntohs(address.sin_port) : 0;
}

/// The script's first line: "ready ADDRESS".
bool is_ready(int descriptor) {
  std::string line;
  for (char c = 0; line.find('\n') == std::string::npos && ::read(descriptor, &c, 1) == 1;) line += c;
  return line.starts_with("ready ");
}

}  // namespace

ScriptedGround::~ScriptedGround() {
  for (auto& [name, copy] : copies_) stop_process(copy.child.id, 30'000);
}

Result<std::string> ScriptedGround::ask(std::vector<std::string> words) {
  words.insert(words.begin(), settings_.script);
  const auto done = run({.argv = std::move(words)}, ask_timeout_ms);
  if (!done) return fail(done.error());
  if (done->exit_status != 0) return fail(Code::process_failed, "{}", done->err);
  return done->out;
}

Result<std::vector<RdsSnapshot>> ScriptedGround::snapshots() {
  std::vector<RdsSnapshot> out;
  if (settings_.script.empty()) return out;
  const auto text = ask({"info", settings_.folder});
  if (!text) return fail(text.error());
  const auto info = parse_json(*text);
  if (!info) return fail(info.error());
  for (const auto& backup : info->as_array().at(0).at("backup").as_array())
    out.push_back({boost::json::value_to<std::string>(backup.at("label")),
                   Time{(backup.at("timestamp").at("stop").to_number<std::int64_t>() + 1) * 1'000'000}});
  return out;
}

Result<Time> ScriptedGround::latest(const std::string& instance) {
  if (settings_.script.empty()) return Time();
  {
    const std::lock_guard lock(mutex_);
    if (const Latest& known = latest_[instance]; wall_clock() < known.answered_at.plus_ms(latest_holds_ms)) return known.until;
  }
  const auto seconds = ask({"latest", settings_.folder, std::to_string(port_of(instance))});
  if (!seconds) return fail(seconds.error());
  const Time until{std::atoll(seconds->c_str()) * 1'000'000};
  const std::lock_guard lock(mutex_);
  latest_[instance] = {wall_clock(), until};
  return until;
}

Result<RdsSnapshot> ScriptedGround::back_up(const std::string& instance) {
  if (instance != settings_.instance) return fail(Code::backup_failed, "only {} can be backed up", settings_.instance);
  if (const auto made = ask({"backup", settings_.folder}); !made) return fail(made.error());
  auto all = snapshots();
  if (!all) return fail(std::move(all.error()));
  return all->back();
}

int ScriptedGround::port_of(const std::string& instance) {
  const std::lock_guard lock(mutex_);
  const auto copy = copies_.find(instance);
  return copy == copies_.end() ? settings_.port : copy->second.port;
}

Status ScriptedGround::begin(const std::string& instance, int port, std::vector<std::string> words) {
  words.insert(words.begin(), settings_.script);
  auto child = start({.argv = std::move(words),
                      .stderr_path = settings_.copies + "/" + instance + ".log",
                      .die_with_parent = true,
                      .pipe_stdout = true});
  if (!child) return fail(std::move(child.error()));
  const std::lock_guard lock(mutex_);
  copies_[instance] = {*child, port};
  return {};
}

Status ScriptedGround::restore(const std::string& instance, const std::string& source, Time until) {
  const int port = free_port();
  return begin(instance, port,
               {"copy", settings_.folder, settings_.copies + "/" + instance, std::to_string(port),
                std::to_string(until.us / 1'000'000), std::to_string(port_of(source))});
}

Status ScriptedGround::restart(const std::string& instance) {
  if (instance == settings_.instance) return {};
  const int port = port_of(instance);
  {
    const std::lock_guard lock(mutex_);
    stop_process(copies_.at(instance).child.id, 30'000);
  }
  return begin(instance, port, {"again", settings_.folder, settings_.copies + "/" + instance, std::to_string(port)});
}

Result<RdsGround::Endpoint> ScriptedGround::await(const std::string& instance) {
  if (instance == settings_.instance) return Endpoint{"127.0.0.1", settings_.port};
  Copy copy;
  {
    const std::lock_guard lock(mutex_);
    copy = copies_.at(instance);
  }
  const bool ready = is_ready(copy.child.stdout_fd);
  ::close(copy.child.stdout_fd);
  if (ready) return Endpoint{"127.0.0.1", copy.port};
  stop_process(copy.child.id, 5'000);
  return fail(Code::restore_failed, "{}", read_file(settings_.copies + "/" + instance + ".log").value_or(""));
}

void ScriptedGround::remove(const std::string& instance) {
  const std::lock_guard lock(mutex_);
  const auto copy = copies_.find(instance);
  if (copy == copies_.end()) return;
  stop_process(copy->second.child.id, 30'000);
  static_cast<void>(remove_tree(settings_.copies + "/" + instance));
  copies_.erase(copy), latest_.erase(instance);
}

}  // namespace backstitch::standin
