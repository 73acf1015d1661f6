// getUpdated and getDeleted: seconds are cut off, at most thirty days back, and covered only as far as the org's clock goes.
#include <boost/json.hpp>

#include "standins/common/routes.h"
#include "standins/org/query.h"
#include "standins/org/rest.h"

namespace backstitch::standin {

ApiAnswer Rest::changes(const ApiCall& call) {
  constexpr std::int64_t minute_ms = 60'000, day_ms = 24 * 60 * minute_ms;
  if (!object_type(call.path[1])) return not_found();
  const auto begin = parse_rfc3339(call.request->query_value("start")), end = parse_rfc3339(call.request->query_value("end"));
  const std::int64_t now = clock_().ms();
  const auto refused = refuse(400, "INVALID_REPLICATION_DATE", "startDate before endDate, at most 30 days ago");
  if (!begin || !end) return refused;
  const std::int64_t from = begin->ms() / minute_ms * minute_ms, to = end->ms() / minute_ms * minute_ms;
  if (from >= to || from < now - 30 * day_ms) return refused;
  const bool deleted = call.path[2] == "deleted";
  boost::json::array found;
  for (const auto& [id, row] : objects_.of_type(call.path[1])) {
    if (row.deleted != deleted || row.modified.ms() < from || row.modified.ms() >= to) continue;
    if (deleted)
      found.push_back(boost::json::object{{"id", id}, {"deletedDate", salesforce_time(row.modified)}});
    else
      found.emplace_back(id);
  }
  boost::json::object out{{deleted ? "deletedRecords" : "ids", std::move(found)},
                          {"latestDateCovered", salesforce_time(Time{std::min(to, now) * 1000})}};
  if (deleted) out["earliestDateAvailable"] = salesforce_time(Time{(now - 15 * day_ms) * 1000});
  return json_answer(200, out);
}

}  // namespace backstitch::standin
