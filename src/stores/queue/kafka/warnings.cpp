// What of the brokers' settings can lose records, said once at the start.
#include "stores/queue/kafka/client.h"
#include "stores/queue/kafka/kafka_queue.h"

namespace backstitch::queue {
namespace {

using namespace kafka;

bool at_least_two(const std::string& number) { return number.size() > 1 || number > "1"; }

void look_at_copies(const std::string& topic, int replicas, const std::map<std::string, std::string>& options,
                    std::vector<std::string>& warnings) {
  const auto value = [&](const char* name) {
    const auto found = options.find(name);
    return found == options.end() ? std::string() : found->second;
  };
  if (replicas < 2 && value("flush.messages") != "1")
    warnings.push_back(
        fmt::format("topic {} has one copy and flush.messages is {}: what was acknowledged is lost when the broker's "
                    "machine loses power; three copies, or flush.messages=1",
                    topic, value("flush.messages")));
  if (replicas > 1 && !at_least_two(value("min.insync.replicas")))
    warnings.push_back(
        fmt::format("topic {} has {} copies and min.insync.replicas is 1: the last broker acknowledges alone, and what "
                    "it took is lost with it; min.insync.replicas=2",
                    topic, replicas));
  if (value("unclean.leader.election.enable") == "true")
    warnings.push_back(
        fmt::format("topic {} has unclean.leader.election.enable=true: a copy that lags may become the leader, and what "
                    "was acknowledged is gone; set it to false",
                    topic));
  for (const char* name : {"retention.ms", "retention.bytes"})
    if (value("cleanup.policy").find("delete") != std::string::npos && value(name) != "-1")
      warnings.push_back(
          fmt::format("topic {} has {}={}: the broker removes records that nobody has read or archived; set it to -1, "
                      "retention is ours",
                      topic, name, value(name)));
  if (value("message.timestamp.type") != "LogAppendTime")
    warnings.push_back(
        fmt::format("topic {} has message.timestamp.type={}: times are those of the clients; set it to LogAppendTime", topic,
                    value("message.timestamp.type")));
}

}  // namespace

Result<std::vector<std::string>> kafka_warnings(const KafkaSettings& settings) {
  const auto asker = Asker::open(settings);
  if (!asker) return fail(asker.error());
  const auto replicas = (*asker)->replicas();
  if (!replicas) return fail(replicas.error());
  std::vector<std::string> names, warnings;
  for (const auto& [name, copies] : *replicas)
    if (name.starts_with(settings.prefix + ".")) names.push_back(name);
  if (names.empty()) return warnings;
  const auto options = (*asker)->options(names);
  if (!options) return fail(options.error());
  for (const Asker::Options& topic : *options) look_at_copies(topic.topic, replicas->at(topic.topic), topic.values, warnings);
  return warnings;
}

}  // namespace backstitch::queue
