#include "standins/org/query.h"

#include <algorithm>
#include <boost/json.hpp>
#include <regex>
#include <tuple>

#include "base/json.h"
#include "standins/common/fields.h"

namespace backstitch::standin {
namespace {

constexpr std::string_view path_of_queries = "/services/data/v60.0/query/";

bool is_type(const std::string& type) { return type == "Order" || type == "OrderItem" || type == "Asset"; }

std::vector<std::string> split_fields(const std::string& list) {
  static const std::regex separator("\\s*,\\s*");
  return {std::sregex_token_iterator(list.begin(), list.end(), separator, -1), std::sregex_token_iterator()};
}

std::string hex(std::string_view text) {
  std::string out;
  for (const char c : text) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

Result<std::string> unhex(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; };
  std::string out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    if (digit(text[i]) < 0 || digit(text[i + 1]) < 0) return fail(Code::json_invalid, "a query locator");
    out += static_cast<char>(digit(text[i]) * 16 + digit(text[i + 1]));
  }
  return out;
}

auto place_of(const Row& row) { return std::pair<std::int64_t, std::string_view>(row.modified.ms(), row.id); }

}  // namespace

Result<Query> parse_query(std::string_view text) {
  static const std::regex form(
      R"(\s*SELECT\s+([\w\s,]+?)\s+FROM\s+(\w+)\s+WHERE\s+SystemModstamp\s*>=\s*(\S+)\s+ORDER\s+BY\s+SystemModstamp\s*,\s*Id\s*)",
      std::regex::icase);
  std::match_results<std::string_view::const_iterator> match;
  if (!std::regex_match(text.begin(), text.end(), match, form)) return fail(Code::json_invalid, "unexpected query: {}", text);
  Query query{.type = match.str(2), .fields = split_fields(match.str(1))};
  if (!is_type(query.type)) return fail(Code::json_invalid, "sObject type '{}' is not supported", query.type);
  const auto since = parse_rfc3339(match.str(3));
  if (!since) return fail(Code::json_invalid, "{} is no time", match.str(3));
  query.since = *since;
  return query;
}

std::string locator_of(const Query& query) {
  const boost::json::value fields = boost::json::value_from(query.fields);
  return "0r8" + hex(write_json(boost::json::object{{"type", query.type},
                                                    {"fields", fields},
                                                    {"sinceUs", query.since.us},
                                                    {"afterMs", query.after_ms},
                                                    {"afterId", query.after_id}}));
}

Result<Query> parse_locator(std::string_view text) {
  if (!text.starts_with("0r8")) return fail(Code::json_invalid, "a query locator");
  const auto content = unhex(text.substr(3));
  if (!content) return fail(content.error());
  const auto document = parse_json(*content);
  const auto* object = document && document->is_object() ? &document->get_object() : nullptr;
  const auto* fields = object ? object->if_contains("fields") : nullptr;
  if (!fields || !fields->is_array() || !is_type(text_of(*object, "type"))) return fail(Code::json_invalid, "a query locator");
  Query query{.type = text_of(*object, "type"), .after_id = text_of(*object, "afterId")};
  query.since = Time{number_of(*object, "sinceUs").value_or(0)}, query.after_ms = number_of(*object, "afterMs").value_or(0);
  for (const auto& field : fields->get_array())
    if (field.is_string()) query.fields.emplace_back(field.get_string());
  return query;
}

boost::json::object answer_query(const Query& query, std::vector<Row> rows, std::size_t page_records) {
  std::erase_if(rows, [&](const Row& row) { return row.type != query.type || row.modified.ms() < query.since.ms(); });
  const std::size_t total = rows.size();
  const std::pair<std::int64_t, std::string_view> after(query.after_ms, query.after_id);
  if (!query.after_id.empty()) std::erase_if(rows, [&](const Row& row) { return place_of(row) <= after; });
  std::sort(rows.begin(), rows.end(), [](const Row& left, const Row& right) { return place_of(left) < place_of(right); });
  boost::json::array records;
  const std::size_t count = std::min(rows.size(), page_records);
  for (std::size_t i = 0; i < count; ++i) {
    boost::json::object record{{"attributes", {{"type", query.type}}}};
    for (const std::string& field : query.fields) {
      const auto* value = rows[i].fields.if_contains(field);
      record[field] = value ? *value : boost::json::value(nullptr);
    }
    records.push_back(std::move(record));
  }
  boost::json::object out{{"totalSize", total}, {"done", count == rows.size()}, {"records", std::move(records)}};
  if (count == rows.size()) return out;
  Query next = query;
  next.after_ms = rows[count - 1].modified.ms(), next.after_id = rows[count - 1].id;
  out["nextRecordsUrl"] = std::string(path_of_queries) + locator_of(next);
  return out;
}

std::string salesforce_time(Time time) { return rfc3339(time).substr(0, 23) + "+0000"; }

}  // namespace backstitch::standin
