#include "api/config_readers.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "base/time.h"

namespace backstitch::config {

Reader text(const char* key, std::string Config::* member) {
  return {key, [member](Config& config, const YAML::Node& node) { return config.*member = node.as<std::string>(""), Status(); }};
}

Reader flag(const char* key, bool Config::* member) {
  return {key, [member](Config& config, const YAML::Node& node) { return config.*member = node.as<bool>(), Status(); }};
}

Reader one_of(const char* key, std::string Config::* member, std::vector<std::string> values) {
  return {key, [=](Config& config, const YAML::Node& node) -> Status {
            const auto value = node.as<std::string>("");
            if (std::find(values.begin(), values.end(), value) == values.end())
              return fail(Code::config_invalid, "{}: \"{}\" is none of {}", key, value, fmt::join(values, ", "));
            config.*member = value;
            return {};
          }};
}

Reader duration(const char* key, std::int64_t Config::* member) {
  return {key, [=](Config& config, const YAML::Node& node) -> Status {
            const auto value = parse_duration_ms(node.as<std::string>());
            if (!value) return fail(Code::config_invalid, "{}: {}", key, value.error().detail);
            config.*member = *value;
            return {};
          }};
}

Reader only(const char* key, std::string value) {
  return {key, [=](Config&, const YAML::Node& node) -> Status {
            if (node.as<std::string>("") == value) return {};
            return fail(Code::config_invalid, "{}: \"{}\" is not part of this version; \"{}\" is", key, node.as<std::string>(""),
                        value);
          }};
}

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

}  // namespace backstitch::config
