// What goes out: idempotent, acknowledged by all copies.
#include <librdkafka/rdkafka.h>

#include <algorithm>

#include "base/log.h"
#include "stores/queue/kafka/client.h"

namespace backstitch::queue::kafka {
namespace {

using Report = std::function<void(const rd_kafka_message_s*)>;

rd_kafka_headers_t* made(const Headers& headers) {
  rd_kafka_headers_t* out = rd_kafka_headers_new(headers.size());
  for (const auto& [name, value] : headers)
    rd_kafka_header_add(out, name.data(), static_cast<ssize_t>(name.size()), value.data(), static_cast<ssize_t>(value.size()));
  return out;
}

}  // namespace

struct Producer::Session {
  explicit Session(std::unique_ptr<Handle> made) : handle(std::move(made)), thread([this] { poll(); }) {}
  ~Session() {
    rd_kafka_purge(handle->rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    over = true;
    thread.join();
    rd_kafka_flush(handle->rk, 1'000);  // serves the reports of what was purged
  }
  void poll() {
    while (!over) rd_kafka_poll(handle->rk, 50);
  }
  bool has_failed() const {
    char text[8];
    return rd_kafka_fatal_error(handle->rk, text, sizeof text) != RD_KAFKA_RESP_ERR_NO_ERROR;
  }
  void send(Outgoing message, std::int64_t timeout_ms);

  std::unique_ptr<Handle> handle;
  std::atomic<bool> over{false};
  std::thread thread;
};

void Producer::Session::send(Outgoing message, std::int64_t timeout_ms) {
  Handle& with = *handle;
  auto* report = new Report();
  *report = [report, &with, done = std::move(message.done)](const rd_kafka_message_s* told) {
    const std::unique_ptr<Report> owned(report);
    const auto call = done;  // outlives the report, which owns the other
    if (told->err == RD_KAFKA_RESP_ERR_NO_ERROR) return call(told->offset < 0 ? somewhere : static_cast<Offset>(told->offset));
    call(kafka_error(with, told->err, "a record was not acknowledged"));
  };
  rd_kafka_headers_t* headers = made(message.headers);
  const auto end = monotonic_ms() + timeout_ms;
  for (;;) {
    rd_kafka_vu_t words[7];
    words[0].vtype = RD_KAFKA_VTYPE_TOPIC, words[0].u.cstr = message.topic.c_str();
    words[1].vtype = RD_KAFKA_VTYPE_PARTITION, words[1].u.i32 = message.partition;
    words[2].vtype = RD_KAFKA_VTYPE_KEY, words[2].u.mem.ptr = message.key.data(), words[2].u.mem.size = message.key.size();
    words[3].vtype = RD_KAFKA_VTYPE_VALUE, words[3].u.mem.ptr = message.value.data(), words[3].u.mem.size = message.value.size();
    words[4].vtype = RD_KAFKA_VTYPE_HEADERS, words[4].u.headers = headers;
    words[5].vtype = RD_KAFKA_VTYPE_MSGFLAGS, words[5].u.i = RD_KAFKA_MSG_F_COPY;
    words[6].vtype = RD_KAFKA_VTYPE_OPAQUE, words[6].u.ptr = report;
    rd_kafka_error_t* error = rd_kafka_produceva(handle->rk, words, 7);
    if (error == nullptr) return;
    const auto code = rd_kafka_error_code(error);
    rd_kafka_error_destroy(error);
    if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL && monotonic_ms() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      continue;
    }
    rd_kafka_headers_destroy(headers);
    rd_kafka_message_t refused{};
    refused.err = code;
    (*report)(&refused);
    return;
  }
}

Result<std::unique_ptr<Producer>> Producer::open(const KafkaSettings& settings) {
  std::unique_ptr<Producer> producer(new Producer(settings));
  BS_TRY(producer->renew());
  return producer;
}

Producer::~Producer() = default;

Status Producer::renew() {
  auto handle = Handle::make(settings_, true,
                             {{"enable.idempotence", "true"},
                              {"acks", "all"},
                              {"linger.ms", "0"},
                              {"queue.buffering.max.messages", "1000000"},
                              {"queue.buffering.max.kbytes", "1000000"},
                              {"message.timeout.ms", std::to_string(settings_.timeout_ms)},
                              {"request.timeout.ms", std::to_string(std::max<std::int64_t>(settings_.timeout_ms / 2, 500))},
                              {"retry.backoff.ms", "50"},
                              {"topic.metadata.propagation.max.ms", "3000"}});
  if (!handle) return fail(std::move(handle.error()));
  session_ = std::make_shared<Session>(std::move(*handle));
  return {};
}

void Producer::send(std::vector<Outgoing> messages) {
  std::shared_ptr<Session> old;  // ends behind the lock: its reports may call back into whoever sends
  const std::lock_guard lock(mutex_);
  if (session_->has_failed()) {
    log_warn("queue.producer_renewed", "renewals={}", ++renewals_);
    old = session_;
    if (const Status renewed = renew(); !renewed) log_error("queue.producer_renewed", "error={}", renewed.error().text());
  }
  for (Outgoing& message : messages) session_->send(std::move(message), settings_.timeout_ms);
}

void Producer::learn() {
  std::shared_ptr<Session> session;
  {
    const std::lock_guard lock(mutex_);
    session = session_;
  }
  session->handle->learn(settings_.timeout_ms);
}

void Producer::fail_for_good() {
  const std::lock_guard lock(mutex_);
  rd_kafka_test_fatal_error(session_->handle->rk, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "as the test asked");
}

}  // namespace backstitch::queue::kafka
