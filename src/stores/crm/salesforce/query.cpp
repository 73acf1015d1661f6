#include "stores/crm/salesforce/query.h"

#include <boost/json.hpp>

#include "base/json_member.h"
#include "base/net/percent.h"

namespace backstitch::crm {
namespace json = boost::json;
namespace {

constexpr int pages_max = 100'000;
constexpr std::int64_t minute_us = 60'000'000, days_30_us = 30 * 24 * 60 * minute_us;

struct Page {
  std::string next;  // empty: the last one
  std::uint64_t total = 0;
};

Result<Page> take_page(const json::value& document, json::array& records) {
  const json::object* page = document.is_object() ? &document.get_object() : nullptr;
  const json::value* list = page ? page->if_contains("records") : nullptr;
  const json::value* done = page ? page->if_contains("done") : nullptr;
  if (!list || !list->is_array() || !done || !done->is_bool()) return fail(Code::crm_failed, "a page without done or records");
  records.insert(records.end(), list->get_array().begin(), list->get_array().end());
  Page out{text_in(*page, "nextRecordsUrl")};
  if (const json::value* total = page->if_contains("totalSize"); total && total->is_int64())
    out.total = static_cast<std::uint64_t>(total->get_int64());
  if (done->get_bool())
    out.next.clear();
  else if (!out.next.starts_with("/services/data/"))
    return fail(Code::crm_failed, "nextRecordsUrl \"{}\"", out.next);
  return out;
}

}  // namespace

Result<json::array> query_all(Session& session, const std::string& verb, const std::string& soql) {
  json::array records;
  std::string path = "/" + verb + "?q=" + percent_encoded(soql);
  std::uint64_t total = 0;
  for (int pages = 0; !path.empty(); ++pages) {
    if (pages == pages_max) return fail(Code::crm_failed, "more than {} pages: {}", pages_max, soql.substr(0, 200));
    const auto answer = session.call("GET", path);
    if (!answer) return fail(answer.error());
    const auto page = take_page(*answer, records);
    if (!page) return fail(page.error());
    if (pages == 0) total = page->total;
    path = page->next;
  }
  if (records.size() < total) return fail(Code::crm_failed, "{} records of {}: {}", records.size(), total, soql.substr(0, 200));
  return records;
}

Result<ChangeList> change_list(Session& session, const std::string& object, const std::string& what, Time since, Time until,
                               Time now) {
  ChangeList out{{}, until};
  const std::int64_t oldest = now.us - days_30_us + 2 * minute_us;
  const std::int64_t begin = std::max(since.us, oldest) / minute_us * minute_us;
  const std::int64_t end = (until.us + minute_us - 1) / minute_us * minute_us;
  if (begin >= end) return out;
  const auto time = [](std::int64_t us) { return percent_encoded(rfc3339(Time{us}).substr(0, 19) + "+00:00"); };
  const auto answer = session.call("GET", "/sobjects/" + object + "/" + what + "?start=" + time(begin) + "&end=" + time(end));
  if (!answer) return fail(answer.error());
  const bool updated = what == "updated";
  const json::value* list = answer->is_object() ? answer->get_object().if_contains(updated ? "ids" : "deletedRecords") : nullptr;
  if (!list || !list->is_array()) return fail(Code::crm_failed, "no list of what was {}", what);
  for (const json::value& entry : list->get_array()) {
    const std::string id = updated && entry.is_string() ? std::string(entry.get_string())
                           : entry.is_object()          ? text_in(entry.get_object(), "id")
                                                        : std::string();
    if (id.size() < 15) return fail(Code::crm_failed, "an id of what was {}: \"{}\"", what, id);
    out.ids.push_back(id);
  }
  const auto covered = parse_rfc3339(text_in(answer->get_object(), "latestDateCovered"));
  if (!covered) return fail(Code::crm_failed, "latestDateCovered is missing");
  out.covered = *covered;
  return out;
}

}  // namespace backstitch::crm
