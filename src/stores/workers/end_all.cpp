#include <mutex>
#include <thread>

#include "stores/workers/port.h"

namespace backstitch::workers {

void end_all(Workers& workers, const std::vector<Running>& who, std::int64_t grace_ms,
             const std::function<void(const Running& worker, const Status& ended)>& told) {
  std::mutex telling;
  std::vector<std::thread> ends;
  for (const Running& worker : who)
    ends.emplace_back([&, worker] {
      const Status ended = workers.end(worker.slot, grace_ms);
      const std::lock_guard lock(telling);
      told(worker, ended);
    });
  for (std::thread& end : ends) end.join();
}

}  // namespace backstitch::workers
