#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "api/routes/routes.h"
#include "base/json.h"

namespace backstitch {
namespace json = boost::json;
namespace {

json::object topic_object(Platform& platform, const queue::TopicInfo& topic) {
  json::array partitions;
  std::uint64_t records = 0;
  Time oldest;
  for (const auto& end : topic.partitions) {
    records += end.end - end.begin;
    if (end.first_at.is_set() && (!oldest.is_set() || end.first_at < oldest)) oldest = end.first_at;
    json::object entry{{"partition", end.partition}, {"begin", std::to_string(end.begin)}, {"end", std::to_string(end.end)}};
    entry["readableEnd"] = std::to_string(end.readable_end());
    if (topic.name == "incoming") entry["decided"] = std::to_string(platform.decided(end.partition));
    partitions.push_back(std::move(entry));
  }
  json::object out{
      {"name", topic.name}, {"durable", topic.durable}, {"retention", duration_text(topic.retention_ms)}, {"records", records}};
  out["oldest"] = oldest.is_set() ? json::value(rfc3339(oldest)) : json::value(nullptr);
  out["partitions"] = std::move(partitions);
  return out;
}

HttpResponse list(Platform& platform) {
  json::array items;
  for (const std::string& name : platform.queue().topics())
    if (auto topic = platform.queue().topic(name)) {
      json::object entry = topic_object(platform, *topic);
      entry.erase("partitions");
      items.push_back(std::move(entry));
    }
  return json_response(200, write_json(json::object{{"items", std::move(items)}, {"next", nullptr}}));
}

std::uint64_t number(const HttpRequest& request, const char* name, std::uint64_t otherwise) {
  const auto text = request.query_value(name);
  std::from_chars(text.data(), text.data() + text.size(), otherwise);
  return otherwise;
}

HttpResponse records(Platform& platform, const RouteCall& call) {
  const std::string topic(call["name"]);
  const auto partition = static_cast<Partition>(number(call.http, "partition", 0));
  auto found = platform.queue().read(topic, partition, number(call.http, "from", 1),
                                     std::min<std::uint64_t>(number(call.http, "limit", 100), 1000));
  if (!found) return problem_response(found.error());
  std::string body = "{\"items\":[";
  for (std::size_t i = 0; i < found->size(); ++i) {
    const queue::Record& record = (*found)[i];
    body += fmt::format("{}{{\"partition\":{},\"offset\":\"{}\",\"appendedAt\":\"{}\"", i ? "," : "", partition, record.offset,
                        rfc3339(record.appended));
    body += json_member("key", record.key) + json_member("schema", record.schema) +
            ",\"headers\":" + (record.headers.empty() ? "{}" : record.headers);
    body += ",\"value\":" + (record.value.empty() ? "null" : record.value) + "}";
  }
  return json_response(
      200, body + "],\"next\":" + (found->empty() ? "null" : "\"" + std::to_string(found->back().offset + 1) + "\"") + "}");
}

}  // namespace

void add_queue_routes(Router& router, Platform& platform) {
  router.add("GET", "/api/v1/queues", {"queues", "read"}, "All queues", [&platform](const RouteCall&) { return list(platform); });
  router.add("GET", "/api/v1/queues/{name}", {"queues", "read"}, "One queue with its partitions",
             [&platform](const RouteCall& call) {
               auto topic = platform.queue().topic(std::string(call["name"]));
               return topic ? json_response(200, write_json(topic_object(platform, *topic))) : problem_response(topic.error());
             });
  router.add("GET", "/api/v1/queues/{name}/records", {"queues", "read"}, "Records of a partition from an offset on",
             [&platform](const RouteCall& call) { return records(platform, call); });
}

}  // namespace backstitch
