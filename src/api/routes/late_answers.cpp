// What came when nobody waited for it any more: answers of workers, and callbacks of systems.
#include <boost/json.hpp>

#include "api/routes/routes.h"
#include "base/json.h"

namespace backstitch {
namespace json = boost::json;
namespace {

/// As evidence they stand in the archive, or in the log while it is not archived yet.
json::value answer_at(Platform& platform, Partition partition, queue::Offset offset) {
  json::value out;
  auto take = [&](const queue::Record& record) {
    if (record.offset == offset)
      if (auto value = parse_json(record.value)) out = std::move(*value);
    return false;
  };
  if (const auto archived = platform.safe().archived_end("completer", partition); archived && offset < *archived) {
    // What cannot be read is shown as missing: the list is worth more than one of its answers.
    static_cast<void>(platform.safe().read_archive("completer", partition, offset, take));
  } else if (const auto records = platform.queue().read("completer", partition, offset, 1); records && !records->empty()) {
    take(records->front());
  }
  return out;
}

/// Refused records of completer of one kind, each with what it said.
HttpResponse list(Platform& platform, const database::ListFilter& filter) {
  const auto page = platform.database().commands(filter);
  if (!page) return problem_response(page.error());
  auto list = parse_json(*page);
  if (!list || !list->is_object()) return problem_response({Code::row_broken, "command", {}});
  for (json::value& entry : list->at("items").as_array()) {
    json::object& row = entry.as_object();
    const std::string offset = body_text(row, "offset");
    row["value"] = answer_at(platform, static_cast<Partition>(row.at("partition").to_number<std::int64_t>()),
                             std::strtoull(offset.c_str(), nullptr, 10));
  }
  return json_response(200, write_json(*list));
}

}  // namespace

void add_late_routes(Router& router, Platform& platform) {
  router.add("GET", "/api/v1/items/late", {"queues", "read"}, "Answers for items that are not there",
             [&platform](const RouteCall& call) {
               database::ListFilter filter = filter_of(call.http);
               filter.kind = "completer.answer", filter.state = "conflict";
               return list(platform, filter);
             });
  router.add("GET", "/api/v1/callbacks", {"queues", "read"},
             "Callbacks that no item took: ?state=late, duplicate (said before) or conflict (said otherwise before)",
             [&platform](const RouteCall& call) {
               database::ListFilter filter = filter_of(call.http);
               filter.kind = "completer.callback";
               return list(platform, filter);
             });
}

}  // namespace backstitch
