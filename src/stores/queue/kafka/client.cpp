#include "stores/queue/kafka/client.h"

#include <librdkafka/rdkafka.h>

namespace backstitch::queue::kafka {
namespace {

void on_error(rd_kafka_t*, int code, const char* reason, void* opaque) {
  static_cast<Handle*>(opaque)->trouble.note(code, reason);
}
void on_log(const rd_kafka_t*, int, const char*, const char*) {}  // what matters comes as an error, too

std::map<std::string, std::string> common_options(const KafkaSettings& settings) {
  std::map<std::string, std::string> options{
      {"bootstrap.servers", settings.brokers},
      {"client.id", "backstitch"},
      {"socket.nagle.disable", "true"},
      {"reconnect.backoff.ms", "50"},
      {"reconnect.backoff.max.ms", "500"},
      {"message.max.bytes", "20000000"},
      {"fetch.message.max.bytes", "4194304"},
      {"receive.message.max.bytes", "200000000"},
      {"socket.timeout.ms", std::to_string(std::max<std::int64_t>(settings.timeout_ms, 1'000))},
      {"topic.metadata.refresh.interval.ms", "30000"}};
  options["security.protocol"] = settings.security;
  if (!settings.ca_file.empty()) options["ssl.ca.location"] = settings.ca_file;
  if (settings.security.starts_with("sasl")) {
    options["sasl.mechanisms"] = "PLAIN";
    options["sasl.username"] = settings.user, options["sasl.password"] = settings.password;
  }
  return options;
}

}  // namespace

void Trouble::note(int code, const std::string& text) {
  const std::lock_guard lock(mutex);
  const bool now = code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED;
  if (refused && !now) return;  // that all brokers are down, which is said next, is how it looks from here
  last = text, refused = now;
  not_let_in = now || code == RD_KAFKA_RESP_ERR__SSL || code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
}

void Trouble::clear() {
  const std::lock_guard lock(mutex);
  last.clear(), not_let_in = refused = false;
}

tl::unexpected<Error> Trouble::as_error(Code code, const std::string& what) {
  const std::lock_guard lock(mutex);
  return fail(not_let_in ? Code::config_invalid : code, "Kafka: {}{}{:.300}", what, last.empty() ? "" : "; ", last);
}

Result<std::unique_ptr<Handle>> Handle::make(const KafkaSettings& settings, bool producer,
                                             const std::map<std::string, std::string>& options) {
  auto all = common_options(settings);
  for (const auto& [name, value] : options) all[name] = value;
  auto handle = std::make_unique<Handle>();
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char text[512] = "";
  for (const auto& [name, value] : all) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text, sizeof text) == RD_KAFKA_CONF_OK) continue;
    rd_kafka_conf_destroy(conf);
    return fail(Code::config_invalid, "Kafka: {}", text);
  }
  rd_kafka_conf_set_opaque(conf, handle.get());
  rd_kafka_conf_set_error_cb(conf, on_error);
  rd_kafka_conf_set_log_cb(conf, on_log);
  if (producer)
    rd_kafka_conf_set_dr_msg_cb(conf, [](rd_kafka_t*, const rd_kafka_message_t* message, void*) {
      static_cast<std::function<void(const rd_kafka_message_s*)>*>(message->_private)->operator()(message);
    });
  handle->rk = rd_kafka_new(producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER, conf, text, sizeof text);
  if (handle->rk == nullptr) {
    rd_kafka_conf_destroy(conf);
    return fail(Code::config_invalid, "Kafka: {}", text);
  }
  return handle;
}

Handle::~Handle() {
  for (const auto& [name, topic] : topics) rd_kafka_topic_destroy(topic);
  // Nobody of us is a member of a group that would have to be left.
  if (rk != nullptr) rd_kafka_destroy_flags(rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

rd_kafka_topic_s* Handle::topic(const std::string& name) {
  const std::lock_guard lock(mutex);
  auto& topic = topics[name];
  if (topic == nullptr) topic = rd_kafka_topic_new(rk, name.c_str(), nullptr);
  return topic;
}

void Handle::learn(std::int64_t timeout_ms) {
  const rd_kafka_metadata_t* data = nullptr;
  if (rd_kafka_metadata(rk, 1, nullptr, &data, static_cast<int>(timeout_ms)) == RD_KAFKA_RESP_ERR_NO_ERROR)
    rd_kafka_metadata_destroy(data);
}

tl::unexpected<Error> kafka_error(Handle& handle, int code, const std::string& what) {
  const std::string text = what + ": " + rd_kafka_err2str(static_cast<rd_kafka_resp_err_t>(code));
  switch (code) {
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART: return fail(Code::topic_replaced, "Kafka: {}", text);
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE: return fail(Code::record_too_large, "Kafka: {}", text);
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION: return fail(Code::config_invalid, "Kafka: {}", text);
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN: return handle.trouble.as_error(Code::unreachable, text);
    default: return handle.trouble.as_error(Code::queue_failed, text);
  }
}

}  // namespace backstitch::queue::kafka
