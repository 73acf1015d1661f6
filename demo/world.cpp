#include "demo/world.h"

#include <boost/json.hpp>

#include "base/files.h"
#include "base/time.h"
#include "demo/interrupt.h"
#include "demo/leftovers.h"

namespace backstitch::demo {
namespace {

constexpr int operator_parallel = 48, operator_poll_ms = 60;
constexpr const char* operator_delay_ms = "2-20";
constexpr int org_connections = 24, client_connections = 8;
// Lost replies on blind would be unknown outcomes without any death; there only a kill may make one, and calls that take their
// time let it.
struct InterfaceFaults {
  const char *interface, *lost;
  const char* latency_ms[3];        // by pace
  const char* callback_ms[3] = {};  // of one that calls back
};
// At a crawl only those may take longer than they have declared that say so when they are asked, or cannot be asked at all.
constexpr InterfaceFaults interface_faults[] = {
    {"keyed", "0.03", {"1-25", "300-1500", "12000-16000"}},
    {"lookup", "0.03", {"1-25", "300-1500", "300-1500"}},
    {"blind", "0", {"50-400", "500-2000", "1000-5000"}},
    {"later", "0.03", {"1-25", "300-1500", "300-1500"}, {"20-400", "600000-600000", "600000-600000"}}};
constexpr const char* callback_faults = ",callback=20-400,interim=0.1,repeat=0.05,refuse-later=0.02";
constexpr const char* error_rate = "0.03";
constexpr const char* org_lock_rate = "0.01";

// Where hosts and cables fail, the CRM is difficult, too.
const std::vector<std::string> org_faults_on_hosts = {"--lock-rate", "0.05", "--limit-rate", "0.02", "--away-rate", "0.01"};

std::string rate_text(double orders_per_second) { return fmt::format("{:.2f}", orders_per_second); }

Platform platform_in(const std::string& folder, const Ports& ports, const Hosts* hosts) {
  if (!hosts) return {folder + "/platform", ports.platform()};
  return {hosts->data(Hosts::first), 0, {hosts->on(Hosts::first), {hosts->data(Hosts::second), hosts->data(Hosts::third)}}};
}

}  // namespace

World::World(const Options& options, std::string folder, std::unique_ptr<Hosts> hosts, Ports ports, Voice& voice)
    : options_(options),
      folder_(std::move(folder)),
      hosts_(std::move(hosts)),
      ports_(std::move(ports)),
      voice_(voice),
      platform_(platform_in(folder_, ports_, hosts_.get())) {}

Result<std::unique_ptr<World>> World::make(const Options& options, std::string folder, Voice& voice) {
  std::unique_ptr<Hosts> hosts;
  if (options.hosts) {
    auto made = Hosts::make(options, folder, voice);
    if (!made) return fail(std::move(made.error()));
    hosts = std::move(*made);
  }
  auto ports = Ports::take();
  if (!ports) return fail(std::move(ports.error()));
  std::unique_ptr<World> world(new World(options, std::move(folder), std::move(hosts), std::move(*ports), voice));
  BS_TRY(make_folders(world->folder_ + "/log"));
  BS_TRY(make_folders(world->platform_.data()));
  std::vector<std::string> faults;
  for (const auto& [interface, lost, latency, callback] : interface_faults)
    faults.insert(faults.end(), {std::string("--") + interface, fmt::format("lost={},error={},latency={}{}", lost, error_rate,
                                                                            latency[0], callback[0] ? callback_faults : "")});
  world->system_ =
      world->stand_in("standin-system", options.hosts ? Hosts::system_port : world->ports_.system(), std::move(faults));
  return world;
}

Status World::go_at(Pace pace) {
  std::string document;
  const int at = static_cast<int>(pace);
  for (const InterfaceFaults& faults : interface_faults) {
    document +=
        fmt::format("{}\"{}\":{{\"latency\":\"{}\"", document.empty() ? "{" : ",", faults.interface, faults.latency_ms[at]);
    document += faults.callback_ms[at] ? fmt::format(",\"callback\":\"{}\"}}", faults.callback_ms[at]) : "}";
  }
  return system_->post("/faults", document + "}");
}

Status World::call_back_some() { return system_->post("/faults", R"({"later":{"callback":"0-15000"}})"); }

Status World::refuse(bool much) {
  constexpr double share = 0.8;
  return system_->post("/faults", fmt::format("{{\"blind\":{{\"refuse\":{}}}}}", much ? share : 0));
}

World::~World() {
  if (!ended_) end(false);
}

std::unique_ptr<StandIn> World::stand_in(const std::string& name, int port, std::vector<std::string> arguments) const {
  const std::string short_name = name.substr(name.find('-') + 1);
  arguments.insert(arguments.end(), {"--data", folder_ + "/" + short_name, "--seed", std::to_string(options_.seed)});
  return std::make_unique<StandIn>(name, port, std::move(arguments), folder_ + "/log/" + name + ".log", address());
}

Status World::write_configuration() const {
  std::string text = "# written by the demo\nsystems:\n";
  for (const char* interface : {"keyed", "lookup", "blind", "later"})
    text += fmt::format("  \"standin:{}\": http://127.0.0.1:{}/{}\n", interface, ports_.system(), interface);
  text += stores_->configuration();
  text += "retry: {default_interval: 200ms}\n";
  return write_file_durably(platform_.data() + "/backstitch.yaml", text);
}

Status World::start_platform() {
  if (hosts_) return system_->start();
  const auto names = parse_stores(options_.stores);
  if (!names) return fail(names.error());
  auto stores = Stores::start(*names, folder_ + "/stores", options_.scripts,
                              {.org = ports_.org(), .workers = ports_.workers(), .riak = ports_.riak()});
  if (!stores) return fail(std::move(stores.error()));
  stores_.emplace(std::move(*stores));
  BS_TRY(system_->start());
  BS_TRY(write_configuration());
  return platform_.up();
}

Status World::activate_catalog() {
  const auto done =
      platform_.command({"catalog", "import", options_.catalog, "--source", "org1", "--index", "1", "--wait", "60s"});
  if (!done) return fail(done.error());
  return {};
}

Status World::await_backup() {
  constexpr std::int64_t wait_ms = 60'000, again_after_ms = 100;
  for (const std::int64_t end_ms = monotonic_ms() + wait_ms; monotonic_ms() < end_ms;) {
    const auto listed = platform_.command({"backup", "list"});
    if (!listed) return fail(listed.error());
    const auto* items = listed->at("data").as_object().if_contains("items");
    if ((items && !items->as_array().empty()) || !rest(again_after_ms)) return {};
  }
  return fail(Code::timed_out, "the platform has taken no backup");
}

// The org knows the first host, the client the second.
void World::make_submitters(double orders_per_second) {
  const std::string second = hosts_ ? hosts_->data(Hosts::second) + "/run/endpoints.json" : platform_.endpoints_file();
  std::vector<std::string> org = {
      "--target-file", platform_.endpoints_file(),   "--orders",      files_.org,
      "--rate",        rate_text(orders_per_second), "--concurrency", std::to_string(org_connections)};
  if (hosts_)
    org.insert(org.end(), org_faults_on_hosts.begin(), org_faults_on_hosts.end());
  else
    org.insert(org.end(), {"--lock-rate", org_lock_rate});
  if (stores_)
    for (const std::string& word : stores_->org_arguments()) org.push_back(word);
  org_ = stand_in("standin-org", hosts_ ? Hosts::org_port : ports_.org(), std::move(org));
  client_ = stand_in("standin-client", ports_.client(),
                     {"--target-file", second, "--orders", files_.client, "--rate", rate_text(orders_per_second / 10),
                      "--concurrency", std::to_string(client_connections)});
}

Status World::start_people(const OrderFiles& files, double orders_per_second) {
  files_ = files;
  make_submitters(orders_per_second);
  operator_ = stand_in("standin-operator", ports_.manual(),
                       {"--target-file", platform_.endpoints_file(), "--delay-ms", operator_delay_ms, "--parallel",
                        std::to_string(operator_parallel), "--poll-ms", std::to_string(operator_poll_ms)});
  BS_TRY(org_->start());
  BS_TRY(client_->start());
  return operator_->start();
}

Status World::submit_at(double orders_per_second) {
  org_->stop();
  client_->stop();
  make_submitters(orders_per_second);
  BS_TRY(org_->start());
  return client_->start();
}

std::unique_ptr<StandIn> World::one_more_client(const std::string& name, const std::string& orders) const {
  return std::make_unique<StandIn>(
      "standin-client", name == "test" ? ports_.test() : ports_.late(),
      std::vector<std::string>{"--data", folder_ + "/" + name, "--seed", std::to_string(options_.seed), "--target-file",
                               platform_.endpoints_file(), "--orders", orders},
      folder_ + "/log/standin-client-" + name + ".log", address());
}

std::vector<std::string> World::order_files() const {
  std::vector<std::string> files{client_file(), org_file()};
  if (file_exists(late_file())) files.push_back(late_file());
  return files;
}

Status World::start_org_only() {
  org_ = stand_in("standin-org", ports_.org(), stores_->org_arguments());
  return org_->start();
}

std::string World::end(bool remove) {
  ended_ = true;
  for (const auto& stand_in : {&client_, &operator_, &org_})
    if (*stand_in) (*stand_in)->stop();
  std::string words;
  const Status down = hosts_ ? hosts_->down() : platform_.down(remove);
  if (!down) words += down.error().text() + "\n";
  if (system_) system_->stop();
  if (stores_) stores_->stop();
  // Whatever the orderly way did not reach: a command interrupted half way may have left a start going on.
  if (const int left = end_processes_on(folder_); left > 0)
    words += fmt::format("{} processes had to be ended one by one\n", left);
  if (!remove) return words;
  if (const Status removed = remove_tree(folder_); !removed) words += removed.error().text() + "\n";
  return words;
}

}  // namespace backstitch::demo
