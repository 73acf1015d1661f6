#include "cli/verbs/order_watch.h"

#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <thread>

#include "base/json.h"
#include "base/time.h"
#include "cli/requests.h"
#include "model/states.h"

namespace backstitch::cli {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

constexpr std::int64_t poll_ms = 100;
constexpr std::int64_t watch_default_ms = 3'600'000;

void pause() { std::this_thread::sleep_for(std::chrono::milliseconds(poll_ms)); }

bool ended(const value& order) {
  const auto state = order_state_from(text_of(order, "state"));
  return state && (is_terminal(*state) || *state == OrderState::failed);
}

/// "05:21:00.120 ItemCompleted i=3 attempt=1"
std::string event_line(const value& event) {
  if (!event.is_object()) return write_json(event);
  std::string line = text_of(event, "at") + " " + text_of(event, "e");
  for (const auto& member : event.as_object())
    if (member.key() != "at" && member.key() != "e" && member.key() != "t" && member.key() != "turn")
      line += fmt::format(" {}={}", std::string_view(member.key()), cell_text(member.value()));
  return line;
}

class Watch {
 public:
  Watch(const Invocation& invocation, Client& client, std::string path) : invocation_(invocation), client_(client), path_(std::move(path)) {}

  Status take_events() {
    const auto page = client_.get(path_ + "/events");
    if (!page && page.error().code == Code::order_not_found) return {};
    if (!page) return fail(page.error());
    const array& events = items_of(*page);
    for (; seen_.size() < events.size();) {
      const value& event = events[seen_.size()];
      if (!invocation_.json) fmt::print("{}\n", invocation_.jsonl ? write_json(event) : event_line(event));
      seen_.push_back(event);
    }
    std::fflush(stdout);
    return {};
  }
  const array& seen() const { return seen_; }

 private:
  const Invocation& invocation_;
  Client& client_;
  std::string path_;
  array seen_;
};

}  // namespace

Result<value> await_order(const Invocation& invocation, Client& client, const std::string& id) {
  const std::int64_t end_ms = monotonic_ms() + invocation.wait_ms;
  std::string state = "received";
  do {
    auto order = client.get("/orders/" + percent_encode(id));
    if (!order && order.error().code != Code::order_not_found) return fail(std::move(order.error()));
    if (order && ended(*order)) return order;
    if (order) state = text_of(*order, "state");
    pause();
  } while (monotonic_ms() < end_ms);
  return fail(Code::timed_out, "order {} is {} after {}; it goes on", id, state, duration_text(invocation.wait_ms));
}

Result<Answer> order_watch(const Invocation& invocation) {
  auto client = Client::connect(invocation);
  if (!client) return fail(std::move(client.error()));
  const std::string path = "/orders/" + percent_encode(invocation.argument("ORDER"));
  const std::int64_t wait_ms = invocation.wait_ms < 0 ? watch_default_ms : invocation.wait_ms;
  const std::int64_t end_ms = monotonic_ms() + wait_ms;
  Watch watch(invocation, *client, path);
  for (;;) {
    const auto order = client->get(path);
    if (!order) return fail(order.error());
    BS_TRY(watch.take_events());
    if (ended(*order)) {
      const std::string state = text_of(*order, "state");
      Answer answer{.schema = "order.watch/1", .data = write_json(object{{"order", *order}, {"events", watch.seen()}})};
      answer.streamed = !invocation.json;
      answer.exit_status = state == "Activated" ? 0 : 1;
      answer.notices.push_back("the order is " + state);
      return answer;
    }
    if (monotonic_ms() > end_ms) return fail(Code::timed_out, "the order is {} after {}; it goes on", text_of(*order, "state"), duration_text(wait_ms));
    pause();
  }
}

}  // namespace backstitch::cli
