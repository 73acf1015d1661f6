#include <boost/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "recovery/repair/repair_plan.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

constexpr std::size_t shown_max = 12;  // rows of an account in words; the document names more
constexpr std::size_t value_max = 60;

std::string word(const json::value& value) {
  if (value.is_null()) return "nothing";
  if (value.is_object()) return "a row";
  const std::string text = value.is_string() ? std::string(value.get_string()) : write_json(value);
  if (text.size() <= value_max) return text.empty() ? "\"\"" : text;
  return std::string(utf8_prefix(text, value_max)) + "…";
}

std::string text(const json::value& object, const char* name) {
  const json::value* value = object.as_object().if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::string account_text(const json::value& entry) {
  const std::string state = text(entry, "state");
  std::string out = fmt::format("  {:<12}{}", text(entry, "account"), state);
  if (state == "equal") return out + "\n";
  out += fmt::format(", {} differences in {} orders{}\n", write_json(entry.at("differences")), write_json(entry.at("orders")),
                     state == "refused" ? ": " + text(entry, "why") : "");
  const json::array& rows = entry.at("rows").as_array();
  for (std::size_t i = 0; i < rows.size() && i < shown_max; ++i)
    out += fmt::format("    {} {}{}: {} -> {}\n", text(rows[i], "table"), text(rows[i], "id"),
                       rows[i].at("column").is_null() ? "" : " " + text(rows[i], "column"), word(rows[i].at("live")),
                       word(rows[i].at("corrected")));
  return out + (rows.size() > shown_max ? "    …\n" : "");
}

}  // namespace

std::string repair_text(const std::string& plan) {
  const auto document = parse_json(plan);
  if (!document || !document->is_object()) return plan;
  const json::value& price = document->at("price");
  std::string out =
      fmt::format("{} at {}, folded from {}\n", text(*document, "id"), text(*document, "lsn"), text(*document, "from"));
  for (const json::value& entry : document->at("accounts").as_array()) out += account_text(entry);
  if (document->at("leftOut") != 0)
    out += fmt::format("  {} accounts more: damage so broad is a matter for recover plan\n", write_json(document->at("leftOut")));
  for (const json::value& commit : document->at("foreignCommits").as_array())
    out += fmt::format("  foreign     {} {} by {}\n", text(commit, "time"), text(commit, "lsn"), text(commit, "role"));
  out += fmt::format("  price       no outage; {} inputs, {} rows, {} bytes; the copy took {} ms to restore, {} ms to fold\n",
                     write_json(price.at("inputs")), write_json(price.at("rows")), write_json(price.at("bytes")),
                     write_json(price.at("restoreMs")), write_json(price.at("replayMs")));
  if (document->at("repairable") != 0)
    out += fmt::format("next: repair apply {} --account ACCOUNT --reason \"what happened\" --yes\n", text(*document, "id"));
  return out;
}

}  // namespace backstitch::recovery
