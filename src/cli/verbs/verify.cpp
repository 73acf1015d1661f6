#include <algorithm>
#include <boost/json.hpp>

#include "api/store_checks.h"
#include "base/json.h"
#include "cli/offline.h"
#include "cli/requests.h"
#include "cli/verbs/verbs.h"
#include "stores/database/port.h"
#include "stores/database/postgres/database.h"

namespace backstitch::cli {
namespace {

using boost::json::object;
using boost::json::value;

/// Invariants that are violated; a check that answered in no known form is no success.
Result<int> violations_of(const value& report, std::string& text) {
  const value* items = report.is_object() ? report.as_object().if_contains("items") : nullptr;
  if (!items || !items->is_array() || items->as_array().empty()) return fail(Code::defect, "verify answered without invariants");
  int violated = 0;
  for (const value& entry : items->as_array()) {
    const bool holds = text_of(entry, "count") == "0";
    violated += holds ? 0 : 1;
    if (holds) continue;
    const value* rows = entry.as_object().if_contains("rows");
    for (const value& row : rows && rows->is_array() ? rows->as_array() : boost::json::array())
      text += fmt::format("{}  {}\n", text_of(entry, "id"), cell_text(row));
  }
  return violated;
}

/// With nothing running there are no stores to compare.
Error rows_cannot_tell(const std::string& only, Error error) {
  const std::vector<std::string> others = store_check_ids();
  if (error.code != Code::usage || std::find(others.begin(), others.end(), only) == others.end()) return error;
  return {Code::not_running, only + " compares stores of a running platform with one another", {}};
}

/// The same document from the rows of a data folder; its server is started for the time being, unless it runs.
Result<value> verify_offline(const Invocation& invocation, const Error& because) {
  auto folder = OfflineFolder::open(invocation, because);
  if (!folder) return fail(std::move(folder.error()));
  Result<std::vector<database::Violation>> violations;
  BS_TRY(folder->with_database([&](const std::string& connection) {
    violations = database::make_postgres_database({connection, 2})->verify(invocation.option("--only"));
    return Status();
  }));
  if (!violations) return fail(rows_cannot_tell(invocation.option("--only"), std::move(violations.error())));
  boost::json::array items;
  for (const auto& violation : *violations) {
    boost::json::array rows;
    for (const std::string& row : violation.rows) rows.push_back(value(row));
    items.push_back(object{{"id", violation.invariant},
                           {"title", violation.title},
                           {"owner", violation.owner},
                           {"ok", violation.count == 0},
                           {"count", violation.count},
                           {"rows", std::move(rows)}});
  }
  return value(object{{"rowsAlone", true}, {"items", std::move(items)}});
}

Result<value> report_of(const Invocation& invocation) {
  auto client = Client::connect(invocation);
  auto live = client ? client->post(with_query("/verify", {{"only", invocation.option("--only")}}), "{}")
                     : Result<value>(fail(client.error()));
  if (live || !may_go_offline(invocation, live.error())) return live;
  return verify_offline(invocation, live.error());
}

Result<Answer> verify(const Invocation& invocation) {
  const auto report = report_of(invocation);
  if (!report) return fail(report.error());
  Answer answer{.schema = "verify/1", .data = write_json(*report)};
  std::string rows;
  const auto violated = violations_of(*report, rows);
  if (!violated) return fail(violated.error());
  answer.text =
      table_of(items_of(*report), {{"ID", "id"}, {"VIOLATIONS", "count"}, {"TITLE", "title"}, {"OWNER", "owner"}}) + rows;
  answer.exit_status = *violated == 0 ? 0 : 1;
  answer.notices.push_back(*violated == 0 ? "every invariant holds" : fmt::format("{} invariants are violated", *violated));
  if (report->as_object().contains("rowsAlone"))
    answer.notices.push_back("the platform is down: what its stores say of one another was not compared (V-11 … V-16)");
  return answer;
}

}  // namespace

std::vector<Verb> verify_verbs() {
  return {{"verify",
           "",
           "check the invariants; exit status 1 when one is violated",
           {},
           {{"--only", "ID", "one of them: V-12"}},
           {"verify", "verify --only V-12", "verify --json"},
           verify}};
}

}  // namespace backstitch::cli
