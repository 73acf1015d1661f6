#include "stores/database/postgres/pool.h"

namespace backstitch::database {

static constexpr std::int64_t silence_ms_max = 600'000;  // nobody waits for ever; a question about every row may take minutes

Result<Pool::Lease> Pool::take() {
  std::unique_lock lock(mutex_);
  returned_.wait(lock, [this] { return out_ < size_max_; });
  if (!idle_.empty()) {
    Connection connection = std::move(idle_.back());
    idle_.pop_back();
    ++out_;
    return Lease(*this, std::move(connection), true);
  }
  ++out_;
  lock.unlock();
  auto opened = Connection::open(connection_, silence_ms_max);
  Status ready = opened ? opened->execute("set timezone = 'UTC'; set jit = off; set search_path = backstitch")
                        : Status(fail(std::move(opened.error())));
  if (ready) return Lease(*this, std::move(*opened), false);
  lock.lock();
  --out_;
  returned_.notify_one();
  return fail(std::move(ready.error()));
}

void Pool::give_back(Connection connection) {
  const std::lock_guard lock(mutex_);
  --out_;
  if (!connection.is_broken())
    idle_.push_back(std::move(connection));
  else
    idle_.clear();  // the others met the same end
  returned_.notify_one();
}

}  // namespace backstitch::database
