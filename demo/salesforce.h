// A CRM that speaks Salesforce's REST (--stores salesforce): the connected app by whose key the platform signs in at the stand-in
// org, and what goes wrong there now and then.
#pragma once
#include <string>
#include <vector>

#include "base/error.h"

namespace backstitch::demo {

class Salesforce {
 public:
  /// Makes the app's key pair in `folder`, or takes the one of an earlier demo. Code::process_failed with the words of openssl.
  static Result<Salesforce> make(const std::string& folder);
  /// The group `crm` of backstitch.yaml.
  std::string configuration(int org_port) const;
  /// Options of standin-org: who may sign in, and faults.
  std::vector<std::string> org_arguments() const;

 private:
  explicit Salesforce(std::string folder) : folder_(std::move(folder)) {}
  std::string folder_;
};

}  // namespace backstitch::demo
