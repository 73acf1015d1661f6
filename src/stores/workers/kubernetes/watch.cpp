#include "stores/workers/kubernetes/watch.h"

#include <boost/json.hpp>
#include <chrono>
#include <utility>

#include "base/json.h"
#include "base/log.h"
#include "base/net/percent.h"

namespace backstitch::workers {
namespace json = boost::json;
namespace {

constexpr std::int64_t pause_first_ms = 100, pause_max_ms = 5'000;
constexpr int watch_s = 20, probe_s = 1;     // how long one watch stands; one that shall tell whether we are in touch
constexpr std::int64_t silence_ms = 10'000;  // beyond that nobody is there
constexpr std::size_t line_max = 4u << 20;

}  // namespace

Watch::Watch(const ApiServer& api, std::string path)
    : api_(api), path_(std::move(path)), pauses_(pause_first_ms, pause_max_ms), thread_([this] { run(); }) {}

Watch::~Watch() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

Result<Watch::Things> Watch::all(std::int64_t first_wait_ms) const {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, std::chrono::milliseconds(first_wait_ms), [this] { return told_ || stop_; });
  if (in_touch_) return things_;
  return fail(Code::orchestrator_failed, "{}", why_not_.empty() ? path_ + ": nothing was told yet" : why_not_);
}

void Watch::run() {
  HttpClient client;  // its end ends the call that is under way
  for (;;) {
    bool listed = false;
    {
      const std::lock_guard lock(mutex_);
      if (stop_) return;
      listed = !version_.empty();
    }
    if (listed || list(client))
      follow(client);
    else
      pause();
  }
}

/// Waits for the answer, or for our end.
Reply Watch::ask(HttpClient& client, HttpCall call) {
  struct Waiting {
    std::mutex mutex;
    std::optional<HttpAnswer> answer;
  };
  const auto waiting = std::make_shared<Waiting>();
  const HttpCall asked = call;
  client.call_async(std::move(call), [this, waiting](HttpAnswer answer) {
    {
      const std::lock_guard lock(waiting->mutex);
      waiting->answer = std::move(answer);
    }
    const std::lock_guard lock(mutex_);
    wake_.notify_all();
  });
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [&] {
    const std::lock_guard inner(waiting->mutex);
    return stop_ || waiting->answer;
  });
  const std::lock_guard inner(waiting->mutex);
  return reply_from(asked, waiting->answer ? std::move(*waiting->answer) : HttpAnswer{.error = "stopped"});
}

bool Watch::list(HttpClient& client) {
  Things found;
  std::string more;
  do {
    const Reply page =
        ask(client, api_.call_to("GET", path_ + "&limit=500" + (more.empty() ? "" : "&continue=" + percent_encoded(more))));
    const json::value* items = page.ok() && page.body.is_object() ? page.body.get_object().if_contains("items") : nullptr;
    if (!items || !items->is_array()) {  // also a page of a list that has expired meanwhile: 410
      lost(refusal(page));
      return false;
    }
    for (const json::value& item : items->get_array()) {
      Seen seen = seen_from(item);
      found[seen.name] = std::move(seen);
    }
    more = text_at(page.body, "/metadata/continue");
    const std::lock_guard lock(mutex_);
    version_ = more.empty() ? text_at(page.body, "/metadata/resourceVersion") : "";
  } while (!more.empty());
  ++lists_;
  const std::lock_guard lock(mutex_);
  things_ = std::move(found), told_ = in_touch_ = true;
  pauses_.begin_again();
  wake_.notify_all();
  return true;
}

void Watch::follow(HttpClient& client) {
  int seconds = watch_s;
  HttpCall call;
  {
    const std::lock_guard lock(mutex_);
    if (!in_touch_) seconds = probe_s;
    call = api_.call_to("GET", fmt::format("{}&watch=1&allowWatchBookmarks=true&timeoutSeconds={}&resourceVersion={}", path_,
                                           seconds, percent_encoded(version_)));
  }
  rest_.clear();
  call.timeout_ms = seconds * 1000 + silence_ms;
  call.on_bytes = [this](std::string_view bytes) { return take(bytes); };
  Reply reply = ask(client, std::move(call));
  std::unique_lock lock(mutex_);
  if (stop_ || version_.empty()) {  // an event said that it has expired
    lock.unlock();
    return pause();
  }
  if (reply.ok()) {
    in_touch_ = true, pauses_.begin_again();
    return;
  }
  // Not let in, or too busy: the place still holds. 410 Gone, 504 ResourceVersionTooLarge and whatever else: list anew.
  const bool passes = reply.status == 0 || reply.status == 401 || reply.status == 403 || reply.status == 429 ||
                      (reply.status >= 500 && reply.status != 504);
  if (!passes) version_.clear();
  lock.unlock();
  if (auto body = parse_json(rest_)) reply.body = std::move(*body);
  lost(refusal(reply));
  pause();
}

/// A piece of the stream: lines of JSON, cut anywhere. False: there is nothing more to hear.
bool Watch::take(std::string_view bytes) {
  rest_ += bytes;
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = rest_.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const auto event = parse_json(std::string_view(rest_).substr(begin, end - begin));
    if (event && event->is_object() && event->get_object().contains("object") && !take_event(*event)) return false;
    if (event && !event->get_object().contains("object")) return true;  // a refusal stands whole in rest_
  }
  rest_.erase(0, begin);
  return rest_.size() < line_max;
}

bool Watch::take_event(const json::value& event) {
  const std::string type = text_at(event, "/type");
  const json::value& object = event.at("object");
  const std::lock_guard lock(mutex_);
  if (type == "ERROR") {
    log_info("workers_watch", "path={} code={} reason={}", path_, number_at(object, "/code"), text_at(object, "/reason"));
    version_.clear();
    return false;
  }
  Seen seen = seen_from(object);
  version_ = seen.resource_version, in_touch_ = true, pauses_.begin_again();
  if (type == "DELETED") things_.erase(seen.name);
  if (type == "ADDED" || type == "MODIFIED") things_[seen.name] = std::move(seen);
  return true;
}

void Watch::lost(const Error& error) {
  const std::lock_guard lock(mutex_);
  if (in_touch_ || why_not_ != error.detail) log_warn("workers_watch", "error=\"{}\"", error.detail);
  told_ = true, in_touch_ = false, why_not_ = error.detail;
  wake_.notify_all();
}

void Watch::pause() {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, std::chrono::milliseconds(pauses_.next_ms()), [this] { return stop_; });
}

}  // namespace backstitch::workers
