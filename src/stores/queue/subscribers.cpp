#include "stores/queue/subscribers.h"

namespace backstitch::queue {

std::shared_ptr<void> Subscribers::add(const std::string& topic, std::function<void()> wake) {
  auto entry = std::make_shared<Entry>();
  entry->wake = std::move(wake);
  const std::lock_guard lock(mutex_);
  auto& entries = entries_[topic];
  // An entry held by this list alone has no token any more.
  std::erase_if(entries, [](const auto& old) { return old.use_count() == 1; });
  entries.push_back(entry);
  return {entry.get(), [entry](Entry* ended) {
            const std::lock_guard ending(ended->mutex);
            ended->wake = nullptr;
          }};
}

void Subscribers::wake(const std::string& topic) {
  std::vector<std::shared_ptr<Entry>> entries;
  {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(topic);
    if (found == entries_.end()) return;
    entries = found->second;
  }
  for (const auto& entry : entries) {
    const std::lock_guard lock(entry->mutex);
    const auto call = entry->wake;  // a copy: the call may end its own subscription
    if (call) call();
  }
}

}  // namespace backstitch::queue
