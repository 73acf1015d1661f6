// The stand-in org as a program that speaks Salesforce's REST: who may log in, what goes wrong there, and a person at work in it.
#pragma once
#include <boost/json.hpp>
#include <memory>
#include <string>
#include <vector>

#include "world.h"

namespace backstitch::e2e {

class CrmOrg {
 public:
  /// `faults`: options of standin-org, such as {"--lock-rate", "0.1"}.
  explicit CrmOrg(std::vector<std::string> faults = {});

  /// The group `crm` of backstitch.yaml: an adapter that logs in with the key of the connected app.
  std::string config() const;
  standin_testing::StandIn& program() { return *program_; }
  /// A person at work there, who tries again when the org refuses: the answer's document, null when it has none. Fails the test.
  boost::json::value work(const std::string& method, const std::string& path, const std::string& body = {});
  /// The whole record by its external id; null when there is none.
  boost::json::value record(const std::string& object, const std::string& external_id);
  /// All records of a query, with its pages.
  boost::json::array query(const std::string& soql);

 private:
  std::string token();
  HttpAnswer ask(const std::string& method, const std::string& path, const std::string& body);

  testing::ScratchFolder folder_;
  std::string private_key_, token_;
  std::unique_ptr<standin_testing::StandIn> program_;
  HttpClient http_;
};

}  // namespace backstitch::e2e
