// A small pool of connections for everything that is no shard. Thread-safe.
#pragma once
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "stores/database/postgres/connection.h"

namespace backstitch::database {

class Pool {
 public:
  Pool(std::string connection, int size_max) : connection_(std::move(connection)), size_max_(size_max) {}

  /// A connection of the pool, given back when destroyed; a broken one is dropped.
  class Lease {
   public:
    Lease(Pool& pool, Connection connection, bool used_before)
        : pool_(&pool), connection_(std::make_unique<Connection>(std::move(connection))), used_before_(used_before) {}
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (connection_) pool_->give_back(std::move(*connection_));
    }
    Connection& operator*() { return *connection_; }
    Connection* operator->() { return connection_.get(); }
    bool used_before() const { return used_before_; }

   private:
    Pool* pool_;
    std::unique_ptr<Connection> connection_;
    bool used_before_;
  };

  /// Waits while all are out. Code::database_unreachable.
  Result<Lease> take();
  /// As take(), and the connection has answered just now: for writes, which must not run twice.
  Result<Lease> take_live() {
    for (;;) {
      auto lease = take();
      if (!lease || !lease->used_before() || (*lease)->execute("select 1")) return lease;
    }
  }

  /// Runs a read. One that meets a connection which died since its last use (PostgreSQL was started again) runs once more.
  template <class Read>
  auto read(Read read) -> decltype(read(std::declval<Connection&>())) {
    for (;;) {
      auto lease = take();
      if (!lease) return fail(std::move(lease.error()));
      auto answer = read(**lease);
      if (answer || answer.error().code != Code::database_unreachable || !lease->used_before()) return answer;
    }
  }

 private:
  friend class Lease;
  void give_back(Connection connection);
  const std::string connection_;
  const int size_max_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<Connection> idle_;
  int out_ = 0;
};

}  // namespace backstitch::database
