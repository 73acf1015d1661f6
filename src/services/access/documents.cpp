#include "services/access/documents.h"

#include <boost/json.hpp>

#include "base/json.h"

namespace backstitch {
namespace json = boost::json;

std::string access_json(const UserAccess& access) {
  json::array profiles, grants;
  for (const std::string& profile : access.profiles) profiles.emplace_back(profile);
  for (const Grant& grant : access.grants) grants.push_back(json::array{grant.resource, grant.action, grant.field});
  return write_json(json::object{{"seal", access.seal}, {"profiles", std::move(profiles)}, {"grants", std::move(grants)}});
}

std::optional<UserAccess> access_from_json(std::string_view text) {
  const auto parsed = parse_json(text);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  const auto* seal = parsed->get_object().if_contains("seal");
  const auto* profiles = parsed->get_object().if_contains("profiles");
  const auto* grants = parsed->get_object().if_contains("grants");
  if (!seal || !seal->is_string() || !profiles || !profiles->is_array() || !grants || !grants->is_array()) return std::nullopt;
  UserAccess out;
  out.seal = seal->get_string();
  for (const json::value& profile : profiles->get_array())
    if (profile.is_string()) out.profiles.emplace_back(profile.get_string());
  for (const json::value& grant : grants->get_array()) {
    if (!grant.is_array() || grant.get_array().size() != 3) return std::nullopt;
    Grant one;
    std::string* parts[] = {&one.resource, &one.action, &one.field};
    for (std::size_t i = 0; i < 3; ++i) {
      if (!grant.get_array()[i].is_string()) return std::nullopt;
      *parts[i] = grant.get_array()[i].get_string();
    }
    out.grants.push_back(std::move(one));
  }
  return out;
}

}  // namespace backstitch
