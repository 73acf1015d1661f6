#include "standins/system/callbacks.h"

#include <chrono>

namespace backstitch::standin {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::size_t on_their_way_max = 32;
constexpr std::int64_t timeout_ms = 10'000;
// Looking costs as much as waits: what happens within this time is looked at together.
constexpr milliseconds breath{3};

}  // namespace

Callbacks::Callbacks(Interface& interface, Ledger& ledger) : interface_(interface), ledger_(ledger), thread_([this] { run(); }) {}

Callbacks::~Callbacks() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Callbacks::look_again() {
  {
    std::lock_guard lock(mutex_);
    look_again_ = true;
  }
  changed_.notify_all();
}

void Callbacks::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    look_again_ = false;
    const std::size_t room = on_their_way_max - on_their_way_;
    lock.unlock();
    const Time next = send_round(room);
    lock.lock();
    changed_.wait_for(lock, breath, [this] { return stopping_; });
    changed_.wait_for(lock, microseconds(next.us - wall_clock().us), [this] { return look_again_ || stopping_; });
  }
}

Time Callbacks::send_round(std::size_t room) {
  Round round = interface_.next_round(wall_clock(), room);
  ledger_.settle();
  for (Letter& letter : round.letters) send(std::move(letter));
  return round.next;
}

void Callbacks::send(Letter letter) {
  {
    std::lock_guard lock(mutex_);
    ++on_their_way_;
  }
  HttpCall call{.method = "POST", .url = letter.url, .body = letter.body, .timeout_ms = timeout_ms};
  client_.call_async(std::move(call), [this, letter = std::move(letter)](const HttpAnswer& answer) {
    interface_.sent(letter, answer.delivery == Delivery::answered ? answer.status : 0, wall_clock());
    {
      std::lock_guard lock(mutex_);
      --on_their_way_;
    }
    look_again();
  });
}

}  // namespace backstitch::standin
