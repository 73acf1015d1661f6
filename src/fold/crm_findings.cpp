// What a comparison with the CRM found, as the record of an input and as a list for people.
#include <boost/json.hpp>

#include "base/json.h"
#include "fold/crm_refresh.h"

namespace backstitch {
namespace json = boost::json;
namespace {

json::object named_json(const CrmReading& input) {
  return {{"type", input.type},
          {"externalId", input.external_id},
          {"accountId", input.account_id},
          {"modifiedAt", rfc3339(input.modified_at)}};
}

}  // namespace

std::string refresh_members(const CrmFinding& finding, std::string_view refresh) {
  const CrmReading& input = finding.input;
  json::object out{{"refresh", refresh},
                   {"accountId", input.account_id},
                   {"type", input.type},
                   {"externalId", input.external_id},
                   {"orderId", input.order.text()}};
  if (!input.line_id.empty()) out["lineId"] = input.line_id;
  if (!input.asset_ref.empty()) out["assetRef"] = input.asset_ref;
  out["modifiedAt"] = rfc3339(input.modified_at), out["fields"] = to_json(input.fields);
  json::array differences;
  for (const CrmDifference& one : input.differences)
    differences.push_back(json::object{{"ours", one.ours}, {"field", one.field}, {"held", one.held}, {"found", one.found}});
  out["differences"] = std::move(differences);
  const std::string document = write_json(out);
  return "," + document.substr(1, document.size() - 2);
}

json::object findings_json(const CrmFindings& findings) {
  json::array taken, differences, listed;
  for (const CrmFinding& finding : findings.findings) {
    for (const auto& [field, value] : finding.input.fields) {
      json::object one = named_json(finding.input);
      const Value* before = finding.before.find(field);
      one["field"] = field, one["before"] = before ? to_json(*before) : json::value(nullptr), one["after"] = to_json(value);
      taken.push_back(std::move(one));
    }
    for (const CrmDifference& difference : finding.input.differences) {
      json::object one = named_json(finding.input);
      one["field"] = difference.field, one["held"] = difference.held, one["found"] = difference.found;
      differences.push_back(std::move(one));
    }
    if (!finding.listed_only) continue;
    json::object one = named_json(finding.input);
    one["why"] = finding.why;
    listed.push_back(std::move(one));
  }
  return {{"records", findings.records},
          {"same", findings.same},
          {"unknown", findings.unknown},
          {"covered", findings.covered.is_set() ? json::value(rfc3339(findings.covered)) : json::value(nullptr)},
          {"taken", std::move(taken)},
          {"differences", std::move(differences)},
          {"listed", std::move(listed)}};
}

}  // namespace backstitch
