// Who wants to be woken when records of a topic become visible. Thread-safe.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace backstitch::queue {

class Subscribers {
 public:
  /// No call runs or begins once the token is destroyed; it may be destroyed inside the call, and after the queue.
  std::shared_ptr<void> add(const std::string& topic, std::function<void()> wake);
  void wake(const std::string& topic);

 private:
  struct Entry {
    std::recursive_mutex mutex;  // recursive: the call may drop its own token
    std::function<void()> wake;  // empty once ended
  };
  std::mutex mutex_;
  std::map<std::string, std::vector<std::shared_ptr<Entry>>> entries_;
};

}  // namespace backstitch::queue
