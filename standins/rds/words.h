// Small things of requests and answers.
#pragma once
#include <algorithm>
#include <boost/json.hpp>
#include <cctype>
#include <string>
#include <vector>

namespace backstitch::standin::rds {
namespace json = boost::json;

inline constexpr std::int64_t change_ms = 300;  // a change takes its time, and begins that much later

inline std::string text_of(const json::object& object, const char* name) {
  const json::value* found = object.if_contains(name);
  return found && found->is_string() ? std::string(found->get_string()) : std::string();
}
inline bool flag_of(const json::object& object, const char* name) {
  const json::value* found = object.if_contains(name);
  return found && found->is_bool() && found->get_bool();
}

/// Letters, digits and single hyphens, from a letter on, at most 63; kept in lower case.
inline bool is_identifier(const std::string& id) {
  const auto fits = [](unsigned char c) { return std::isalnum(c) || c == '-'; };
  return !id.empty() && id.size() <= 63 && std::isalpha(static_cast<unsigned char>(id.front())) && id.back() != '-' &&
         id.find("--") == std::string::npos && std::all_of(id.begin(), id.end(), fits);
}
inline std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

inline json::array groups(const std::vector<std::string>& ids) {
  json::array out;
  for (const std::string& id : ids) out.push_back(json::object{{"VpcSecurityGroupId", id}, {"Status", "active"}});
  return out;
}
inline json::array parameters(const std::string& name, const char* status) {
  return {json::object{{"DBParameterGroupName", name}, {"ParameterApplyStatus", status}}};
}
inline std::vector<std::string> texts(const json::value& list) {
  std::vector<std::string> out;
  for (const json::value& one : list.as_array()) out.emplace_back(one.as_string());
  return out;
}

}  // namespace backstitch::standin::rds
