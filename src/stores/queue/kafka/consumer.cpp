// What is read: the simple consumer, each partition from an offset that we name. Nothing is ever reset.
#include <librdkafka/rdkafka.h>

#include <algorithm>

#include "base/time.h"
#include "stores/queue/kafka/client.h"

namespace backstitch::queue::kafka {
namespace {

constexpr std::size_t idle_max = 4;

Message copied(const rd_kafka_message_t& from) {
  Message out;
  out.topic = rd_kafka_topic_name(from.rkt), out.partition = from.partition, out.offset = static_cast<Offset>(from.offset);
  rd_kafka_timestamp_type_t type{};
  out.appended = Time{rd_kafka_message_timestamp(&from, &type) * 1000};
  if (from.key_len > 0) out.key.assign(static_cast<const char*>(from.key), from.key_len);
  if (from.len > 0) out.value.assign(static_cast<const char*>(from.payload), from.len);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&from, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return out;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    out.headers.emplace_back(name, std::string(static_cast<const char*>(value), value == nullptr ? 0 : size));
  return out;
}

bool is_out_of_range(int code) {
  return code == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET || code == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE;
}
bool is_unknown(int code) {
  return code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
         code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
}

struct OwnedMessage {
  explicit OwnedMessage(rd_kafka_message_t* from) : message(from) {}
  OwnedMessage(const OwnedMessage&) = delete;
  OwnedMessage& operator=(const OwnedMessage&) = delete;
  ~OwnedMessage() {
    if (message != nullptr) rd_kafka_message_destroy(message);
  }
  rd_kafka_message_t* message;
};

}  // namespace

Result<std::unique_ptr<Follower>> Follower::open(const KafkaSettings& settings) {
  auto handle = Handle::make(settings, false,
                             {{"auto.offset.reset", "error"},
                              {"fetch.wait.max.ms", "100"},
                              {"fetch.error.backoff.ms", "50"},
                              {"queued.max.messages.kbytes", "8192"},
                              {"enable.partition.eof", "false"}});
  if (!handle) return fail(std::move(handle.error()));
  auto follower = std::make_unique<Follower>();
  follower->handle_ = std::move(*handle);
  follower->queue_ = rd_kafka_queue_new(follower->handle_->rk);
  return follower;
}

Follower::~Follower() {
  if (queue_ != nullptr) rd_kafka_queue_destroy(queue_);
}

Status Follower::follow(const std::string& topic, Partition partition, Offset from) {
  if (rd_kafka_consume_start_queue(handle_->topic(topic), partition, static_cast<std::int64_t>(from), queue_) == 0) return {};
  return kafka_error(*handle_, rd_kafka_last_error(), "reading " + topic);
}

void Follower::leave(const std::string& topic, Partition partition) { rd_kafka_consume_stop(handle_->topic(topic), partition); }

void Follower::poll(int wait_ms, std::vector<Message>& messages, std::vector<std::tuple<std::string, Partition, Lost>>& lost) {
  constexpr std::size_t messages_max = 2'000;
  rd_kafka_poll(handle_->rk, 0);
  while (messages.size() < messages_max) {
    const OwnedMessage next(rd_kafka_consume_queue(queue_, messages.empty() ? wait_ms : 0));
    if (next.message == nullptr) return;
    if (next.message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      messages.push_back(copied(*next.message));
    } else if (next.message->rkt != nullptr && (is_out_of_range(next.message->err) || is_unknown(next.message->err))) {
      lost.emplace_back(rd_kafka_topic_name(next.message->rkt), next.message->partition,
                        is_unknown(next.message->err) ? Lost::no_topic : Lost::out_of_range);
      return;
    }
  }
}

Result<std::vector<Message>> Piece::read(const std::string& topic, Partition partition, Offset from, Offset until,
                                         std::size_t count_max) {
  std::unique_ptr<Handle> handle;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) handle = std::move(idle_.back()), idle_.pop_back();
  }
  if (handle == nullptr) {
    auto made = Handle::make(settings_, false,
                             {{"auto.offset.reset", "error"},
                              {"fetch.wait.max.ms", "10"},
                              {"fetch.error.backoff.ms", "50"},
                              {"queued.max.messages.kbytes", "65536"},
                              {"enable.partition.eof", "false"}});
    if (!made) return fail(std::move(made.error()));
    handle = std::move(*made);
  }
  auto messages = read(*handle, topic, partition, from, until, count_max);
  const std::lock_guard lock(mutex_);
  if (messages && idle_.size() < idle_max) idle_.push_back(std::move(handle));  // after an error a new one is safer
  return messages;
}

Result<std::vector<Message>> Piece::read(Handle& handle, const std::string& topic, Partition partition, Offset from, Offset until,
                                         std::size_t count_max) {
  std::vector<Message> out;
  if (from >= until || count_max == 0) return out;
  rd_kafka_topic_t* const rkt = handle.topic(topic);
  handle.trouble.clear();
  if (rd_kafka_consume_start(rkt, partition, static_cast<std::int64_t>(from)) != 0)
    return kafka_error(handle, rd_kafka_last_error(), "reading " + topic);
  const std::unique_ptr<rd_kafka_topic_t, std::function<void(rd_kafka_topic_t*)>> stop(
      rkt, [&](rd_kafka_topic_t* started) { rd_kafka_consume_stop(started, partition); });
  const auto deadline = monotonic_ms() + settings_.timeout_ms;
  while (out.size() < count_max) {
    rd_kafka_poll(handle.rk, 0);
    const OwnedMessage next(rd_kafka_consume(rkt, partition, 20));
    if (next.message == nullptr) {
      if (monotonic_ms() > deadline) return handle.trouble.as_error(Code::unreachable, "no answer in time, reading " + topic);
      continue;
    }
    const auto code = next.message->err;
    if (is_out_of_range(code)) return fail(Code::offset_expired, "offset {} of {}, partition {}", from, topic, partition);
    if (is_unknown(code)) return kafka_error(handle, code, "reading " + topic);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) continue;  // it tries again by itself
    if (static_cast<Offset>(next.message->offset) >= until) break;
    out.push_back(copied(*next.message));
    if (out.back().offset + 1 >= until) break;
  }
  return out;
}

}  // namespace backstitch::queue::kafka
