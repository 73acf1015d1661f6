#include "submitter.h"

#include <chrono>

#include "base/hash.h"

namespace backstitch::e2e {
namespace {
constexpr auto retry_pause = std::chrono::milliseconds(50);
}

Submitter::Submitter(World& world, int threads, int pause_ms)
    : world_(world),
      pause_ms_(pause_ms),
      ledger_path_(world.path("acknowledged.jsonl")),
      ledger_(AppendFile::open(ledger_path_).value()) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

Submitter::~Submitter() { stop(); }

void Submitter::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  ended_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

std::vector<std::string> Submitter::faults() const {
  const std::lock_guard lock(mutex_);
  return faults_;
}

void Submitter::work() {
  while (true) {
    submit(next_++);
    std::unique_lock lock(mutex_);
    if (ended_.wait_for(lock, std::chrono::milliseconds(pause_ms_), [this] { return stop_; })) return;
  }
}

void Submitter::submit(int number) {
  const std::string id = "C-" + std::to_string(number), body = order_text(id, number, number % 4 == 3 ? "PERMIT" : "LINE");
  while (true) {
    const HttpAnswer answer = world_.call("POST", "/api/v1/orders", body);
    std::unique_lock lock(mutex_);
    if (answer.status == 200 || answer.status == 202) {
      const std::string line =
          fmt::format("{{\"source\":\"test\",\"sourceOrderId\":\"{}\",\"version\":1,\"sha256\":\"{}\"}}\n", id, sha256_hex(body));
      if (!ledger_.append(line, false)) faults_.push_back("the ledger cannot be written");
      ++acknowledged_;
      return;
    }
    if (answer.status >= 400 && answer.status < 500 && answer.status != 429) return faults_.push_back(id + ": " + answer.body);
    ended_.wait_for(lock, retry_pause, [] { return false; });  // no answer, or not now: the same again
  }
}

}  // namespace backstitch::e2e
