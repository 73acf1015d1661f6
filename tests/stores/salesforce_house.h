// The stand-in org on a socket, with a login, and the Salesforce adapter that works with it; an Org of the contract that tells
// the stand-in how to answer.
#pragma once
#include <gtest/gtest.h>

#include <atomic>
#include <boost/json.hpp>
#include <mutex>

#include "api/field_table.h"
#include "base/json.h"
#include "base/net/http_client.h"
#include "base/net/http_server.h"
#include "base/process.h"
#include "base/signature.h"
#include "base/testing.h"
#include "standins/org/org.h"
#include "stores/crm/salesforce/salesforce_crm.h"
#include "stores/crm/strict_fake.h"

namespace backstitch::servers {

/// crm/fields.yaml.
inline crm::FieldTable field_table() {
  const auto table = read_field_table(shipped_field_table());
  EXPECT_TRUE(table) << (table ? "" : table.error().text());
  return *table;
}

/// One key pair for the whole program: making one takes a while.
struct KeyPair {
  std::string private_pem, public_pem;
};
inline const KeyPair& key_pair(int which = 0) {
  static const auto make = [] {
    const auto made = run({.argv = {"openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"}}, 60'000);
    const testing::ScratchFolder folder;
    EXPECT_TRUE(made && write_file_durably(folder / "key.pem", made->out));
    const auto opened = run({.argv = {"openssl", "pkey", "-in", folder / "key.pem", "-pubout"}}, 60'000);
    return KeyPair{made->out, opened->out};
  };
  static const KeyPair mine = make(), other = make();
  return which == 0 ? mine : other;
}

class OrgOnASocket {
 public:
  using Before = std::function<std::optional<HttpResponse>(HttpRequest& request)>;
  explicit OrgOnASocket(standin::FaultSettings faults = {}, std::int64_t token_requests = 0,
                        std::int64_t requests_max = 1'000'000) {
    standin::OrgSettings settings{.data = folder_.path(), .faults = faults};
    settings.login = {.user = "sync@example.com",
                      .password = "",
                      .client_id = "backstitch",
                      .public_key_pem = key_pair().public_pem,
                      .audience = "",
                      .token_requests = token_requests};
    settings.requests_max = requests_max;
    settings.clock = [this] { return clock.load().is_set() ? clock.load() : wall_clock(); };
    auto opened = standin::Org::open(settings);
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().text());
    org = std::move(*opened);
    auto served = HttpServer::start({.body_bytes_max = 64u << 20}, [this](const HttpRequest& asked) {
      HttpRequest request = asked;
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request.method + " " + request.path);
        bodies_.push_back(request.body);
      }
      if (before)
        if (auto answer = before(request)) return *answer;
      return org->handle(request);
    });
    EXPECT_TRUE(served);
    server_ = std::move(*served);
  }
  std::string url() const { return fmt::format("http://127.0.0.1:{}", server_->port()); }
  crm::SalesforceSettings settings() const {
    crm::SalesforceSettings settings;
    settings.login_url = url(), settings.client_id = "backstitch", settings.user = "sync@example.com";
    settings.private_key_pem = key_pair().private_pem, settings.fields = field_table();
    settings.backoff = {.attempts_max = 1, .first_ms = 1, .wait_ms_max = 4};
    return settings;
  }
  /// How many requests had this in their line, "PATCH" or "/oauth2/".
  std::size_t asked(const std::string& part) const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::count_if(requests_.begin(), requests_.end(),
                                                  [&](const std::string& line) { return line.find(part) != std::string::npos; }));
  }
  std::string last_body(const std::string& part) const {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = requests_.size(); i-- > 0;)
      if (requests_[i].find(part) != std::string::npos) return bodies_[i];
    return {};
  }

  std::atomic<Time> clock{Time{}};
  Before before;
  std::unique_ptr<standin::Org> org;

 private:
  testing::ScratchFolder folder_;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_, bodies_;
  std::unique_ptr<HttpServer> server_;  // last: its handlers use what stands above
};

inline crm::Update order(const std::string& id, std::uint64_t version, const std::string& state = "InProgress") {
  return {"Order", id, state, fmt::format(R"({{"type":"order","state":"{}"}})", state), 1, version};
}
inline std::vector<crm::Update> orders(int count, std::uint64_t version = 1) {
  std::vector<crm::Update> out;
  for (int i = 0; i < count; ++i) out.push_back(order(fmt::format("801-{}", i), version));
  return out;
}
inline std::unique_ptr<crm::Crm> open(const crm::SalesforceSettings& settings) {
  auto opened = crm::open_salesforce_crm(settings);
  EXPECT_TRUE(opened) << (opened ? "" : opened.error().text());
  return std::move(*opened);
}
inline int delivered(const Result<std::vector<crm::DeliveryResult>>& results) {
  EXPECT_TRUE(results) << (results ? "" : results.error().text());
  return results ? static_cast<int>(std::count_if(results->begin(), results->end(),
                                                  [](const auto& result) { return result.state == crm::Delivered::ok; }))
                 : -1;
}
/// A person or a program at work in the CRM: what it answers.
inline boost::json::value in_the_crm(const OrgOnASocket& org, const std::string& method, const std::string& path,
                                     const std::string& body = {}) {
  HttpClient http;
  boost::json::object claims{
      {"iss", "backstitch"}, {"sub", "sync@example.com"}, {"aud", org.url()}, {"exp", wall_clock().ms() / 1000 + 100}};
  const std::string text = base64url(R"({"alg":"RS256"})") + "." + base64url(write_json(claims));
  HttpCall login{.method = "POST", .url = org.url() + "/services/oauth2/token"};
  login.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  login.body = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=" + text + "." +
               base64url(sign_rs256(key_pair().private_pem, text).value());
  const auto token = parse_json(http.call(login).body).value();
  HttpCall call{.method = method, .url = org.url() + "/services/data/v60.0" + path, .body = body};
  call.headers = {{"Authorization", "Bearer " + std::string(token.at("access_token").as_string())}};
  auto answer = http.call(call);
  // A person tries again, too.
  for (int tries = 0; tries < 50 && !answer.ok() && answer.status != 404; ++tries) {
    const auto again = parse_json(http.call(login).body).value();
    call.headers = {{"Authorization", "Bearer " + std::string(again.at("access_token").as_string())}};
    answer = http.call(call);
  }
  EXPECT_TRUE(answer.ok()) << answer.status << answer.body;
  return answer.body.empty() ? boost::json::value(nullptr) : parse_json(answer.body).value();
}
inline std::string field(const OrgOnASocket& org, const std::string& id, const char* name) {
  const auto fields = org.org->fields_of("Order", id);
  EXPECT_TRUE(fields) << id;
  const auto* value = fields ? fields->if_contains(name) : nullptr;
  return value && value->is_string() ? std::string(value->get_string()) : "";
}

}  // namespace backstitch::servers
