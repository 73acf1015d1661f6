#include "standins/org/query.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cctype>

#include "base/json.h"
#include "base/time.h"
#include "standins/common/fields.h"

namespace backstitch::standin {
namespace json = boost::json;
namespace {

constexpr std::string_view locator_begin = "0r8";

std::string hex_of(std::string_view text) {
  std::string out;
  for (const char c : text) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

std::string text_of_hex(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; };
  std::string out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    if (digit(text[i]) < 0 || digit(text[i + 1]) < 0) return {};
    out += static_cast<char>(digit(text[i]) * 16 + digit(text[i + 1]));
  }
  return out;
}

json::value value_of(const Objects& objects, const ObjectRow& row, const std::string& field) {
  if (field == "Id") return json::value(row.id);
  if (field == "IsDeleted") return row.deleted;
  if (field == "CreatedDate") return json::value(salesforce_time(row.created));
  if (field == "SystemModstamp") return json::value(salesforce_time(row.modified));
  if (field.starts_with("Account.")) {
    const ObjectRow* account = objects.by_id("Account", text_of(row.fields, "AccountId"));
    return account ? value_of(objects, *account, field.substr(8)) : json::value(nullptr);
  }
  const json::value* value = row.fields.if_contains(field);
  return value ? *value : json::value(nullptr);
}

/// % stands for any text, _ for one character; capitals do not count.
bool is_like(std::string_view text, std::string_view pattern) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '%') {
    for (std::size_t skip = 0; skip <= text.size(); ++skip)
      if (is_like(text.substr(skip), pattern.substr(1))) return true;
    return false;
  }
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  return !text.empty() && (pattern[0] == '_' || lower(text[0]) == lower(pattern[0])) &&
         is_like(text.substr(1), pattern.substr(1));
}

/// Less, equal, greater; null is less than anything.
int compare(const json::value& left, const json::value& right) {
  if (left.is_number() && right.is_number()) {
    const double a = left.to_number<double>(), b = right.to_number<double>();
    return a < b ? -1 : a > b ? 1 : 0;
  }
  const auto text = [](const json::value& value) {
    return value.is_null() ? std::string() : value.is_string() ? std::string(value.get_string()) : write_json(value);
  };
  if (left.is_null() != right.is_null()) return left.is_null() ? -1 : 1;
  return text(left).compare(text(right));
}

json::value literal_value(const Literal& literal) {
  switch (literal.kind) {
    case Literal::Kind::text: return json::value(literal.text);
    case Literal::Kind::number: return std::strtod(literal.text.c_str(), nullptr);
    case Literal::Kind::word:
      return literal.text.size() == 4 && (literal.text[0] == 'n' || literal.text[0] == 'N')
                 ? json::value(nullptr)
                 : json::value(literal.text[0] == 't' || literal.text[0] == 'T');
    case Literal::Kind::time: break;
  }
  const auto time = parse_rfc3339(literal.text);
  return json::value(time ? salesforce_time(*time) : literal.text);
}

bool holds(const json::value& found, const Condition& condition) {
  const auto is = [&](const Literal& literal) { return compare(found, literal_value(literal)) == 0; };
  if (condition.op == "IN") return std::any_of(condition.values.begin(), condition.values.end(), is);
  const Literal& literal = condition.values.front();
  if (condition.op == "LIKE") return found.is_string() && is_like(found.get_string(), literal.text);
  const int order = compare(found, literal_value(literal));
  if (condition.op == "=") return order == 0;
  if (condition.op == "!=") return order != 0;
  if (condition.op == "<") return order < 0;
  if (condition.op == "<=") return order <= 0;
  return condition.op == ">" ? order > 0 : order >= 0;
}

struct Found {
  const ObjectRow* row;
  json::array keys;  // of ORDER BY, then the id
};

bool comes_before(const json::array& left, const json::array& right, const std::vector<SortKey>& order) {
  for (std::size_t i = 0; i < left.size() && i < right.size(); ++i)
    if (const int place = compare(left[i], right[i]); place != 0) return (place < 0) != (i < order.size() && order[i].descending);
  return false;
}

std::vector<Found> find(const Objects& objects, const Soql& query, bool with_deleted) {
  std::vector<Found> found;
  for (const auto& [id, row] : objects.of_type(query.type)) {
    if (row.deleted && !with_deleted) continue;
    const auto fits = [&](const Condition& condition) { return holds(value_of(objects, row, condition.field), condition); };
    if (!std::all_of(query.where.begin(), query.where.end(), fits)) continue;
    Found one{&row, {}};
    for (const SortKey& key : query.order) one.keys.push_back(value_of(objects, row, key.field));
    one.keys.emplace_back(row.id);
    found.push_back(std::move(one));
  }
  std::sort(found.begin(), found.end(),
            [&](const Found& left, const Found& right) { return comes_before(left.keys, right.keys, query.order); });
  if (query.limit > 0 && found.size() > query.limit) found.resize(query.limit);
  return found;
}

std::string locator_of(const Page& page, std::size_t total, const json::array& after) {
  return std::string(locator_begin) +
         hex_of(
             write_json(json::object{{"query", page.text}, {"records", page.records_max}, {"total", total}, {"after", after}}));
}

}  // namespace

Page first_page(std::string text, bool with_deleted, std::string_view options) {
  constexpr std::size_t least = 200, most = 2000;
  Page page{std::move(text), with_deleted, most, 0, {}};
  if (const auto at = options.find("batchSize="); at != std::string_view::npos)
    page.records_max =
        std::clamp<std::size_t>(std::strtoul(std::string(options.substr(at + 10)).c_str(), nullptr, 10), least, most);
  return page;
}

ApiResult<Page> next_page(std::string_view locator, bool with_deleted) {
  const auto document = locator.starts_with(locator_begin) ? parse_json(text_of_hex(locator.substr(locator_begin.size())))
                                                           : fail(Code::json_invalid, "");
  const json::object* object = document && document->is_object() ? &document->get_object() : nullptr;
  const json::value* after = object ? object->if_contains("after") : nullptr;
  if (!after || !after->is_array()) return refuse(400, "INVALID_QUERY_LOCATOR", "invalid query locator");
  return Page{text_of(*object, "query"), with_deleted, static_cast<std::size_t>(number_of(*object, "records").value_or(2000)),
              static_cast<std::size_t>(number_of(*object, "total").value_or(0)), after->get_array()};
}

ApiResult<json::object> answer_query(const Objects& objects, const Page& page, const std::string& service) {
  const auto query = parse_soql(page.text);
  if (!query) return tl::unexpected(query.error());
  std::vector<Found> found = find(objects, *query, page.with_deleted);
  if (query->count) return json::object{{"totalSize", found.size()}, {"done", true}, {"records", json::array{}}};
  const std::size_t total = page.after.empty() ? found.size() : page.total;
  if (!page.after.empty())
    std::erase_if(found, [&](const Found& one) { return !comes_before(page.after, one.keys, query->order); });
  const std::size_t count = std::min(found.size(), page.records_max);
  json::array records;
  for (std::size_t i = 0; i < count; ++i) records.push_back(record_of(objects, *found[i].row, query->fields, service));
  json::object out{{"totalSize", total}, {"done", count == found.size()}, {"records", std::move(records)}};
  if (count < found.size())
    out["nextRecordsUrl"] =
        service + (page.with_deleted ? "/queryAll/" : "/query/") + locator_of(page, total, found[count - 1].keys);
  return out;
}

json::object record_of(const Objects& objects, const ObjectRow& row, const std::vector<std::string>& fields,
                       const std::string& service) {
  json::object out{{"attributes", {{"type", row.type}, {"url", service + "/sobjects/" + row.type + "/" + row.id}}}};
  for (const std::string& field : fields) {
    json::value value = value_of(objects, row, field);
    if (!field.starts_with("Account.")) {
      out[field] = std::move(value);
      continue;
    }
    if (!out.contains("Account")) out["Account"] = json::object{{"attributes", {{"type", "Account"}}}};
    out["Account"].as_object()[field.substr(8)] = std::move(value);
  }
  return out;
}

std::string salesforce_time(Time time) { return rfc3339(time).substr(0, 23) + "+0000"; }

}  // namespace backstitch::standin
