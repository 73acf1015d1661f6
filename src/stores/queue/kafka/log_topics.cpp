// Making the topics of the log.
#include "base/hash.h"
#include "stores/queue/kafka/log.h"

namespace backstitch::queue::kafka {

// The broker removes nothing by itself: who has not read what is not known to it. No copy that lags may become the leader.
std::map<std::string, std::string> topic_options(const KafkaSettings& settings, bool compacted) {
  std::map<std::string, std::string> options{{"message.timestamp.type", "LogAppendTime"},
                                             {"max.message.bytes", "20000000"},
                                             {"unclean.leader.election.enable", "false"},
                                             {"min.insync.replicas", settings.replicas > 2 ? "2" : "1"},
                                             {"segment.bytes", "134217728"}};
  options["cleanup.policy"] = compacted ? "compact" : "delete";
  options["retention.ms"] = options["retention.bytes"] = "-1";
  return options;
}

Status Log::ensure_topic(const std::string& name, const TopicSettings& wanted) {
  if (name.empty() || name.starts_with("_")) return fail(Code::topic_unknown, "a queue cannot be called \"{}\"", name);
  const std::lock_guard ensuring(ensuring_);
  BS_TRY(catch_up(kafka_name("_meta")));
  bool made = false, same = false;
  {
    const std::lock_guard lock(state.mutex);
    if (!state.broken.empty()) return fail(Code::topic_replaced, "{}", state.broken);
    const auto found = state.topics.find(name);
    made = found != state.topics.end() && found->second.made;
    if (made && found->second.replaced) return fail(Code::topic_replaced, "queue {}, topic {} of Kafka", name, kafka_name(name));
    same = made && found->second.settings.durable == wanted.durable && found->second.settings.retention_ms == wanted.retention_ms;
  }
  if (!same) BS_TRY(note({"settings", name, wanted.durable ? "durable" : "fleeting", std::to_string(wanted.retention_ms)}));
  if (!made) BS_TRY(make_topic(name));
  BS_TRY(follow_topic(name));
  for (Partition partition = 0; partition < settings.partitions; ++partition) BS_TRY(catch_up(name, partition));
  return {};
}

Status Log::make_topic(const std::string& name) {
  BS_TRY(note({"topic", name, random_hex(8)}));
  std::string incarnation;
  {
    const std::lock_guard lock(state.mutex);
    incarnation = state.topics[name].incarnation;  // the first one that was noted, by whomever
  }
  const auto created = asker->create({{kafka_name(name), settings.partitions, topic_options(settings, false)}});
  if (!created) return fail(created.error());
  if (created->empty()) {  // somebody else makes it, or died while he did
    std::unique_lock lock(state.mutex);
    if (state.moved.wait_for(lock, std::chrono::milliseconds(settings.void_after_ms), [&] { return state.topics[name].made; }))
      return {};
  }
  BS_TRY(write_births(name, incarnation));
  return note({"made", name});
}

Status Log::write_births(const std::string& name, const std::string& incarnation) {
  struct Told {
    std::mutex mutex;
    std::condition_variable come;
    std::size_t left = 0;
    std::optional<Error> error;
  };
  std::vector<Asker::At> ends;
  for (Partition partition = 0; partition < settings.partitions; ++partition)
    ends.push_back({kafka_name(name), partition, Asker::latest});
  BS_TRY(asker->await_topics({kafka_name(name)}));
  BS_TRY(asker->offsets(ends));
  producer->learn();
  const auto told = std::make_shared<Told>();
  std::vector<Producer::Outgoing> births;
  Envelope birth;
  birth.kind = Kind::birth, birth.incarnation = incarnation;
  for (const Asker::At& end : ends) {
    if (end.offset != 0) continue;
    births.push_back({end.topic, end.partition, "", "", encode(birth), [told](const Result<Offset>& result) {
                        const std::lock_guard lock(told->mutex);
                        if (!result) told->error = result.error();
                        --told->left;
                        told->come.notify_all();
                      }});
  }
  told->left = births.size();
  producer->send(std::move(births));
  std::unique_lock lock(told->mutex);
  const bool all =
      told->come.wait_for(lock, std::chrono::milliseconds(settings.timeout_ms + 2'000), [&] { return told->left == 0; });
  if (told->error) return fail(*told->error);
  return all ? Status{} : fail(Code::unreachable, "Kafka: topic {} was not acknowledged in time", kafka_name(name));
}

}  // namespace backstitch::queue::kafka
