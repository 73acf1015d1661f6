// JSON: Boost.JSON with our own writer (Boost writes 19.95 as 1.995E1) and the canonical form of RFC 8785 for digests.
#pragma once
#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>

#include "base/error.h"

namespace backstitch {

/// At most 8 MiB and 64 levels; the error names the byte position. Objects keep the order of their members.
Result<boost::json::value> parse_json(std::string_view text);
/// Would parse_json() read it? Builds nothing, which takes a fraction of the time.
bool is_json(std::string_view text);

/// Compact, members in their own order, numbers in their shortest form (19.95, 100, 1e+21).
std::string write_json(const boost::json::value& value);
void append_json(std::string& out, const boost::json::value& value);
void append_json_string(std::string& out, std::string_view text);  // with quotes and escapes
void append_json_number(std::string& out, double number);

/// RFC 8785: members sorted by UTF-16 code units, no white space. Digests are taken over this form only.
std::string canonical_json(const boost::json::value& value);

std::string pretty_json(const boost::json::value& value);

}  // namespace backstitch
