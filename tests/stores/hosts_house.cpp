#include "hosts_house.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <chrono>

#include "base/files.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/process.h"
#include "base/testing.h"
#include "base/time.h"

namespace backstitch::servers {
namespace json = boost::json;
using testing::wait_until;

namespace {

constexpr std::int64_t verb_ms_max = 600'000;
constexpr const char* store_address = "10.77.0.1";
constexpr int accounts = 60;

std::string address_of(const std::string& host) { return "10.77.0.1" + host.substr(1); }

std::string text_of(const json::value& document, const char* name) {
  const json::value* value = document.is_object() ? document.get_object().if_contains(name) : nullptr;
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace

const std::vector<std::string>& HostsHouse::hosts() {
  static const std::vector<std::string> all{"h1", "h2", "h3"};
  return all;
}

HostsHouse::HostsHouse(std::vector<std::string> options) {
  folder_ = "/var/tmp/backstitch-hosts-" + sha256_hex(PROGRAMS_FOLDER).substr(0, 8);
  ledger_ = folder_ + "/acknowledged.jsonl";
  verb({"down"}, {0, 4});
  std::vector<std::string> words{"up", "--faults"};
  words.insert(words.end(), options.begin(), options.end());
  verb(words);
  if (::testing::Test::HasFatalFailure() || ::testing::Test::HasNonfatalFailure()) return;
  enter(text_of(verb({"status"}), "network") + "-stores");
  http_ = std::make_unique<HttpClient>();
  up_ = true;
}

HostsHouse::~HostsHouse() {
  end_orders();
  verb({"down"});
}

void HostsHouse::enter(const std::string& name_space) {
  const int fd = ::open(("/run/netns/" + name_space).c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_GE(fd, 0) << name_space;
  ASSERT_EQ(::setns(fd, CLONE_NEWNET), 0) << name_space;
  ::close(fd);
}

json::value HostsHouse::verb(std::vector<std::string> words, std::set<int> good) {
  Command command{.argv = {CLUSTER_SCRIPT}};
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  command.argv.insert(command.argv.end(), {"--folder", folder_, "--programs", PROGRAMS_FOLDER, "--json"});
  const auto ended = run(command, verb_ms_max);
  if (!ended) return ADD_FAILURE() << ended.error().text(), json::value();
  EXPECT_TRUE(good.contains(ended->exit_status)) << words[0] << " ends with " << ended->exit_status << ": " << ended->err;
  const auto document = parse_json(ended->out);
  const json::value* data = document && document->is_object() ? document->get_object().if_contains("data") : nullptr;
  return data ? *data : json::value();
}

HttpAnswer HostsHouse::call(const std::string& host, const std::string& method, const std::string& path,
                            const std::string& body) {
  const std::string url = "http://" + address_of(host) + ":8480" + path;
  return http_->call({.method = method, .url = url, .body = body, .timeout_ms = 5'000});
}

json::value HostsHouse::get(const std::string& host, const std::string& path) {
  const HttpAnswer answer = call(host, "GET", path);
  auto document = parse_json(answer.body);
  return answer.status == 200 && document ? *document : json::value();
}

void HostsHouse::activate_catalog() {
  const std::string content = read_file(std::string(CATALOGS_FOLDER) + "/chaos/catalog.json").value_or("");
  const HttpAnswer stored = call("h1", "POST", "/api/v1/catalog/versions", content);
  ASSERT_EQ(stored.status, 201) << stored.body;
  const std::string digest = text_of(parse_json(stored.body).value(), "digest");
  const HttpAnswer active = call("h1", "POST", "/api/v1/catalog/versions/" + digest + "/activate?wait=20s");
  ASSERT_TRUE(active.ok()) << active.body;
}

std::map<int, std::pair<std::string, std::int64_t>> HostsHouse::owners(const std::string& host) {
  std::map<int, std::pair<std::string, std::int64_t>> out;
  const json::value members = get(host, "/api/v1/members");
  if (!members.is_object()) return out;
  for (const json::value& member : members.at("items").as_array())
    for (const json::value& one : member.at("partitions").as_array())
      if (member.at("alive").as_bool())
        out[one.at("partition").to_number<int>()] = {text_of(member, "host"), one.at("term").to_number<std::int64_t>()};
  return out;
}

bool HostsHouse::await_shares(const std::string& host, const std::map<std::string, std::size_t>& shares, int deadline_ms) {
  return wait_until(
      [&] {
        std::map<std::string, std::size_t> now;
        for (const auto& [partition, owner] : owners(host)) ++now[owner.first];
        return now == shares;
      },
      deadline_ms);
}

std::string HostsHouse::order(int number, const std::string& account) const {
  return fmt::format(
      R"({{"source":"test","sourceOrderId":"T{0}","version":1,"accountId":"{1}",)"
      R"("requestedAt":"2026-03-01T10:00:00.{0:06}Z",)"
      R"("items":[{{"lineId":"1","parentLineId":null,"product":"{2}","action":"Add","quantity":1,"attributes":{{}}}}]}})",
      number, account, number % 3 == 0 ? "PARCEL" : "VOUCHER");
}

void HostsHouse::begin_orders(int per_second) {
  ordering_ = true;
  submitter_ = std::thread([this, per_second] { submit_loop(per_second); });
}

void HostsHouse::end_orders() {
  ordering_ = false;
  if (submitter_.joinable()) submitter_.join();
}

// An order without an answer goes to the next host under the same id: it is one order however often it arrives.
void HostsHouse::submit_loop(int per_second) {
  auto file = AppendFile::open(ledger_);
  ASSERT_TRUE(file) << file.error().text();
  const std::int64_t begun_ms = monotonic_ms();
  HttpClient http;
  for (int number = 0; ordering_; ++number) {
    std::string account = fmt::format("A-{}", number % accounts);
    {
      const std::lock_guard lock(mutex_);
      if (!preferred_.empty()) account = std::exchange(preferred_, {});
    }
    const std::string body = order(number, account);
    for (int attempt = number; ordering_; ++attempt) {
      const std::string host = hosts()[static_cast<std::size_t>(attempt) % hosts().size()];
      const HttpAnswer answer = http.call(
          {.method = "POST", .url = "http://" + address_of(host) + ":8480/api/v1/orders", .body = body, .timeout_ms = 2'000});
      const bool final = answer.status >= 400 && answer.body.find("\"retryable\":false") != std::string::npos;
      EXPECT_FALSE(final) << answer.body;
      if (!answer.ok()) continue;
      EXPECT_TRUE(
          file->append(fmt::format("{{\"kind\":\"acknowledged\",\"source\":\"test\",\"sourceOrderId\":\"T{}\",\"version\":1,"
                                   "\"sha256\":\"{}\"}}\n",
                                   number, sha256_hex(body)),
                       false));
      const std::lock_guard lock(mutex_);
      acknowledged_.push_back({"T" + std::to_string(number), account});
      break;
    }
    wait_until([&] { return !ordering_ || monotonic_ms() - begun_ms >= 1000LL * number / per_second; }, 2'000);
  }
}

std::vector<Acknowledged> HostsHouse::acknowledged() const {
  const std::lock_guard lock(mutex_);
  return acknowledged_;
}

void HostsHouse::prefer(const std::string& account) {
  const std::lock_guard lock(mutex_);
  preferred_ = account;
}

std::string HostsHouse::state_of(const std::string& host, const std::string& id) {
  return text_of(get(host, "/api/v1/orders/" + id + "?source=test"), "state");
}

// Of the private one the socket's, whose owner may everything.
std::string HostsHouse::database() const {
  const auto endpoints = parse_json(read_file(folder_ + "/h1/run/endpoints.json").value_or(""));
  const std::string own = endpoints ? text_of(*endpoints, "postgres") : "";
  return own.starts_with("host=") ? own
                                  : fmt::format("host={} user=backstitch password=backstitch dbname=backstitch", store_address);
}

json::value HostsHouse::backstitch(const std::string& host, std::vector<std::string> words) {
  Command command{.argv = {CLUSTER_SCRIPT, "exec", "--folder", folder_, "--programs", PROGRAMS_FOLDER, host, "backstitch",
                           "--data", folder_ + "/" + host, "--json"}};
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  const auto ended = run(command, verb_ms_max);
  if (!ended) return ADD_FAILURE() << ended.error().text(), json::value();
  EXPECT_EQ(ended->exit_status, 0) << words[0] << " " << words[1] << ": " << ended->err << ended->out;
  const auto document = parse_json(ended->out);
  const json::value* data = document && document->is_object() ? document->get_object().if_contains("data") : nullptr;
  return data ? *data : json::value();
}

std::string HostsHouse::judge(const std::string& script) {
  Command command{.argv = {std::string(SCRIPTS_FOLDER) + "/" + script, "--psql", database()}};
  if (script.starts_with("conservation")) command.argv.insert(command.argv.end(), {"--system", folder_ + "/system/ledger.jsonl"});
  command.argv.insert(command.argv.end(), {"--ledger", ledger_, folder_ + "/org/ledger.jsonl"});
  const auto ended = run(command, 60'000);
  if (!ended) return ended.error().text();
  return ended->exit_status == 0 ? "" : ended->out + ended->err;
}

std::vector<std::string> HostsHouse::query(const std::string& sql) {
  const auto ended = run({.argv = {"psql", "-X", "-q", "-A", "-t", "-d", database(), "-c", sql}}, 30'000);
  EXPECT_TRUE(ended && ended->exit_status == 0) << (ended ? ended->err : ended.error().text());
  std::vector<std::string> rows;
  for (std::size_t at = 0; ended && at < ended->out.size();) {
    const std::size_t end = std::min(ended->out.find('\n', at), ended->out.size());
    rows.push_back(ended->out.substr(at, end - at)), at = end + 1;
  }
  return rows;
}

json::value HostsHouse::outside(const std::string& name, const std::string& path) {
  const HttpAnswer answer =
      http_->call({.url = fmt::format("http://{}:{}{}", store_address, name == "org" ? 8491 : 8490, path), .timeout_ms = 5'000});
  auto document = parse_json(answer.body);
  return answer.ok() && document ? *document : json::value();
}

}  // namespace backstitch::servers
