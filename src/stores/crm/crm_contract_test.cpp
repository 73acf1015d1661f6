// The contract on the stand-in's adapter (against an org on a socket), on the strict fake, and on fakes with one flaw each.
#include "contract/crm_contract.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <regex>

#include "base/json.h"
#include "base/net/http_server.h"
#include "base/net/raw_socket_testing.h"
#include "contract/flaws.h"
#include "stores/crm/wrong_fake.h"

namespace backstitch::crm {
namespace {

/// A port of 127.0.0.1 where nobody listens.
std::string closed_url() {
  int port = 0;
  backstitch::testing::RawSocket::listen(port).close();
  return fmt::format("http://127.0.0.1:{}", port);
}

/// The org on a socket, answering as Salesforce's composite collections do.
class OrgServer {
 public:
  explicit OrgServer(std::shared_ptr<Org> org) : org_(std::move(org)) {
    auto server = HttpServer::start({}, [this](const HttpRequest& request) { return answer(request); });
    BS_ASSERT(server, "a server on a free port");
    server_ = std::move(*server);
  }
  std::string url() const { return fmt::format("http://127.0.0.1:{}", server_->port()); }

 private:
  static Update update_of(const boost::json::object& record) {
    const auto text = [](const boost::json::value& value) { return std::string(value.as_string()); };
    return {text(record.at("attributes").at("type")),
            text(record.at("ExternalId__c")),
            text(record.at("Status")),
            write_json(record.at("Payload__c")),
            record.at("Epoch__c").to_number<std::uint64_t>(),
            record.at("Version__c").to_number<std::uint64_t>()};
  }
  static std::string result(Answer answer) {
    // The message quotes a passing error on purpose: only the code counts.
    const auto error = [](const char* code) {
      return fmt::format(R"({{"success":false,"errors":[{{"statusCode":"{}","message":"UNABLE_TO_LOCK_ROW?","fields":[]}}]}})",
                         code);
    };
    switch (answer) {
      case Answer::applied: return R"({"id":"801","success":true,"errors":[]})";
      case Answer::locked: return error("UNABLE_TO_LOCK_ROW");
      case Answer::limited: return error("REQUEST_LIMIT_EXCEEDED");
      case Answer::invalid: break;
    }
    return error("FIELD_INTEGRITY_EXCEPTION");
  }
  /// A wrong path, method or flag throws or is a 404: the test sees a failed delivery.
  HttpResponse answer(const HttpRequest& request) {
    if (request.method == "GET") return answer_query(request);
    if (request.method != "PATCH" || request.path != "/services/data/v60.0/composite/sobjects")
      return {.status = 404, .body = "[]"};
    const auto document = parse_json(request.body).value();
    if (document.at("allOrNone").as_bool()) return {.status = 400, .body = "[]"};
    std::vector<Update> updates;
    for (const auto& record : document.at("records").as_array()) updates.push_back(update_of(record.as_object()));
    const Mood mood = org_->mood();
    std::string out;
    for (const Answer answer : org_->take(updates)) out += (out.empty() ? "" : ",") + result(answer);
    switch (mood) {
      case Mood::fine: return {.body = "[" + out + "]"};
      case Mood::broken: return {.status = 500, .body = "[" + out + "]"};
      case Mood::short_list: return {.body = "[" + result(Answer::applied) + "]"};
      case Mood::no_json: return {.body = "<html>"};
      case Mood::no_success: return {.body = R"([7,{"success":"yes"}])"};
      case Mood::silent:
      case Mood::gone: break;
    }
    return {.drop_connection = true};
  }

  static std::string record_text(const ChangedRecord& one) {
    const Record& record = one.record;
    boost::json::object fields{{"attributes", {{"type", record.type}}}, {"ExternalId__c", record.external_id}};
    fields["Status"] = record.state, fields["Epoch__c"] = record.epoch, fields["Version__c"] = record.version;
    fields["Payload__c"] = parse_json(record.body).value();
    const auto stamp = [](Time at) { return rfc3339(at).substr(0, 23) + "+0000"; };  // Salesforce's way to write a time
    fields["SystemModstamp"] = stamp(record.modified_at);
    const auto theirs = parse_json(one.theirs).value();
    for (const auto& [name, value] : theirs.as_object()) fields[name.substr(7)] = value;
    fields["SubmittedAt__c"] = record.submitted_at.is_set() ? boost::json::value(stamp(record.submitted_at)) : nullptr;
    return write_json(fields);
  }
  /// The first page by its query, the others by "type-since-first".
  HttpResponse answer_query(const HttpRequest& request) {
    constexpr std::size_t page_records = 200;
    static const std::regex soql(
        "SELECT .*SystemModstamp.* FROM (\\w+) WHERE SystemModstamp >= (\\S+) ORDER BY SystemModstamp, Id");
    static const std::regex locator("/services/data/v60.0/query/(\\w+)-(\\d+)-(\\d+)");
    const std::string query(request.query_value("q"));
    std::smatch match;
    std::size_t first = 0;
    Time since;
    if (request.path == "/services/data/v60.0/query" && std::regex_match(query, match, soql))
      since = parse_rfc3339(match.str(2)).value();
    else if (std::regex_match(request.path, match, locator))
      since = Time{std::stoll(match.str(2))}, first = std::stoull(match.str(3));
    else
      return {.status = 400, .body = R"([{"errorCode":"MALFORMED_QUERY"}])"};
    const Mood mood = org_->mood();
    const auto all = org_->changed_since(match.str(1), since);
    std::string records;
    for (std::size_t i = first; i < std::min(all.size(), first + page_records); ++i)
      if (mood != Mood::short_list) records += (i > first ? "," : "") + record_text(all[i]);
    const bool done = first + page_records >= all.size() || mood == Mood::short_list;
    std::string page = fmt::format(R"({{"totalSize":{},"done":{},"records":[{}])", all.size(), done, records);
    if (!done)
      page +=
          fmt::format(R"(,"nextRecordsUrl":"/services/data/v60.0/query/{}-{}-{}")", match.str(1), since.us, first + page_records);
    switch (mood) {
      case Mood::fine:
      case Mood::short_list: return {.body = page + "}"};
      case Mood::broken: return {.status = 500, .body = page + "}"};
      case Mood::no_json: return {.body = "<html>"};
      case Mood::no_success: return {.body = R"({"done":"yes","records":[]})"};
      case Mood::silent:
      case Mood::gone: break;
    }
    return {.drop_connection = true};
  }

  std::shared_ptr<Org> org_;
  std::unique_ptr<HttpServer> server_;  // last: its handlers use what stands above
};

FieldTable fields() {
  FieldTable table = standin_fields();
  table.order.rules.push_back({"fields.Description", "Description", Owner::crm});
  return table;
}

class StandinHouse : public contract::House {
 public:
  Crm& crm() override { return org_->mood() == Mood::gone ? *nowhere_ : *crm_; }
  Org& org() override { return *org_; }

 private:
  std::shared_ptr<Org> org_ = std::make_shared<Org>();
  OrgServer server_{org_};
  std::unique_ptr<Crm> crm_ = open_standin_crm(server_.url(), fields()), nowhere_ = open_standin_crm(closed_url());
};

class FakeHouse : public contract::House {
 public:
  FakeHouse() : crm_(std::make_unique<StrictFake>(org_)) {}
  explicit FakeHouse(const std::set<Wrong>& wrongs) : crm_(std::make_unique<WrongFake>(wrongs, org_)) {}
  Crm& crm() override { return *crm_; }
  Org& org() override { return *org_; }

 private:
  std::shared_ptr<Org> org_ = std::make_shared<Org>();
  std::unique_ptr<Crm> crm_;
};

class CrmContract : public ::testing::TestWithParam<contract::CrmCase> {};

TEST_P(CrmContract, HoldsForTheStandin) {
  StandinHouse house;
  EXPECT_EQ(GetParam().run(house), "");
}

TEST_P(CrmContract, HoldsOnTheStrictFake) {
  FakeHouse house;
  EXPECT_EQ(GetParam().run(house), "");
}

INSTANTIATE_TEST_SUITE_P(Cases, CrmContract, ::testing::ValuesIn(contract::cases()),
                         [](const auto& with) { return with.param.name; });

TEST(WrongCrm, IsSeenByTheContract) {
  contract::expect_flaws_are_seen(contract::cases(), all_wrongs(),
                                  [](const std::set<Wrong>& wrongs) { return FakeHouse(wrongs); });
}

}  // namespace
}  // namespace backstitch::crm
