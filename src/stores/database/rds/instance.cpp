#include "stores/database/rds/instance.h"

#include <fmt/ranges.h>

#include "base/net/xml.h"

namespace backstitch::database {
namespace {

std::string first_text(std::string_view xml, std::string_view outer, std::string_view name) {
  const auto found = xml_elements(xml, outer);
  return found.empty() ? std::string() : xml_text(found.front(), name);
}

}  // namespace

RdsInstance instance_of(std::string_view xml) {
  RdsInstance out;
  out.id = xml_text(xml, "DBInstanceIdentifier"), out.status = xml_text(xml, "DBInstanceStatus");
  out.host = first_text(xml, "Endpoint", "Address"), out.port = first_text(xml, "Endpoint", "Port");
  out.subnet_group = first_text(xml, "DBSubnetGroup", "DBSubnetGroupName");
  out.parameter_group = first_text(xml, "DBParameterGroups", "DBParameterGroupName");
  out.parameter_status = first_text(xml, "DBParameterGroups", "ParameterApplyStatus");
  for (const std::string_view group : xml_elements(xml, "VpcSecurityGroupMembership"))
    out.security_groups.insert(xml_text(group, "VpcSecurityGroupId"));
  for (const std::string_view tag : xml_elements(xml, "Tag"))
    if (xml_text(tag, "Key") == copy_tag) out.made_by = xml_text(tag, "Value");
  if (const auto latest = parse_rfc3339(xml_text(xml, "LatestRestorableTime"))) out.latest = *latest;
  return out;
}

std::vector<std::string> differences_between(const RdsInstance& source, const RdsInstance& copy) {
  std::vector<std::string> out;
  const auto add = [&](const char* what, const std::string& is, const std::string& wanted) {
    if (is != wanted) out.push_back(fmt::format("{} of {}: {} → {}", what, copy.id, is, wanted));
  };
  add("security groups", fmt::format("{}", fmt::join(copy.security_groups, ", ")),
      fmt::format("{}", fmt::join(source.security_groups, ", ")));
  add("parameter group", copy.parameter_group, source.parameter_group);
  add("subnet group", copy.subnet_group, source.subnet_group);
  return out;
}

}  // namespace backstitch::database
