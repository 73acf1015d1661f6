// The request target of RFC 9112: path and query, percent-decoded.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace backstitch {

struct HttpTarget {
  std::string path;
  std::vector<std::pair<std::string, std::string>> query;
};

/// False when a percent sign is not followed by two hex digits, or when the path does not begin with "/" (an absolute
/// http:// target is accepted and loses its authority). "+" means a space in the query only.
bool parse_target(std::string_view text, HttpTarget& out);

}  // namespace backstitch
