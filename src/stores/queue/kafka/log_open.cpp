// Opening the log: what is there must be ours, and is read to its end. Making topics.
#include <algorithm>

#include "base/hash.h"
#include "base/log.h"
#include "stores/queue/kafka/log.h"

namespace backstitch::queue::kafka {
namespace {

using Options = std::map<std::string, std::string>;

// The broker removes nothing by itself: who has not read what is not known to it. No copy that lags may become the leader.
Options options_of(const KafkaSettings& settings, bool compacted) {
  Options options{{"message.timestamp.type", "LogAppendTime"},
                  {"max.message.bytes", "20000000"},
                  {"unclean.leader.election.enable", "false"},
                  {"min.insync.replicas", settings.replicas > 2 ? "2" : "1"},
                  {"segment.bytes", "134217728"}};
  options["cleanup.policy"] = compacted ? "compact" : "delete";
  options["retention.ms"] = options["retention.bytes"] = "-1";
  return options;
}

Status check(const KafkaSettings& settings) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  };
  if (settings.prefix.empty() || !std::all_of(settings.prefix.begin(), settings.prefix.end(), allowed))
    return fail(Code::config_invalid, "the prefix \"{}\" of Kafka's topics; letters, digits and hyphens", settings.prefix);
  if (settings.brokers.empty()) return fail(Code::config_invalid, "no broker of Kafka is named");
  if (settings.partitions < 1) return fail(Code::config_invalid, "{} partitions", settings.partitions);
  if (settings.security == "plaintext" || settings.security == "ssl") return {};
  if (settings.security != "sasl_plaintext" && settings.security != "sasl_ssl")
    return fail(Code::config_invalid, "Kafka's protocol \"{}\"; plaintext, ssl, sasl_plaintext or sasl_ssl", settings.security);
  if (settings.user.empty()) return fail(Code::config_invalid, "{} needs a user and a password", settings.security);
  return {};
}

}  // namespace

Result<std::unique_ptr<Log>> Log::open(const KafkaSettings& settings) {
  BS_TRY(check(settings));
  std::unique_ptr<Log> log(new Log(settings, std::strtoull(random_hex(7).c_str(), nullptr, 16) | 1));
  BS_TRY(log->connect());
  const auto there = log->asker->topics();
  if (!there) return fail(there.error());
  BS_TRY(log->make_own_topics(*there));
  BS_TRY(log->read_meta());
  BS_TRY(log->start_topics(*there));
  log->following_ = std::thread([raw = log.get()] { raw->follow_loop(); });
  BS_TRY(log->read_to_the_ends());
  BS_TRY(log->look_for_losses());
  log->watching_ = std::thread([raw = log.get()] { raw->watch_loop(); });
  return log;
}

Status Log::connect() {
  auto made_producer = Producer::open(settings);
  if (!made_producer) return fail(std::move(made_producer.error()));
  producer = std::move(*made_producer);
  auto made_asker = Asker::open(settings);
  if (!made_asker) return fail(std::move(made_asker.error()));
  asker = std::move(*made_asker);
  KafkaSettings hasty = settings;  // so that a broker that is away does not hold up the end
  hasty.timeout_ms = std::min<std::int64_t>(settings.timeout_ms, 1'500);
  auto made_watcher = Asker::open(hasty);
  if (!made_watcher) return fail(std::move(made_watcher.error()));
  watcher_ = std::move(*made_watcher);
  births_ = std::make_unique<Piece>(hasty);
  auto made_follower = Follower::open(settings);
  if (!made_follower) return fail(std::move(made_follower.error()));
  follower_ = std::move(*made_follower);
  return {};
}

// _meta is made last: where it stands, the others do.
Status Log::make_own_topics(const std::map<std::string, Partition>& there) {
  const std::vector<std::string> own{"_decisions", "_claims", "_kept", "_meta"};
  if (there.contains(kafka_name("_meta"))) {
    for (const std::string& name : own)
      if (!there.contains(kafka_name(name))) return fail(Code::topic_replaced, "topic {} of Kafka is gone", kafka_name(name));
    return {};
  }
  for (const auto& [name, partitions] : there)
    if (name.starts_with(kafka_name("")) && name[settings.prefix.size() + 1] != '_')
      return fail(Code::topic_replaced, "topic {} is there without {}: the log is not whole", name, kafka_name("_meta"));
  std::vector<Asker::Made> first;
  for (const std::string& name : {own[0], own[1], own[2]})
    first.push_back({kafka_name(name), 1, options_of(settings, name == "_claims")});
  if (const auto made = asker->create(first); !made) return fail(made.error());
  if (const auto made = asker->create({{kafka_name("_meta"), 1, options_of(settings, false)}}); !made) return fail(made.error());
  BS_TRY(asker->await_topics({kafka_name(own[0]), kafka_name(own[1]), kafka_name(own[2]), kafka_name(own[3])}));
  producer->learn();
  return {};
}

Status Log::read_whole(const std::string& kafka_topic) {
  const auto end = asker->offset(kafka_topic, 0, Asker::latest);
  if (!end) return fail(end.error());
  for (;;) {
    const Offset from = state.next_of(kafka_topic);
    if (from >= *end) return {};
    const auto messages = pieces.read(kafka_topic, 0, from, *end, 10'000);
    if (!messages) return fail(messages.error());
    std::set<std::string> woken;
    const std::lock_guard lock(state.mutex);
    for (const Message& message : *messages) state.apply(message, monotonic_ms(), woken);
    if (state.next_of(kafka_topic) == from) return fail(Code::queue_failed, "{} cannot be read behind {}", kafka_topic, from);
  }
}

Status Log::read_meta() {
  const std::string meta = kafka_name("_meta");
  BS_TRY(read_whole(meta));
  if (state.instance.empty()) {
    const Words words{"instance", random_hex(8), std::to_string(settings.partitions)};
    if (const auto at = put(meta, words[0], encode(words)); !at) return fail(at.error());
    BS_TRY(read_whole(meta));  // of two that begin at the same time, the first one counts
  }
  if (state.instance_partitions != settings.partitions)
    return fail(Code::config_invalid, "the log {} has {} partitions, the configuration {}", settings.prefix,
                state.instance_partitions, settings.partitions);
  return {};
}

// Decisions are removed only once _claims holds what they said about claims: so _claims is read behind the first decision's
// place.
Status Log::start_topics(const std::map<std::string, Partition>& there) {
  const std::string decisions = kafka_name("_decisions");
  const auto first = asker->offset(decisions, 0, Asker::earliest);
  if (!first) return fail(first.error());
  BS_TRY(read_whole(kafka_name("_claims")));
  state.next_of(decisions) = *first;
  start(decisions, 0, *first);
  start(kafka_name("_claims"), 0, state.next_of(kafka_name("_claims")));
  start(kafka_name("_meta"), 0, state.next_of(kafka_name("_meta")));
  for (auto& [name, topic] : state.topics) {
    if (!topic.made) continue;
    const auto found = there.find(kafka_name(name));
    if (found != there.end() && found->second == settings.partitions) {
      BS_TRY(follow_topic(name));
      continue;
    }
    topic.replaced = true;
    log_error("queue.topic_gone", "topic={}", kafka_name(name));
  }
  return {};
}

Status Log::follow_topic(const std::string& name) {
  std::vector<Asker::At> lows, ends;
  for (Partition partition = 0; partition < settings.partitions; ++partition) {
    lows.push_back({kafka_name(name), partition, Asker::earliest});
    ends.push_back({kafka_name(name), partition, Asker::latest});
  }
  BS_TRY(asker->offsets(lows));
  BS_TRY(asker->offsets(ends));
  const std::lock_guard lock(state.mutex);
  TopicState& topic = state.topics[name];
  if (topic.followed) return {};
  auto& parts = state.parts_of(name);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (lows[i].no_topic || ends[i].no_topic || (lows[i].offset == 0 && ends[i].offset == 0)) topic.replaced = true;  // no birth
    Time time;
    const auto noted = state.noted_begins.find({name, static_cast<Partition>(i)});
    if (noted != state.noted_begins.end() && lows[i].offset >= noted->second.first) time = noted->second.second;
    parts[i].start(lows[i].offset, time);
    if (!topic.replaced) start(kafka_name(name), static_cast<Partition>(i), lows[i].offset);
  }
  topic.followed = true;
  state.moved.notify_all();
  return {};
}

Status Log::read_to_the_ends() {
  std::vector<Asker::At> ends{{kafka_name("_decisions"), 0, Asker::latest}};
  std::vector<PartitionFold*> parts{nullptr};
  for (auto& [name, topic] : state.topics) {
    if (!topic.followed || topic.replaced) continue;
    for (Partition partition = 0; partition < settings.partitions; ++partition) {
      ends.push_back({kafka_name(name), partition, Asker::latest});
      parts.push_back(&topic.parts[static_cast<std::size_t>(partition)]);
    }
  }
  BS_TRY(asker->offsets(ends));
  std::unique_lock lock(state.mutex);
  auto deadline = monotonic_ms() + settings.timeout_ms;
  for (std::uint64_t read_before = 0;;) {
    std::uint64_t read = 0;
    bool all = true;
    for (std::size_t i = 0; i < ends.size(); ++i) {
      const Offset next = parts[i] == nullptr ? state.next_of(ends[i].topic) : parts[i]->next();
      const bool replaced = parts[i] != nullptr && state.topics[ends[i].topic.substr(settings.prefix.size() + 1)].replaced;
      all = all && (next >= ends[i].offset || replaced);
      read += next;
    }
    if (all) return {};
    if (read > read_before) deadline = monotonic_ms() + settings.timeout_ms;
    read_before = std::max(read, read_before);
    if (monotonic_ms() > deadline)
      return fail(Code::queue_failed, "Kafka: the log {} could not be read to its ends", settings.prefix);
    state.moved.wait_for(lock, std::chrono::milliseconds(50));
  }
}

// Before anybody appends: claims of records that the log has lost are free, and that must stand in _decisions.
Status Log::look_for_losses() {
  watch_once();
  send_lost();
  return catch_up(kafka_name("_decisions"));
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
  const auto created = asker->create({{kafka_name(name), settings.partitions, options_of(settings, false)}});
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
