#include "cli/verbs/up_down.h"

#include <boost/json.hpp>
#include <chrono>
#include <filesystem>
#include <thread>

#include "api/open_stores.h"
#include "api/open_workers.h"
#include "base/files.h"
#include "base/json.h"
#include "base/net/http_client.h"
#include "base/process.h"
#include "base/time.h"
#include "cli/client.h"
#include "cli/offline.h"
#include "cli/output.h"
#include "cli/requests.h"
#include "stores/database/private/folders.h"
#include "stores/database/private/server.h"

namespace backstitch::cli {
namespace {

using boost::json::object;

constexpr std::int64_t start_wait_default_ms = 600'000, stop_grace_default_ms = 120'000, progress_every_ms = 5'000,
                       worker_grace_ms = 10'000;
constexpr auto poll = std::chrono::milliseconds(50);

std::string pid_file(const std::string& data) { return data + "/run/serve.pid"; }
std::string log_file(const std::string& data) { return data + "/log/serve.log"; }

/// setsid: it must outlive our terminal and its hang-up.
Result<Child> start_serve(const Invocation& invocation, const std::string& data) {
  BS_TRY(make_folders(data + "/log"));
  Command command;
  command.argv = {"setsid", own_executable(), "serve", "--data", data};
  for (const char* option : {"--config", "--port-base"})
    if (invocation.has(option)) command.argv.insert(command.argv.end(), {option, invocation.option(option)});
  command.stdout_path = log_file(data);
  return start(command);
}

/// The addresses, once the process `pid` has written them; those that another life left behind do not count.
std::optional<Endpoints> endpoints_of(const std::string& data, int pid) {
  const auto text = read_file(data + "/run/endpoints.json");
  const auto parsed = text ? parse_json(*text) : Result<boost::json::value>(fail(text.error()));
  if (!parsed || text_of(*parsed, "pid") != std::to_string(pid)) return std::nullopt;
  const auto endpoints = read_endpoints(data);
  return endpoints ? std::optional(*endpoints) : std::nullopt;
}

bool is_ready(HttpClient& http, const Endpoints& endpoints) {
  return http.call({.url = endpoints.metrics + "/ready", .timeout_ms = 2'000}).ok();
}

/// Its last words, and the exit status that it ended with, as an error.
Error ended_badly(const std::string& data, std::size_t log_start, int exit_status) {
  const std::string log = read_file(log_file(data)).value_or("").substr(log_start);
  for (const ErrorInfo& known : all_errors()) {
    const Code code = static_cast<Code>(known.number);
    const std::string head = fmt::format("{} {}: ", code_text(code), known.title);
    const auto at = log.rfind(head);
    if (at != std::string::npos) return {code, log.substr(at + head.size(), log.find('\n', at) - at - head.size()), {}};
  }
  return {Code::process_failed,
          fmt::format("the platform ended with status {}: {}", exit_status, log.substr(log.size() > 500 ? log.size() - 500 : 0)),
          {}};
}

class Start {
 public:
  Start(const Invocation& invocation, std::string data, std::size_t log_start)
      : invocation_(invocation), data_(std::move(data)), log_start_(log_start) {}

  Result<Endpoints> await(ProcessId process) {
    const std::int64_t begin_ms = monotonic_ms(),
                       end_ms = begin_ms + (invocation_.wait_ms < 0 ? start_wait_default_ms : invocation_.wait_ms);
    std::int64_t next_word_ms = begin_ms + progress_every_ms;
    while (monotonic_ms() < end_ms) {
      const auto endpoints = endpoints_of(data_, process.pid);
      if (endpoints && is_ready(http_, *endpoints)) return *endpoints;
      if (const int status = reap(process.pid); status >= 0) return fail(ended_badly(data_, log_start_, status));
      if (monotonic_ms() >= next_word_ms) {
        say(invocation_, fmt::format("starting, {} s", (monotonic_ms() - begin_ms) / 1000));
        next_word_ms += progress_every_ms;
      }
      std::this_thread::sleep_for(poll);
    }
    return fail(Code::timed_out, "process {} is not ready after {}; its log is {}", process.pid, duration_text(end_ms - begin_ms),
                log_file(data_));
  }

 private:
  const Invocation& invocation_;
  std::string data_;
  std::size_t log_start_;
  HttpClient http_;
};

Answer up_answer(const Invocation& invocation, const std::string& data, const Endpoints& endpoints, int pid) {
  Answer answer{.schema = "up/1"};
  answer.data = write_json(object{
      {"data", data}, {"pid", pid}, {"api", endpoints.api}, {"metrics", endpoints.metrics}, {"workers", endpoints.workers}});
  const std::string flag = invocation.data_given || invocation.has("--config") ? " --data " + data : "",
                    program = own_executable();
  answer.text = fmt::format(
      "API      {}/api/v1\nmetrics  {}/metrics\nworkers  {}\ndata     {}\n\ntry:\n  {} catalog import catalogs/mini{}\n  {} "
      "stores{}\n  {} status{}\n",
      endpoints.api, endpoints.metrics, endpoints.workers, data, program, flag, program, flag, program, flag);
  return answer;
}

/// What a person should know about where things lie.
std::vector<std::string> notices_of(const Config& config) {
  std::vector<std::string> notices;
  std::error_code none;
  if (const auto target = std::filesystem::read_symlink(config.data + "/pg", none); !none)
    notices.push_back(fmt::format("the user postgres cannot reach {}; the cluster lies in {}", config.data, target.string()));
  for (const std::string& warning : queue_warnings(config)) notices.push_back("queue: " + warning);
  if (config.safe_folder.empty() && config.safe_adapter == "files")
    notices.emplace_back(
        "the safe lies on the disk of the database: one disk is one blast radius; safe.folder names another place");
  return notices;
}

/// What a killed platform leaves running: workers outlive it by design, PostgreSQL because it is a process of its own.
Status stop_what_is_left(const Config& config, bool purging, std::vector<std::string>& notices) {
  Status left;
  const Status looked = end_workers(config, worker_grace_ms, [&](const std::string& name, const Status& ended) {
    if (ended) notices.push_back("worker " + name + " was left running; ended");
    if (!ended && left) left = ended;
  });
  BS_TRY(left);
  const bool theirs = !looked && looked.error().code == Code::already_running;
  // What is not known to be gone may not be forgotten: only the safe says what it is called there.
  if (!looked && !theirs && (purging || !workers_may_be_out_of_reach(config))) return looked;
  if (theirs) notices.push_back("workers stay: " + looked.error().detail);
  if (!looked && !theirs) notices.push_back("workers may be left running, `down` once more ends them: " + looked.error().text());
  if (!file_exists(config.data + "/pg")) return {};
  const auto folders = database::make_cluster_folders(config.data, config.safe());
  if (!folders) return fail(folders.error());
  if (database::postmaster_of(folders->newest_epoch()) == 0) return {};
  notices.emplace_back("PostgreSQL was left running; stopped");
  return database::stop_server(folders->newest_epoch(), "fast");
}

/// What lies in servers that others look after is theirs to remove: a bucket or a broker may serve more than us.
std::vector<std::string> kept_elsewhere(const Config& config) {
  std::vector<std::string> notices;
  const auto stays = [&](const std::string& what) {
    notices.push_back(what + " stays; remove it there, or give the next instance another name");
  };
  if (config.queue_adapter == "kafka") stays("what lies in topics of " + config.queue_brokers);
  if (config.objects_adapter == "s3") stays("what lies in bucket " + config.objects_bucket);
  if (config.safe_adapter == "s3") stays("the safe in bucket " + config.safe_bucket);
  return notices;
}

Status purge(const Config& config) {
  const auto folders = database::make_cluster_folders(config.data, config.safe());
  if (!folders) return fail(folders.error());
  BS_TRY(database::remove_outside_folders(*folders));
  return remove_tree(config.data);
}

}  // namespace

Result<Answer> up(const Invocation& invocation) {
  const auto config = config_of(invocation);
  if (!config) return fail(config.error());
  const std::string& data = config->data;
  if (const auto running = read_pid_file(pid_file(data)); running && alive(*running))
    return fail(Code::already_running, "{} by process {}", data, running->pid);
  if (invocation.dry_run) return Answer{.schema = "dry-run/1", .text = fmt::format("would start the platform on {}\n", data)};
  const std::size_t log_start = read_file(log_file(data)).value_or("").size();
  const auto child = start_serve(invocation, data);
  if (!child) return fail(child.error());
  say(invocation, fmt::format("starting on {}, log {}", data, log_file(data)));
  const auto endpoints = Start(invocation, data, log_start).await(child->id);
  if (!endpoints) return fail(endpoints.error());
  Answer answer = up_answer(invocation, data, *endpoints, child->id.pid);
  answer.notices = notices_of(*config);
  return answer;
}

Result<Answer> down(const Invocation& invocation) {
  const auto config = config_of(invocation);
  if (!config) return fail(config.error());
  const std::string& data = config->data;
  if (!file_exists(data + "/VERSION")) return fail(Code::not_running, "{} is no data folder", data);
  const bool purging = invocation.has("--purge");
  if (invocation.dry_run)
    return Answer{.schema = "dry-run/1",
                  .text = fmt::format("would stop the platform on {}{}\n", data, purging ? " and remove it" : "")};
  if (purging)
    BS_TRY(confirm(invocation, fmt::format("{} is removed with every order, the log, the safe and its backups.", data)));
  Answer answer{.schema = "down/1"};
  const auto running = read_pid_file(pid_file(data));
  if (running && alive(*running)) {
    say(invocation, fmt::format("stopping process {}", running->pid));
    stop_process(*running, invocation.wait_ms < 0 ? stop_grace_default_ms : invocation.wait_ms);
  }
  {
    // the lock: nobody may start a platform between the stop and the removal
    const auto lock = FolderLock::take(data + "/LOCK");
    if (!lock) return fail(lock.error());
    BS_TRY(stop_what_is_left(*config, purging, answer.notices));
    if (purging) BS_TRY(purge(*config));
  }
  if (purging)
    for (std::string& notice : kept_elsewhere(*config)) answer.notices.push_back(std::move(notice));
  if (!purging && !running && answer.notices.empty()) return fail(Code::not_running, "nothing runs on {}", data);
  answer.data = write_json(object{{"data", data}, {"purged", purging}});
  answer.text = fmt::format("{} is {}\n", data, purging ? "removed" : "down");
  return answer;
}

}  // namespace backstitch::cli
