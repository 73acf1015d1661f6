#include "standins/common/submitter.h"

#include <algorithm>
#include <charconv>

#include "base/time.h"

namespace backstitch::standin {
namespace {

constexpr std::int64_t pause_first_ms = 50, pause_max_ms = 1'000;

enum class Verdict { acknowledged, rejected, again };

Verdict judge(const HttpAnswer& answer) {
  if (answer.delivery != Delivery::answered) return Verdict::again;
  if (answer.status >= 200 && answer.status < 300) return Verdict::acknowledged;
  const bool later = answer.status == 408 || answer.status == 429 || answer.status >= 500;
  return later ? Verdict::again : Verdict::rejected;
}

/// Doubles with each attempt; what the platform asked for (Retry-After, seconds) holds within our own bound.
std::int64_t pause_after(int attempt, const HttpAnswer& answer) {
  std::int64_t pause_ms = std::min(pause_first_ms << std::min(attempt - 1, 10), pause_max_ms);
  for (const auto& [name, value] : answer.headers) {
    int seconds = 0;
    if (name == "retry-after" && std::from_chars(value.data(), value.data() + value.size(), seconds).ec == std::errc())
      pause_ms = std::min<std::int64_t>(std::max<std::int64_t>(pause_ms, seconds * 1000), pause_max_ms);
  }
  return pause_ms;
}

}  // namespace

Submitter::Submitter(std::vector<OrderText> orders, const SubmitSettings& settings, Target& target, SubmitEvents events)
    : orders_(std::move(orders)), settings_(settings), target_(target), events_(std::move(events)), started_ms_(monotonic_ms()) {
  for (int i = 0; i < settings_.connections; ++i) threads_.emplace_back([this] { work(); });
}

Submitter::~Submitter() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stopped_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void Submitter::work() {
  for (;;) {
    const std::size_t i = next_++;
    if (i >= orders_.size()) return;
    const double spacing_ms = settings_.orders_per_second > 0 ? 1000.0 / settings_.orders_per_second : 0;
    if (!pause_until(started_ms_ + static_cast<std::int64_t>(spacing_ms * static_cast<double>(i)))) return;
    deliver(orders_[i]);
  }
}

void Submitter::deliver(const OrderText& order) {
  for (int attempt = 1;; ++attempt) {
    HttpAnswer answer;
    if (const std::string url = target_.url(); !url.empty()) {
      events_.sending(order, attempt);
      answer = http_.call({.method = "POST",
                           .url = url + "/api/v1/orders",
                           .body = order.body,
                           .headers = {{"Content-Type", "application/json"}},
                           .timeout_ms = settings_.timeout_ms,
                           .never_resend = true});
    }
    const Verdict verdict = judge(answer);
    if (verdict != Verdict::again) {
      (verdict == Verdict::acknowledged ? events_.acknowledged : events_.rejected)(order, answer);
      ++finished_;
      return;
    }
    if (answer.delivery != Delivery::answered) target_.refresh();
    if (!pause_until(monotonic_ms() + pause_after(attempt, answer))) return;
  }
}

bool Submitter::pause_until(std::int64_t at_ms) {
  std::unique_lock lock(mutex_);
  const auto wait = std::chrono::milliseconds(std::max<std::int64_t>(0, at_ms - monotonic_ms()));
  return !stopped_.wait_for(lock, wait, [this] { return stopping_; });
}

}  // namespace backstitch::standin
