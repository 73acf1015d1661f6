// The contract of the CRM role on the Salesforce adapter, against the stand-in org on a socket.
#include "base/net/raw_socket_testing.h"
#include "contract/crm_contract.h"
#include "salesforce_house.h"

namespace backstitch::servers {
namespace {

using crm::Answer, crm::Mood;
using Body = boost::json::value;

/// The contract's org is the stand-in: records and answers are kept there, moods are what happens on the way.
class StandinOrg : public crm::Org {
 public:
  StandinOrg() {
    at(Time{1'800'000'000'000'000});
    socket.before = [this](HttpRequest& request) { return on_the_way(request); };
  }
  void answer(const std::string& external_id, Answer answer) override {
    const char* code = answer == Answer::locked    ? "UNABLE_TO_LOCK_ROW"
                       : answer == Answer::limited ? "REQUEST_LIMIT_EXCEEDED"
                                                   : "FIELD_INTEGRITY_EXCEPTION";
    // The message quotes a passing error on purpose: only the code counts.
    const standin::ApiFault fault{400, code, "UNABLE_TO_LOCK_ROW?", {}};
    socket.org->faults().answer(external_id, answer == Answer::applied ? std::nullopt : std::optional(fault));
  }
  std::optional<crm::Update> stored(const std::string& type, const std::string& external_id) const override {
    const auto fields = socket.org->fields_of(type, external_id);
    const auto place = fields ? standin::place_of(*fields) : std::nullopt;
    if (!place) return std::nullopt;
    const auto text = [&](const char* name) {
      const Body* value = fields->if_contains(name);
      return value && value->is_string() ? std::string(value->get_string()) : std::string();
    };
    return crm::Update{type, external_id, text("Status"), text("Payload__c"), place->first, place->second};
  }
  std::vector<std::size_t> calls() const override {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  void at(Time now) override { socket.clock = now; }
  void submitted(const std::string& external_id) override { socket.org->submitted("crm", external_id); }

  void changed_there(const std::string& type, const std::string& external_id, const std::string& field,
                     const std::string& value) override {
    in_the_crm(socket, "PATCH", fmt::format("/sobjects/{}/ExternalId__c/{}", type, external_id),
               write_json(boost::json::object{{field, value}}));
  }

  OrgOnASocket socket;

 private:
  std::optional<HttpResponse> on_the_way(HttpRequest& request) {
    if (request.path.find("/oauth2/") != std::string::npos) return std::nullopt;
    const bool write = request.method == "PATCH" && request.path.find("/composite/") != std::string::npos;
    if (write) {
      const std::lock_guard lock(mutex_);
      calls_.push_back(parse_json(request.body).value().at("records").as_array().size());
    }
    request.headers.emplace_back("sforce-query-options", "batchSize=200");
    switch (mood()) {
      case Mood::broken: return HttpResponse{.status = 500, .body = "[]"};
      case Mood::silent: socket.org->handle(request); return HttpResponse{.drop_connection = true};
      case Mood::no_json: return HttpResponse{.body = "<html>"};
      case Mood::no_success: return HttpResponse{.body = write ? R"([7,{"success":"yes"}])" : R"({"done":"yes","records":[]})"};
      case Mood::short_list: return shortened(socket.org->handle(request), write);
      case Mood::fine:
      case Mood::gone: break;
    }
    return std::nullopt;
  }
  static HttpResponse shortened(HttpResponse response, bool write) {
    Body document = parse_json(response.body).value();
    if (write)
      document.as_array().resize(1);
    else if (document.is_object() && document.as_object().contains("records"))
      document.as_object()["records"] = boost::json::array(), document.as_object()["done"] = true;
    response.body = write_json(document);
    return response;
  }

  mutable std::mutex mutex_;
  std::vector<std::size_t> calls_;
};

class SalesforceHouse : public crm::contract::House {
 public:
  crm::Crm& crm() override { return org_.mood() == Mood::gone ? *nowhere_ : *crm_; }
  crm::Org& org() override { return org_; }

 private:
  static std::unique_ptr<crm::Crm> open(const crm::SalesforceSettings& settings) {
    auto opened = crm::open_salesforce_crm(settings);
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().text());
    return std::move(*opened);
  }
  crm::SalesforceSettings nowhere() const {
    crm::SalesforceSettings settings = org_.socket.settings();
    int port = 0;
    backstitch::testing::RawSocket::listen(port).close();
    settings.login_url = fmt::format("http://127.0.0.1:{}", port);
    return settings;
  }
  StandinOrg org_;
  std::unique_ptr<crm::Crm> crm_ = open(org_.socket.settings()), nowhere_ = open(nowhere());
};

class SalesforceContract : public ::testing::TestWithParam<crm::contract::CrmCase> {};

TEST_P(SalesforceContract, Holds) {
  SalesforceHouse house;
  EXPECT_EQ(GetParam().run(house), "");
}

INSTANTIATE_TEST_SUITE_P(Cases, SalesforceContract, ::testing::ValuesIn(crm::contract::cases()),
                         [](const auto& with) { return with.param.name; });

}  // namespace
}  // namespace backstitch::servers
