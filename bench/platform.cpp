#include "bench/platform.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/json.h"
#include "base/time.h"

namespace backstitch::bench {
namespace json = boost::json;
namespace {

HttpAnswer call(HttpClient& client, const std::string& method, const std::string& url, std::string body = {}) {
  HttpCall request;
  request.method = method, request.url = url, request.body = std::move(body), request.timeout_ms = 60'000;
  return client.call(request);
}

json::value get(HttpClient& client, const std::string& url) {
  auto document = parse_json(call(client, "GET", url).body);
  return document ? *document : json::value(nullptr);
}

std::string order_json(const std::string& product, const std::string& prefix, int number) {
  return fmt::format(R"({{"source":"bench","sourceOrderId":"{3}{2}-{0:08}","version":1,"accountId":"A-{0}","requestedAt":"{1}",)"
                     R"("items":[{{"lineId":"1","product":"{2}","action":"Add","attributes":{{}}}}]}})",
                     number, rfc3339(wall_clock()), product, prefix);
}

Platform running;  // what die() ends: nothing stays behind

void stop(const Platform& platform) {
  if (platform.folder.empty()) return;
  static_cast<void>(run({.argv = {platform.binary, "--data", platform.data(), "down", "--yes"}}, 60'000));
  if (platform.serve.pid > 0) stop_process(platform.serve, 30'000);
  if (platform.standin.pid > 0) stop_process(platform.standin, 5'000);
}

}  // namespace

void die(const std::string& why) {
  const std::string program = own_executable();
  std::fprintf(stderr, "%s: %s\n", program.substr(program.rfind('/') + 1).c_str(), why.c_str());
  stop(std::exchange(running, {}));
  std::exit(1);
}

Options parse(int count, char** words) {
  Options options;
  std::map<std::string, std::string*> texts = {
      {"--binary", &options.binary}, {"--standin", &options.standin}, {"--catalog", &options.catalog}};
  std::map<std::string, int*> numbers = {
      {"--orders", &options.orders}, {"--batch", &options.batch}, {"--connections", &options.connections}};
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    if (i + 1 < count && texts.contains(word))
      *texts[word] = words[++i];
    else if (i + 1 < count && numbers.contains(word))
      *numbers[word] = std::atoi(words[++i]);
    else
      die("unknown word " + word);
  }
  const std::string beside = own_executable().substr(0, own_executable().rfind('/') + 1);
  if (options.binary.empty()) options.binary = beside + "backstitch";
  if (options.standin.empty()) options.standin = beside + "standin-system";
  return options;
}

Platform start_platform(const Options& options) {
  Platform platform;
  char scratch[] = "/tmp/backstitch-bench-XXXXXX";
  platform.folder = ::mkdtemp(scratch), platform.binary = options.binary;
  running = platform;
  std::string systems = "{}";
  {
    Command command;
    command.argv = {options.standin, "--port", "0", "--data", platform.folder + "/system", "--seed", "1"};
    command.stdout_path = platform.folder + "/system.log";
    auto child = start(command);
    if (!child) die(child.error().text());
    platform.standin = running.standin = child->id;
    for (int tries = 0; tries < 100 && systems == "{}"; ++tries) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      auto line = read_file(command.stdout_path);
      auto ready = line ? parse_json(line->substr(0, line->find('\n'))) : Result<json::value>(json::value(nullptr));
      if (ready && ready->is_object())
        systems = fmt::format("{{\"standin:keyed\": \"http://127.0.0.1:{}/keyed\"}}", ready->at("port").as_int64());
    }
  }
  (void)make_folders(platform.folder + "/data");
  (void)write_file_durably(
      platform.folder + "/data/backstitch.yaml",
      "workers: {lanes: {default: {count: 1, concurrency: 512}}}\nsystems: " + systems + "\n" + options.more);
  Command command;
  command.argv = {options.binary, "serve", "--data", platform.folder + "/data", "--port-base", "0"};
  command.stdout_path = platform.folder + "/serve.log";
  auto child = start(command);
  if (!child) die(child.error().text());
  platform.serve = running.serve = child->id;
  await_ready(platform);
  return platform;
}

void await_ready(Platform& platform) {
  HttpClient client;
  for (int tries = 0; tries < 600; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    auto endpoints = read_file(platform.folder + "/data/run/endpoints.json");
    auto document = endpoints ? parse_json(*endpoints) : Result<json::value>(json::value(nullptr));
    if (!document || !document->is_object()) continue;
    platform.api = std::string(document->at("api").as_string()),
    platform.postgres = std::string(document->at("postgres").as_string());
    const json::value status = get(client, platform.api + "/api/v1/status");
    if (status.is_object() && status.at("ready").as_bool() && !status.at("workers").as_array().empty()) return;
  }
  die("the platform did not start: " + platform.folder + "/serve.log");
}

std::string sql(const Platform& platform, const std::string& text) {
  Command command;
  command.argv = {"psql", "-qAtX", "-d", platform.postgres, "-c", text};
  auto done = run(command, 600'000);
  if (!done || done->exit_status != 0) die("psql: " + (done ? done->err : done.error().text()));
  return done->out.substr(0, done->out.find('\n'));
}

void load_catalog(const Platform& platform, const Options& options) {
  HttpClient client;
  auto content = read_file(options.catalog);
  if (!content) die(content.error().text());
  auto stored = parse_json(call(client, "POST", platform.api + "/api/v1/catalog/versions", *content).body);
  if (!stored || !stored->is_object() || !stored->get_object().contains("digest")) die("the catalog was not taken");
  (void)call(client, "POST",
             platform.api + "/api/v1/catalog/versions/" + std::string(stored->at("digest").as_string()) + "/activate?wait=5s");
}

void submit_all(const Platform& platform, const Options& options, const std::string& product, const std::string& prefix,
                int count) {
  std::atomic<int> next{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < options.connections; ++thread)
    threads.emplace_back([&] {
      HttpClient client;
      for (int first = next.fetch_add(options.batch); first < count; first = next.fetch_add(options.batch)) {
        std::string body = options.batch > 1 ? "{\"orders\":[" : "";
        for (int i = first; i < std::min(first + options.batch, count); ++i)
          body += (i > first ? "," : "") + order_json(product, prefix, i);
        const HttpAnswer answer = call(client, "POST", platform.api + "/api/v1/orders", body + (options.batch > 1 ? "]}" : ""));
        if (answer.status != 207 && answer.status != 202) die("an order was not taken: " + answer.body);
      }
    });
  for (std::thread& thread : threads) thread.join();
}

void await_activated(const Platform& platform, int count) {
  HttpClient client;
  for (int tries = 0; tries < 60'000; ++tries) {
    const json::value status = get(client, platform.api + "/api/v1/status");
    if (status.is_object() && status.at("openOrders").to_number<int>() == 0 && status.at("backlog").to_number<int>() == 0) {
      const json::value& orders = status.at("counts").at("orders");
      const json::value* activated = orders.as_object().if_contains("Activated");
      if (activated && activated->to_number<int>() == count) return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  die("not all orders were activated; see " + platform.folder);
}

void stop_platform(const Platform& platform) {
  stop(platform), running = {};
  (void)remove_tree(platform.folder);
}

}  // namespace backstitch::bench
