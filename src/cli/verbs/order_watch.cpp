#include "cli/verbs/order_watch.h"

#include <algorithm>
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
constexpr std::int64_t decide_grace_ms = 3'000;  // "received" comes before the order has a row

void pause() { std::this_thread::sleep_for(std::chrono::milliseconds(poll_ms)); }

bool ended(const value& order) {
  const auto state = order_state_from(text_of(order, "state"));
  return state && (is_terminal(*state) || *state == OrderState::failed);
}

/// "2026-11-23T05:21:00.120000Z ItemCompleted access/start[1.1] a=1". `names`: of the plan's items, by their index "i".
std::string event_line(const value& event, const std::vector<std::string>& names) {
  if (!event.is_object()) return write_json(event);
  std::string line = text_of(event, "at") + " " + text_of(event, "e");
  if (const value* index = event.as_object().if_contains("i"); index && index->is_int64()) {
    const auto place = static_cast<std::size_t>(index->as_int64());
    line += " " + (place < names.size() ? names[place] : fmt::format("item {}", place));
  }
  for (const auto& member : event.as_object())
    if (const std::string_view key = member.key(); key != "at" && key != "e" && key != "t" && key != "turn" && key != "i")
      line += fmt::format(" {}={}", key, cell_text(member.value()));
  return line;
}

class Watch {
 public:
  Watch(const Invocation& invocation, Client& client, std::string order)
      : invocation_(invocation), client_(client), order_(std::move(order)) {}

  Status take_events() {
    const auto page = client_.get("/orders/" + order_ + "/events");
    if (!page && page.error().code == Code::order_not_found) return {};
    if (!page) return fail(page.error());
    const array& events = items_of(*page);
    if (names_.empty() && !events.empty()) read_names();
    while (seen_.size() < events.size()) {
      const value& event = events[seen_.size()];
      if (!invocation_.json) fmt::print("{}\n", invocation_.jsonl ? write_json(event) : event_line(event, names_));
      seen_.push_back(event);
    }
    std::fflush(stdout);
    return {};
  }
  const array& seen() const { return seen_; }

 private:
  /// For people only: without a plan, items stay numbers.
  void read_names() {
    if (const auto plan = client_.get("/plans/" + order_))
      for (const value& item : items_of(*plan)) names_.push_back(text_of(item, "name"));
  }

  const Invocation& invocation_;
  Client& client_;
  std::string order_;
  std::vector<std::string> names_;
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
  const std::string id = percent_encode(invocation.argument("ORDER")), path = "/orders/" + id;
  const std::int64_t wait_ms = invocation.wait_ms < 0 ? watch_default_ms : invocation.wait_ms;
  const std::int64_t end_ms = monotonic_ms() + wait_ms;
  const std::int64_t grace_end_ms = monotonic_ms() + std::min(decide_grace_ms, wait_ms);
  Watch watch(invocation, *client, id);
  for (;;) {
    const auto order = client->get(path);
    if (!order && order.error().code == Code::order_not_found && monotonic_ms() < grace_end_ms) {
      pause();
      continue;
    }
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
    if (monotonic_ms() > end_ms)
      return fail(Code::timed_out, "the order is {} after {}; it goes on", text_of(*order, "state"), duration_text(wait_ms));
    pause();
  }
}

}  // namespace backstitch::cli
