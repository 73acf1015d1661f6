#include "cli/queue_source.h"

#include <boost/json.hpp>
#include <charconv>

#include "api/open_stores.h"
#include "base/json.h"
#include "cli/client.h"
#include "cli/offline.h"

namespace backstitch::cli {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

class LiveSource : public QueueSource {
 public:
  explicit LiveSource(Client client) : client_(std::move(client)) {}
  Result<value> topics() override { return client_.get("/queues"); }
  Result<value> topic(const std::string& name) override { return client_.get("/queues/" + percent_encode(name)); }
  Result<value> records(const std::string& name, int partition, const std::string& from, int limit) override {
    return client_.get(with_query("/queues/" + percent_encode(name) + "/records",
                                  {{"partition", std::to_string(partition)}, {"from", from}, {"limit", std::to_string(limit)}}));
  }
  bool is_live() const override { return true; }

 private:
  Client client_;
};

object topic_object(const queue::TopicInfo& topic) {
  array partitions;
  std::uint64_t records = 0;
  Time oldest;
  for (const auto& end : topic.partitions) {
    records += end.end - end.begin;
    if (end.first_at.is_set() && (!oldest.is_set() || end.first_at < oldest)) oldest = end.first_at;
    partitions.push_back(
        object{{"partition", end.partition}, {"begin", std::to_string(end.begin)}, {"end", std::to_string(end.end)}});
  }
  return {{"name", topic.name},
          {"durable", topic.durable},
          {"retention", duration_text(topic.retention_ms)},
          {"records", records},
          {"oldest", oldest.is_set() ? value(rfc3339(oldest)) : value(nullptr)},
          {"partitions", std::move(partitions)}};
}

value json_or_text(const std::string& text) {
  if (text.empty()) return nullptr;
  auto parsed = parse_json(text);
  return parsed ? std::move(*parsed) : value(text);
}

class FolderSource : public QueueSource {
 public:
  FolderSource(OfflineFolder folder, std::unique_ptr<queue::Queue> queue)
      : folder_(std::move(folder)), queue_(std::move(queue)) {}

  Result<value> topics() override {
    array items;
    for (const std::string& name : queue_->topics()) {
      const auto topic = queue_->topic(name);
      if (!topic) return fail(topic.error());
      items.push_back(topic_object(*topic));
      items.back().as_object().erase("partitions");
    }
    return value(object{{"items", std::move(items)}, {"next", nullptr}});
  }
  Result<value> topic(const std::string& name) override {
    const auto topic = queue_->topic(name);
    if (!topic) return fail(topic.error());
    return value(topic_object(*topic));
  }
  Result<value> records(const std::string& name, int partition, const std::string& from, int limit) override {
    queue::Offset offset = 1;
    std::from_chars(from.data(), from.data() + from.size(), offset);
    const auto records = queue_->read(name, partition, offset, static_cast<std::size_t>(limit));
    if (!records) return fail(records.error());
    array items;
    for (const queue::Record& record : *records)
      items.push_back(object{{"partition", partition},
                             {"offset", std::to_string(record.offset)},
                             {"appendedAt", rfc3339(record.appended)},
                             {"key", record.key},
                             {"schema", record.schema},
                             {"headers", json_or_text(record.headers)},
                             {"value", json_or_text(record.value)}});
    const value next = records->empty() ? value(nullptr) : value(std::to_string(records->back().offset + 1));
    return value(object{{"items", std::move(items)}, {"next", next}});
  }
  bool is_live() const override { return false; }

 private:
  OfflineFolder folder_;  // its lock: no platform may start while we read
  std::unique_ptr<queue::Queue> queue_;
};

Result<std::unique_ptr<QueueSource>> open_folder(const Invocation& invocation, const Error& because) {
  auto folder = OfflineFolder::open(invocation, because);
  if (!folder) return fail(std::move(folder.error()));
  const auto safe = open_safe(folder->config());
  if (!safe) return fail(safe.error());
  auto queue = open_queue(folder->config(), **safe);
  if (!queue) return fail(std::move(queue.error()));
  return std::make_unique<FolderSource>(std::move(*folder), std::move(*queue));
}

}  // namespace

Result<std::unique_ptr<QueueSource>> open_queue_source(const Invocation& invocation) {
  auto client = Client::connect(invocation);
  if (!client)
    return may_go_offline(invocation, client.error()) ? open_folder(invocation, client.error()) : fail(std::move(client.error()));
  auto probe = client->get("/queues");
  if (!probe && may_go_offline(invocation, probe.error())) return open_folder(invocation, probe.error());
  return std::make_unique<LiveSource>(std::move(*client));
}

}  // namespace backstitch::cli
