#include "base/lasting_thread.h"

#include <unistd.h>

#include <condition_variable>
#include <future>
#include <mutex>
#include <queue>
#include <thread>

namespace backstitch {
namespace {

class LastingThread {
 public:
  LastingThread() {
    std::thread([this] { serve(); }).detach();
  }

  pid_t run(const std::function<pid_t()>& job) {
    std::packaged_task<pid_t()> task(job);
    auto result = task.get_future();
    {
      std::lock_guard lock(mutex_);
      jobs_.push(std::move(task));
    }
    arrived_.notify_one();
    return result.get();
  }

 private:
  void serve() {
    for (;;) {
      std::unique_lock lock(mutex_);
      arrived_.wait(lock, [this] { return !jobs_.empty(); });
      auto job = std::move(jobs_.front());
      jobs_.pop();
      lock.unlock();
      job();
    }
  }

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::queue<std::packaged_task<pid_t()>> jobs_;
};

/// Never destroyed. A forked copy of us has no threads, so it makes its own.
LastingThread& lasting_thread() {
  static std::mutex mutex;
  static LastingThread* thread = nullptr;
  static pid_t owner = 0;
  std::lock_guard lock(mutex);
  if (owner != ::getpid()) thread = new LastingThread, owner = ::getpid();
  return *thread;
}

}  // namespace

pid_t fork_on_lasting_thread(const std::function<pid_t()>& job) { return lasting_thread().run(job); }

}  // namespace backstitch
