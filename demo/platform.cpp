#include "demo/platform.h"

#include <boost/json.hpp>
#include <cstdlib>
#include <future>

#include "base/files.h"
#include "base/json.h"
#include "demo/interrupt.h"
#include "demo/stand_in.h"

namespace backstitch::demo {
namespace {

constexpr std::int64_t up_timeout_ms = 120'000, down_timeout_ms = 120'000;
constexpr std::size_t at_once = 32;
constexpr std::int64_t again_after_ms = 250;

std::string last_words(const Finished& finished) {
  const std::string& words = finished.err.empty() ? finished.out : finished.err;
  return words.substr(words.size() > 500 ? words.size() - 500 : 0);
}

boost::json::value parsed_or_null(const HttpAnswer& answer) {
  if (!answer.ok()) return nullptr;
  auto value = parse_json(answer.body);
  return value ? std::move(*value) : boost::json::value(nullptr);
}

}  // namespace

Result<Finished> run_backstitch(const std::vector<std::string>& words, std::int64_t timeout_ms,
                                const std::vector<std::string>& before) {
  Command command;
  command.argv = before;
  command.argv.push_back(program_path("backstitch"));
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  return run(command, timeout_ms);
}

Status Platform::up() {
  const auto ended = run_backstitch({"--data", data_, "--quiet", "up", "--port-base", std::to_string(port_base_)}, up_timeout_ms);
  if (!ended) return fail(ended.error());
  if (ended->exit_status != 0)
    return fail(Code::process_failed, "backstitch up ends with {}: {}", ended->exit_status, last_words(*ended));
  return {};
}

Status Platform::down(bool purge) {
  if (!file_exists(data_ + "/VERSION")) return {};
  std::vector<std::string> words = {"--data", data_, "--quiet", "down"};
  if (purge) words.insert(words.end(), {"--purge", "--yes"});
  const auto ended = run_backstitch(words, down_timeout_ms);
  if (!ended) return fail(ended.error());
  const bool nothing_ran = ended->exit_status == info(Code::not_running).exit_status;
  if (ended->exit_status != 0 && !nothing_ran)
    return fail(Code::process_failed, "backstitch down ends with {}: {}", ended->exit_status, last_words(*ended));
  return {};
}

Result<boost::json::object> Platform::command(std::vector<std::string> words, std::int64_t timeout_ms) {
  const std::string name = words.empty() ? "" : words.front();
  words.insert(words.begin(), {"--data", data_, "--json"});
  const auto ended = run_backstitch(words, timeout_ms, place_.before);
  if (!ended) return fail(ended.error());
  auto document = parse_json(ended->out);
  if (ended->exit_status > 1 || !document || !document->is_object())
    return fail(Code::process_failed, "backstitch {} ends with {}: {} {}", name, ended->exit_status, ended->out.substr(0, 300),
                last_words(*ended));
  return std::move(document->get_object());
}

std::string Platform::endpoint(const char* name, const std::string& data) const {
  const auto text = read_file(data + "/run/endpoints.json");
  const auto document = text ? parse_json(*text) : Result<boost::json::value>(boost::json::value(nullptr));
  if (!document || !document->is_object()) return {};
  const auto* value = document->get_object().if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::string Platform::database_connection() const { return endpoint("postgres", data_); }
std::string Platform::api() const { return endpoint("api", data_); }
std::vector<std::string> Platform::other_apis() const {
  std::vector<std::string> apis;
  for (const std::string& data : place_.others) apis.push_back(endpoint("api", data));
  return apis;
}

Result<boost::json::value> Platform::get(const std::string& path, int attempts_max) {
  Result<boost::json::value> answer = fail(Code::unreachable, "GET {}: nobody was asked", path);
  for (int attempt = 0; attempt < attempts_max; ++attempt) {
    if (attempt > 0 && !rest(again_after_ms)) break;
    answer = get_json(http_, api() + "/api/v1" + path);
    if (answer) break;
  }
  return answer;
}

Result<boost::json::array> Platform::list(const std::string& path) {
  boost::json::array all;
  std::string cursor;
  do {
    const std::string more = cursor.empty() ? "" : "&cursor=" + cursor;
    auto page = get(path + (path.find('?') == std::string::npos ? "?" : "&") + "limit=1000" + more);
    if (!page) return fail(std::move(page.error()));
    auto* items = page->is_object() ? page->get_object().if_contains("items") : nullptr;
    if (!items || !items->is_array()) return fail(Code::json_invalid, "GET {}: no items in the answer", path);
    for (auto& item : items->get_array()) all.push_back(std::move(item));
    const auto* next = page->get_object().if_contains("next");
    cursor = next && next->is_string() ? std::string(next->get_string()) : std::string();
  } while (!cursor.empty());
  return all;
}

std::vector<boost::json::value> Platform::get_all(const std::vector<std::string>& paths) {
  const std::string base = api() + "/api/v1";
  std::vector<boost::json::value> answers(paths.size());
  for (std::size_t begin = 0; begin < paths.size(); begin += at_once) {
    std::vector<std::promise<HttpAnswer>> arrivals(std::min(at_once, paths.size() - begin));
    for (std::size_t i = 0; i < arrivals.size(); ++i)
      http_.call_async({.url = base + paths[begin + i]},
                       [&arrivals, i](HttpAnswer answer) { arrivals[i].set_value(std::move(answer)); });
    for (std::size_t i = 0; i < arrivals.size(); ++i) answers[begin + i] = parsed_or_null(arrivals[i].get_future().get());
  }
  return answers;
}

std::optional<ProcessId> Platform::serve() const { return read_pid_file(data_ + "/run/serve.pid"); }

std::vector<ProcessId> workers_in(const std::string& data) {
  std::vector<ProcessId> found;
  for (const std::string& file : list_folder(data + "/run"))
    if (file.starts_with("worker-") && file.ends_with(".pid"))
      if (const auto id = read_pid_file(data + "/run/" + file)) found.push_back(*id);
  return found;
}

std::vector<ProcessId> Platform::workers() const {
  std::vector<ProcessId> found = workers_in(data_);
  for (const std::string& data : place_.others)
    for (const ProcessId worker : workers_in(data)) found.push_back(worker);
  return found;
}

std::optional<ProcessId> Platform::postmaster() const {
  const auto epochs = list_folder(data_ + "/pg");
  for (auto epoch = epochs.rbegin(); epoch != epochs.rend(); ++epoch) {
    if (!epoch->starts_with("e")) continue;
    const auto text = read_file(data_ + "/pg/" + *epoch + "/postmaster.pid");
    return text ? identify(std::atoi(text->c_str())) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace backstitch::demo
