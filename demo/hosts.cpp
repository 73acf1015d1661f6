#include "demo/hosts.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cerrno>
#include <cstring>

#include "base/files.h"
#include "base/json.h"
#include "demo/interrupt.h"
#include "demo/stand_in.h"

namespace backstitch::demo {
namespace {

constexpr std::int64_t look_every_ms = 20, status_ms_max = 60'000, stop_grace_ms = 5'000;
constexpr std::size_t words_kept = 400;

std::string programs() {
  const std::string own = own_executable();
  return own.substr(0, own.rfind('/'));
}

std::string last_words(const std::string& text) { return text.substr(text.size() - std::min(text.size(), words_kept)); }

/// What has come, for a moment waiting for more. Daemons that a script leaves behind do not hold its pipe.
void take_words(int fd, std::string& words) {
  pollfd entry{fd, POLLIN, 0};
  char bytes[4096];
  if (::poll(&entry, 1, static_cast<int>(look_every_ms)) <= 0) return;
  const ssize_t got = ::read(fd, bytes, sizeof bytes);
  if (got > 0) words.append(bytes, static_cast<std::size_t>(got));
  if (got == 0) ::poll(nullptr, 0, static_cast<int>(look_every_ms));  // it has ended, or is about to
}

}  // namespace

Hosts::Hosts(const Options& options, std::string folder, Voice& voice)
    : script_(options.scripts + "/cluster.sh"), folder_(std::move(folder)), voice_(voice) {}

Hosts::~Hosts() {
  if (!down_) down();
}

Result<std::unique_ptr<Hosts>> Hosts::make(const Options& options, const std::string& folder, Voice& voice) {
  std::unique_ptr<Hosts> hosts(new Hosts(options, folder, voice));
  BS_TRY(hosts->begin_guard(options.keep));
  BS_TRY(hosts->verb({"up", "--database", first, "--outside", "none"}));
  BS_TRY(hosts->enter());
  return hosts;
}

// It waits for our word, in a session of its own, outside: who kills us -9 does not leave three hosts behind.
Status Hosts::begin_guard(bool keep) {
  constexpr const char* wait =
      R"(read -r word || { "$0" down --folder "$1" --programs "$2" --keep; [ -n "$3" ] || rm -rf "$1"; })";
  auto child =
      start({.argv = {"setsid", "bash", "-c", wait, script_, folder_, programs(), keep ? "keep" : ""}, .pipe_stdin = true});
  if (!child) return fail(std::move(child.error()));
  guard_ = *child;
  return {};
}

void Hosts::end_guard() {
  if (guard_.id.pid == 0) return;
  [[maybe_unused]] const ssize_t said = ::write(guard_.stdin_fd, "over\n", 5);
  ::close(guard_.stdin_fd);
  while (reap(guard_.id.pid) < 0) ::poll(nullptr, 0, static_cast<int>(look_every_ms));
  guard_ = {};
}

Status Hosts::enter() const {
  const auto ended = run({.argv = {script_, "status", "--json", "--folder", folder_, "--programs", programs()}}, status_ms_max);
  if (!ended) return fail(ended.error());
  const auto document = parse_json(ended->out);
  const auto* data = document && document->is_object() ? document->get_object().if_contains("data") : nullptr;
  const auto* network = data && data->is_object() ? data->get_object().if_contains("network") : nullptr;
  if (!network || !network->is_string()) return fail(Code::process_failed, "{} status: {}", script_, ended->err);
  const std::string place = "/run/netns/" + std::string(network->get_string()) + "-stores";
  const int fd = ::open(place.c_str(), O_RDONLY | O_CLOEXEC);
  const bool inside = fd >= 0 && ::setns(fd, CLONE_NEWNET) == 0;
  const int reason = errno;
  if (fd >= 0) ::close(fd);
  return inside ? Status() : fail(Code::process_failed, "{}: {}", place, std::strerror(reason));
}

Status Hosts::verb(std::vector<std::string> words) { return run_verb(std::move(words), false); }

Status Hosts::down() {
  const Status gone = run_verb({"down", "--keep"}, true);
  end_guard();
  down_ = true;
  return gone;
}

// In a session of its own: Ctrl-C is for us, and a verb is given up whole, with what it waits for.
Status Hosts::run_verb(std::vector<std::string> words, bool whatever_comes) {
  const std::string what = "cluster.sh " + words[0];
  words.insert(words.begin(), {"setsid", script_});
  words.insert(words.end(), {"--folder", folder_, "--programs", programs()});
  const auto child = start({.argv = std::move(words), .pipe_stdout = true});
  if (!child) return fail(child.error());
  std::string said;
  std::size_t told = 0;
  int status = -1;
  while ((status = reap(child->id.pid)) < 0) {
    take_words(child->stdout_fd, said);
    for (std::size_t end; (end = said.find('\n', told)) != std::string::npos; told = end + 1)
      voice_.say(said.substr(told, end - told));
    if (!interrupted() || whatever_comes) continue;
    ::kill(-child->id.pid, SIGTERM);
    stop_process(child->id, stop_grace_ms);
    ::close(child->stdout_fd);
    return fail(Code::process_failed, "{} was interrupted", what);
  }
  take_words(child->stdout_fd, said);
  ::close(child->stdout_fd);
  return status == 0 ? Status() : fail(Code::process_failed, "{} ends with {}: {}", what, status, last_words(said));
}

std::vector<std::string> Hosts::on(const std::string& host) const {
  return {script_, "exec", "--folder", folder_, "--programs", programs(), host};
}

}  // namespace backstitch::demo
