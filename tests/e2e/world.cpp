#include "world.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <boost/json.hpp>

#include "base/files.h"
#include "base/json.h"
#include "base/net/raw_socket_testing.h"
#include "processes.h"

namespace backstitch::e2e {
namespace json = boost::json;
using standin_testing::StandIn;
using testing::wait_until;

namespace {

constexpr int ready_deadline_ms = 60'000, perhaps_ready_deadline_ms = 15'000, call_timeout_ms = 20'000;

/// Of this process alone, and below the ports that the kernel gives to connections: a platform finds its own again after each
/// death, and systems that call back find the platform.
int port_to_keep() {
  constexpr int first = 12'000, count = 8'000;
  static int next = self().pid * 13;
  for (int tries = 0; tries < count; ++tries)
    if (const int port = first + next++ % count; testing::RawSocket::is_free(port)) return port;
  ADD_FAILURE() << "no port is free";
  return 0;
}

std::string config_text(int system_port, const std::string& listen, const std::string& more) {
  const std::string base = "http://127.0.0.1:" + std::to_string(system_port);
  std::string text = fmt::format("listen: {{port: {}, metrics_port: 0, {}}}\n", port_to_keep(), listen);
  text += "partitions: 8\nretry: {default_interval: 100ms}\nsystems:\n";
  for (const char* interface : {"keyed", "lookup", "blind", "later"})
    text += fmt::format("  \"standin:{}\": {}/{}\n", interface, base, interface);
  return text + more;
}

std::string text_of(const json::value& document, const char* name) {
  const json::value* value = document.is_object() ? document.get_object().if_contains(name) : nullptr;
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace

World::World(WorldSettings settings) : settings_(std::move(settings)) {
  ::chmod(folder_.path().c_str(), 0755);  // the database runs as another user
  std::vector<std::string> arguments = {"--data", folder_ / "system"};
  arguments.insert(arguments.end(), settings_.system_arguments.begin(), settings_.system_arguments.end());
  system_ = std::make_unique<StandIn>("standin-system", arguments);
  EXPECT_TRUE(make_folders(data()));
  EXPECT_TRUE(write_file_durably(data() + "/backstitch.yaml", config_text(system_->port(), settings_.listen, settings_.config)));
}

World::~World() {
  if (platform_runs()) stop_platform();
  for (const ProcessId worker : workers_of(data())) kill_hard(worker);
  if (const auto server = postmaster_of(data())) stop_process(*server, 10'000);
  const auto begin = database_.find("host="), end = database_.find(' ');
  const bool own_sockets = begin == 0 && database_.find("/backstitch-") != std::string::npos;
  EXPECT_TRUE(!own_sockets || remove_tree(database_.substr(5, end - 5)));
}

bool World::start(const Environment& environment, bool expect_ready) {
  Command command{.argv = {PLATFORM_PROGRAM, "--data", data(), "serve"}, .env = environment};
  command.stdout_path = folder_ / "serve.log";
  command.die_with_parent = true;
  auto child = backstitch::start(command);
  EXPECT_TRUE(child) << child.error().text();
  if (!child) return false;
  child_ = *child, running_ = true;
  const bool ready = await_ready(expect_ready ? ready_deadline_ms : perhaps_ready_deadline_ms);
  EXPECT_TRUE(ready || !expect_ready) << read_file(folder_ / "serve.log").value_or("");
  if (ready && !catalog_active_ && !settings_.catalog.empty()) activate_catalog();
  return ready;
}

bool World::await_ready(int deadline_ms) {
  bool ready = false;
  wait_until(
      [&] {
        if (!platform_runs()) return true;
        if (!read_endpoints()) return false;
        const json::value status = get("/api/v1/status");
        return ready = status.is_object() && status.get_object().at("ready").as_bool();
      },
      deadline_ms);
  return ready;
}

/// The file of a platform that was killed is still there: it counts only when it is this one's.
bool World::read_endpoints() {
  const auto document = parse_json(read_file(data() + "/run/endpoints.json").value_or(""));
  if (!document || !document->is_object() || document->get_object().at("pid").to_number<int>() != child_.id.pid) return false;
  const std::lock_guard lock(mutex_);
  url_ = text_of(*document, "api");
  database_ = settings_.database ? settings_.database() : text_of(*document, "postgres");
  return true;
}

void World::activate_catalog() {
  std::string content = read_file(std::string(CATALOGS_FOLDER) + "/" + settings_.catalog + "/catalog.json").value_or("");
  for (const auto& [words, instead] : settings_.in_catalog) {
    const auto place = content.find(words);
    ASSERT_NE(place, std::string::npos) << "the catalog does not say " << words;
    content.replace(place, words.size(), instead);
  }
  const HttpAnswer stored = call("POST", "/api/v1/catalog/versions", content);
  ASSERT_EQ(stored.status, 201) << stored.body;
  const std::string digest = text_of(standin_testing::parse(stored.body), "digest");
  const HttpAnswer active = call("POST", "/api/v1/catalog/versions/" + digest + "/activate?wait=20s");
  ASSERT_TRUE(active.ok()) << active.body;
  catalog_active_ = true;
}

bool World::platform_runs() {
  if (!running_) return false;
  const int status = reap(child_.id.pid);
  if (status < 0) return true;
  running_ = false, exit_status_ = status;
  return false;
}

void World::kill_platform() {
  if (platform_runs()) signal_process(child_.id, SIGKILL);
  EXPECT_TRUE(wait_until([this] { return !platform_runs(); }));
}

void World::stop_platform() {
  if (platform_runs()) signal_process(child_.id, SIGTERM);
  EXPECT_TRUE(wait_until([this] { return !platform_runs(); }, 60'000));
}

HttpAnswer World::call(const std::string& method, const std::string& path, const std::string& body) {
  HttpCall call{.method = method, .body = body, .timeout_ms = call_timeout_ms};
  {
    const std::lock_guard lock(mutex_);
    call.url = url_ + path;
  }
  return http_.call(call);
}

json::value World::get(const std::string& path) {
  const HttpAnswer answer = call("GET", path);
  auto document = parse_json(answer.body);
  return answer.status == 200 && document ? *document : json::value();
}

std::string World::order_state(const std::string& source_order_id) {
  return text_of(get("/api/v1/orders/" + source_order_id + "?source=test"), "state");
}

bool World::await_state(const std::string& source_order_id, const std::string& state, int deadline_ms) {
  return wait_until([&] { return order_state(source_order_id) == state; }, deadline_ms);
}

std::uint64_t World::records_in(const std::string& queue) {
  const json::value info = get("/api/v1/queues/" + queue);
  std::uint64_t records = 0;
  if (info.is_object())
    for (const json::value& partition : info.at("partitions").as_array()) records += std::stoull(text_of(partition, "end")) - 1;
  return records;
}

std::vector<std::string> World::query(const std::string& sql) {
  const auto ran = run({.argv = {"psql", "-X", "-At", "-v", "ON_ERROR_STOP=1", "-d", database_, "-c", sql}}, 60'000);
  EXPECT_TRUE(ran && ran->exit_status == 0) << sql << (ran ? ran->err : ran.error().text());
  std::vector<std::string> rows;
  const std::string out = ran ? ran->out : std::string();
  for (std::size_t begin = 0, end = 0; (end = out.find('\n', begin)) != std::string::npos; begin = end + 1)
    rows.push_back(out.substr(begin, end - begin));
  return rows;
}

std::string order_text(const std::string& id, int number, const std::string& product) {
  return fmt::format(R"({{"source":"test","sourceOrderId":"{}","version":1,"accountId":"A-{}",)"
                     R"("requestedAt":"2026-03-01T10:00:00.{:06}Z",)"
                     R"("items":[{{"lineId":"1","product":"{}","action":"Add","quantity":1,"attributes":{{}}}}]}})",
                     id, number % 40, number % 1'000'000, product);
}

json::object counted(World& world, const std::string& interface) {
  return world.system().get_json("/ledger/summary").at("interfaces").at(interface).as_object();
}

std::int64_t count_of(World& world, const std::string& interface, const char* what) {
  return counted(world, interface).at(what).to_number<std::int64_t>();
}

}  // namespace backstitch::e2e
