// Opening the log: what is there must be ours, and is read to its end.
#include <algorithm>

#include "base/hash.h"
#include "base/log.h"
#include "stores/queue/kafka/log.h"

namespace backstitch::queue::kafka {
namespace {

constexpr const char* own_topics[] = {"_decisions", "_claims", "_kept", "_meta"};

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
  const auto there = log->look_for_topics();
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
Status Log::check_whole(const std::map<std::string, Partition>& there) const {
  if (there.contains(kafka_name("_meta"))) {
    for (const char* name : own_topics)
      if (!there.contains(kafka_name(name))) return fail(Code::topic_replaced, "topic {} of Kafka is gone", kafka_name(name));
    return {};
  }
  for (const auto& [name, partitions] : there)
    if (name.starts_with(kafka_name("")) && name[settings.prefix.size() + 1] != '_')
      return fail(Code::topic_replaced, "topic {} is there without {}: the log is not whole", name, kafka_name("_meta"));
  if (settings.log.empty()) return {};
  return fail(Code::topic_replaced,
              "the log number {}, which the safe is bound to, is not in the Kafka at {}: there is no topic {}, and none was made",
              settings.log, settings.brokers, kafka_name("_meta"));
}

// A broker that starts does not know its topics at once.
Result<std::map<std::string, Partition>> Log::look_for_topics() {
  constexpr int looks_max = 10;
  for (int looks = 1;; ++looks) {
    auto there = asker->topics();
    if (!there) return there;
    Status whole = check_whole(*there);
    if (whole) return there;
    if (looks == looks_max) return fail(std::move(whole.error()));
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
  }
}

Status Log::make_own_topics(const std::map<std::string, Partition>& there) {
  if (there.contains(kafka_name("_meta"))) return {};
  std::vector<Asker::Made> first;
  for (const std::string name : {"_decisions", "_claims", "_kept"})
    first.push_back({kafka_name(name), 1, topic_options(settings, name == "_claims")});
  if (const auto made = asker->create(first); !made) return fail(made.error());
  if (const auto made = asker->create({{kafka_name("_meta"), 1, topic_options(settings, false)}}); !made)
    return fail(made.error());
  std::vector<std::string> names;
  for (const char* name : own_topics) names.push_back(kafka_name(name));
  BS_TRY(asker->await_topics(names));
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
    if (!settings.log.empty())
      return fail(Code::topic_replaced, "topic {} is empty, the safe is bound to the log number {}", meta, settings.log);
    const Words words{"instance", random_hex(8), std::to_string(settings.partitions)};
    if (const auto at = put(meta, words[0], encode(words)); !at) return fail(at.error());
    BS_TRY(read_whole(meta));  // of two that begin at the same time, the first one counts
  }
  if (!settings.log.empty() && state.instance != settings.log)
    return fail(
        Code::store_unfit,
        "the log {} in the Kafka at {} is number {}, and the safe is bound to number {}: orders of one would meet rows of the "
        "other. Name the Kafka that holds number {} (queue.brokers), or another instance",
        settings.prefix, settings.brokers, state.instance, settings.log, settings.log);
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

}  // namespace backstitch::queue::kafka
