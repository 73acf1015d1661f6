// How many orders a second, at what CPU, beside a bare item table of PostgreSQL in the same run.
//
//   orders_bench [--orders 2000] [--batch 50] [--connections 8] [--binary BACKSTITCH] [--standin STANDIN-SYSTEM] [--catalog FILE]
//
// Two figures: six auto tasks in sequence, and six HTTP callouts in sequence to the stand-in system.
// The platform runs as users run it: own process, worker processes, private PostgreSQL with fsync on; this client submits over
// HTTP on the same machine. An order is six items in sequence, each through tasks, mark, answer and completer.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "base/files.h"
#include "base/json.h"
#include "base/net/http_client.h"
#include "base/process.h"
#include "base/time.h"

using namespace backstitch;
namespace json = boost::json;

namespace {

struct Options {
  std::string binary, standin, catalog = "catalogs/bench/catalog.json";
  int orders = 2000, batch = 50, connections = 8;
};

[[noreturn]] void die(const std::string& why) {
  std::fprintf(stderr, "orders_bench: %s\n", why.c_str());
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

HttpAnswer call(HttpClient& client, const std::string& method, const std::string& url, std::string body = {}) {
  HttpCall request;
  request.method = method, request.url = url, request.body = std::move(body), request.timeout_ms = 60'000;
  return client.call(request);
}

json::value get(HttpClient& client, const std::string& url) {
  auto document = parse_json(call(client, "GET", url).body);
  return document ? *document : json::value(nullptr);
}

/// CPU of every process that `counts` wants, in ms.
template <class Wanted>
std::int64_t cpu_where(Wanted wanted) {
  std::int64_t total = 0;
  for (const std::string& entry : list_folder("/proc")) {
    if (entry.empty() || !std::isdigit(static_cast<unsigned char>(entry[0]))) continue;
    auto line = read_file("/proc/" + entry + "/cmdline");
    auto stat = read_file("/proc/" + entry + "/stat");
    if (!line || !stat || stat->rfind(')') == std::string::npos) continue;
    std::replace(line->begin(), line->end(), '\0', ' ');
    const int parent = std::atoi(stat->c_str() + stat->rfind(')') + 4);
    if (!wanted(std::atoi(entry.c_str()), parent, *line)) continue;
    if (const auto id = identify(std::atoi(entry.c_str()))) total += cpu_ms(*id);
  }
  return total;
}

struct Platform {
  std::string folder, api, postgres;
  ProcessId serve, standin;
};

Platform start_platform(const Options& options) {
  Platform platform;
  char scratch[] = "/tmp/backstitch-bench-XXXXXX";
  platform.folder = ::mkdtemp(scratch);
  std::string systems = "{}";
  {
    Command command;
    command.argv = {options.standin, "--port", "0", "--data", platform.folder + "/system", "--seed", "1"};
    command.stdout_path = platform.folder + "/system.log";
    auto child = start(command);
    if (!child) die(child.error().text());
    platform.standin = child->id;
    for (int tries = 0; tries < 100 && systems == "{}"; ++tries) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      auto line = read_file(command.stdout_path);
      auto ready = line ? parse_json(line->substr(0, line->find('\n'))) : Result<json::value>(json::value(nullptr));
      if (ready && ready->is_object())
        systems = fmt::format("{{\"standin:keyed\": \"http://127.0.0.1:{}/keyed\"}}", ready->at("port").as_int64());
    }
  }
  (void)make_folders(platform.folder + "/data");
  (void)write_file_durably(platform.folder + "/data/backstitch.yaml",
                           "workers: {lanes: {default: {count: 1, concurrency: 512}}}\nsystems: " + systems + "\n");
  Command command;
  command.argv = {options.binary, "serve", "--data", platform.folder + "/data", "--port-base", "0"};
  command.stdout_path = platform.folder + "/serve.log";
  auto child = start(command);
  if (!child) die(child.error().text());
  platform.serve = child->id;
  HttpClient client;
  for (int tries = 0; tries < 600; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    auto endpoints = read_file(platform.folder + "/data/run/endpoints.json");
    auto document = endpoints ? parse_json(*endpoints) : Result<json::value>(json::value(nullptr));
    if (!document || !document->is_object()) continue;
    platform.api = std::string(document->at("api").as_string()),
    platform.postgres = std::string(document->at("postgres").as_string());
    const json::value status = get(client, platform.api + "/api/v1/status");
    if (status.is_object() && status.at("ready").as_bool() && !status.at("workers").as_array().empty()) return platform;
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

std::string order_json(const std::string& product, int number) {
  return fmt::format(
      R"({{"source":"bench","sourceOrderId":"{2}-{0:08}","version":1,"accountId":"A-{0}","requestedAt":"{1}","items":[{{"lineId":"1","product":"{2}","action":"Add","attributes":{{}}}}]}})",
      number, rfc3339(wall_clock()), product);
}

void submit_all(const Platform& platform, const Options& options, const std::string& product) {
  std::atomic<int> next{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < options.connections; ++thread)
    threads.emplace_back([&] {
      HttpClient client;
      for (int first = next.fetch_add(options.batch); first < options.orders; first = next.fetch_add(options.batch)) {
        std::string body = options.batch > 1 ? "{\"orders\":[" : "";
        for (int i = first; i < std::min(first + options.batch, options.orders); ++i)
          body += (i > first ? "," : "") + order_json(product, i);
        const HttpAnswer answer = call(client, "POST", platform.api + "/api/v1/orders", body + (options.batch > 1 ? "]}" : ""));
        if (answer.status != 207 && answer.status != 202) die("an order was not taken: " + answer.body);
      }
    });
  for (std::thread& thread : threads) thread.join();
}

void await_activated(const Platform& platform, int count) {
  HttpClient client;
  for (int tries = 0; tries < 6000; ++tries) {
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

struct Cpu {
  std::int64_t serve = 0, workers = 0, postgres = 0, client = 0;
};
/// Of this run's own processes only: the machine may run other platforms.
Cpu cpu_now(const Platform& platform) {
  auto pid_file = read_file(platform.folder + "/data/pg/e0001/postmaster.pid");
  const int postmaster = pid_file ? std::atoi(pid_file->c_str()) : 0;
  return {cpu_ms(platform.serve), cpu_where([&](int, int, const std::string& line) {
            return line.find(" worker ") != std::string::npos && line.find(platform.folder) != std::string::npos;
          }),
          cpu_where([&](int pid, int parent, const std::string&) { return pid == postmaster || parent == postmaster; }),
          cpu_ms(self())};
}

/// Six items an order: inserted, then moved to done, `items` of them in one durable commit. Orders/s.
double bare_table(const Platform& platform, int items, int commits) {
  sql(platform, "create table if not exists bare_item(id bigint primary key, state text, at timestamptz) with (fillfactor=60)");
  sql(platform, "truncate bare_item");
  const std::string script = platform.folder + "/bare.sql";
  sql(platform, "create sequence if not exists bare_id cache 1000");
  (void)write_file_durably(
      script, fmt::format("with n as (insert into bare_item select nextval('bare_id'),'Running',now() from "
                          "generate_series(1,{0}) returning id) select count(*) from n;\n"
                          "update bare_item set state='Completed' where state='Running' and id > currval('bare_id') - {0};\n",
                          items));
  Command command;
  command.argv = {"sh", "-c",
                  fmt::format("PATH=$PATH:/usr/lib/postgresql/15/bin pgbench -n -c 2 -j 2 -t {} -f {} '{}' 2>&1", commits / 2,
                              script, platform.postgres)};
  auto done = run(command, 600'000);
  const auto at = done ? done->out.find("tps = ") : std::string::npos;
  if (at == std::string::npos) die("pgbench: " + (done ? done->out + done->err : done.error().text()));
  return std::atof(done->out.c_str() + at + 6) * items / 6.0;
}

double number_of(const Platform& platform, const std::string& query) { return std::atof(sql(platform, query).c_str()); }

void measure(const Platform& platform, const Options& options, const std::string& product, int activated_before, double bare50,
             double bare10) {
  const std::string commits = "select xact_commit from pg_stat_database where datname='postgres'",
                    turns = "select coalesce(sum(turn),0) from backstitch.position";
  const std::string wal_before = sql(platform, "select pg_current_wal_lsn()");
  const double commits_before = number_of(platform, commits), turns_before = number_of(platform, turns);
  const Cpu before = cpu_now(platform);
  const auto began = std::chrono::steady_clock::now();
  auto seconds_since = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(); };
  submit_all(platform, options, product);
  const double submitted_s = seconds_since();
  await_activated(platform, activated_before + options.orders);
  const double seconds = seconds_since(), orders = options.orders, rate = orders / seconds;
  const Cpu after = cpu_now(platform);
  const double wal = number_of(platform, "select pg_current_wal_lsn() - '" + wal_before + "'::pg_lsn");
  auto per_order = [&](std::int64_t ms) { return static_cast<double>(ms) / orders; };
  const double serve = per_order(after.serve - before.serve), workers = per_order(after.workers - before.workers),
               postgres = per_order(after.postgres - before.postgres);
  fmt::print("{}: {} orders, {} a request, {} connections\n", product, options.orders, options.batch, options.connections);
  fmt::print("  orders/s            {:.0f}  (submitted in {:.2f} s, all activated after {:.2f} s)\n", rate, submitted_s, seconds);
  fmt::print("  to the bare table   {:.2f} of 50 items a commit ({:.0f}/s), {:.2f} of 10 ({:.0f}/s)\n", rate / bare50, bare50,
             rate / bare10, bare10);
  fmt::print("  CPU ms/order        {:.3f} = platform {:.3f} + workers {:.3f} + PostgreSQL {:.3f}   (client {:.3f} beside)\n",
             serve + workers + postgres, serve, workers, postgres, per_order(after.client - before.client));
  fmt::print("  per order           {:.3f} commits, {:.3f} partition turns, {:.0f} WAL bytes\n",
             (number_of(platform, commits) - commits_before) / orders, (number_of(platform, turns) - turns_before) / orders,
             wal / orders);
}

}  // namespace

int main(int count, char** words) {
  const Options options = parse(count, words);
  const Platform platform = start_platform(options);
  load_catalog(platform, options);
  const double bare50 = bare_table(platform, 50, 600), bare10 = bare_table(platform, 10, 1500);
  measure(platform, options, "BENCH-AUTO", 0, bare50, bare10);
  measure(platform, options, "BENCH-CALLS", options.orders, bare50, bare10);
  stop_process(platform.serve, 30'000);
  stop_process(platform.standin, 5'000);
  (void)remove_tree(platform.folder);
  return 0;
}
