// How a key of the configuration is read. One reader per key; a key is known because it stands in a table of them.
#pragma once
#include <yaml-cpp/yaml.h>

#include <functional>
#include <string>
#include <vector>

#include "api/config.h"

namespace backstitch::config {

struct Reader {
  std::string key;
  std::function<Status(Config&, const YAML::Node&)> read;
};

Reader text(const char* key, std::string Config::* member);
Reader flag(const char* key, bool Config::* member);
Reader one_of(const char* key, std::string Config::* member, std::vector<std::string> values);
Reader duration(const char* key, std::int64_t Config::* member);
/// A key whose only value in this version is the one named.
Reader only(const char* key, std::string value);

/// Both ends belong to the range.
template <class Number>
Reader whole(const char* key, Number Config::* member, long long least, long long most) {
  return {key, [=](Config& config, const YAML::Node& node) -> Status {
            const auto value = node.as<long long>();
            if (value < least || value > most)
              return fail(Code::config_invalid, "{}: {} is outside {} … {}", key, value, least, most);
            config.*member = static_cast<Number>(value);
            return {};
          }};
}

/// A JSON string is a YAML string, whatever stands in it.
std::string quoted(std::string_view text);

/// The entries of a map, each on a line of its own behind its name.
template <class Entries, class Line>
std::string listed(const char* indent, const Entries& entries, Line line) {
  if (entries.empty()) return " {}\n";
  std::string out = "\n";
  for (const auto& [name, value] : entries) out += indent + quoted(name) + ": " + line(value) + "\n";
  return out;
}

}  // namespace backstitch::config
