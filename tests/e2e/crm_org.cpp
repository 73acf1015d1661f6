#include "crm_org.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "base/json.h"
#include "base/net/percent.h"
#include "base/signature.h"
#include "base/time.h"

namespace backstitch::e2e {
namespace json = boost::json;
using standin_testing::StandIn;

namespace {

constexpr const char *user = "sync@example.com", *app = "backstitch";
constexpr int tries_max = 100;

}  // namespace

CrmOrg::CrmOrg(std::vector<std::string> faults) {
  const std::string key = folder_ / "app.key", public_key = folder_ / "app.pub";
  const auto made =
      run({.argv = {"openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", key}}, 60'000);
  const auto opened = run({.argv = {"openssl", "pkey", "-in", key, "-pubout", "-out", public_key}}, 60'000);
  EXPECT_TRUE(made && made->exit_status == 0 && opened && opened->exit_status == 0) << "no key";
  private_key_ = read_file(key).value_or("");
  std::vector<std::string> arguments = {"--data", folder_ / "org", "--user",  user, "--client-id",
                                        app,      "--public-key",  public_key};
  arguments.insert(arguments.end(), faults.begin(), faults.end());
  program_ = std::make_unique<StandIn>("standin-org", arguments);
}

std::string CrmOrg::config() const {
  return fmt::format(
      "crm: {{adapter: salesforce, url: \"http://127.0.0.1:{}\", client_id: {}, user: {}, key: \"file:{}/app.key\"}}\n",
      program_->port(), app, user, folder_.path());
}

std::string CrmOrg::token() {
  const std::string url = fmt::format("http://127.0.0.1:{}", program_->port());
  const json::object claims{{"iss", app}, {"sub", user}, {"aud", url}, {"exp", wall_clock().ms() / 1000 + 100}};
  const std::string text = base64url(R"({"alg":"RS256"})") + "." + base64url(write_json(claims));
  HttpCall login{.method = "POST", .url = url + "/services/oauth2/token"};
  login.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  login.body = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=" + text + "." +
               base64url(sign_rs256(private_key_, text).value_or(""));
  const HttpAnswer answer = http_.call(login);
  const auto document = parse_json(answer.body);
  EXPECT_TRUE(document && document->is_object() && document->get_object().contains("access_token")) << answer.body;
  return document ? json::value_to<std::string>(document->at("access_token")) : "";
}

HttpAnswer CrmOrg::ask(const std::string& method, const std::string& path, const std::string& body) {
  HttpAnswer answer;
  for (int tries = 0; tries < tries_max; ++tries) {
    if (token_.empty()) token_ = token();
    HttpCall call{.method = method, .url = fmt::format("http://127.0.0.1:{}", program_->port()) + path, .body = body};
    call.headers = {{"Authorization", "Bearer " + token_}, {"Content-Type", "application/json"}};
    answer = http_.call(call);
    if (answer.ok() || (answer.status == 404 && method == "GET")) break;
    if (answer.status == 401) token_.clear();
  }
  return answer;
}

json::value CrmOrg::work(const std::string& method, const std::string& path, const std::string& body) {
  const HttpAnswer answer = ask(method, path.starts_with("/services/") ? path : "/services/data/v60.0" + path, body);
  EXPECT_TRUE(answer.ok()) << method << " " << path << ": " << answer.status << " " << answer.body;
  const auto document = parse_json(answer.body);
  return document ? *document : json::value();
}

json::value CrmOrg::record(const std::string& object, const std::string& external_id) {
  const HttpAnswer answer =
      ask("GET", "/services/data/v60.0/sobjects/" + object + "/ExternalId__c/" + percent_encoded(external_id), "");
  const auto document = answer.ok() ? parse_json(answer.body) : fail(Code::json_invalid, "");
  return document ? *document : json::value();
}

json::array CrmOrg::query(const std::string& soql) {
  json::array records;
  std::string path = "/query?q=" + percent_encoded(soql);
  while (!path.empty()) {
    const json::value page = work("GET", path);
    if (!page.is_object()) break;
    for (const json::value& one : page.at("records").as_array()) records.push_back(one);
    path = page.at("done").as_bool() ? "" : json::value_to<std::string>(page.at("nextRecordsUrl"));
  }
  return records;
}

}  // namespace backstitch::e2e
