// Contract of what a log is and whose, and of what is only shown to others.
#pragma once
#include "contract/queue/help.h"

namespace backstitch::queue::contract {

inline LogIdentity identity_of(Queue& queue) { return value_of(queue.identity(), "identity"); }

inline void a_log_is_bound_once(Queue& queue) {
  const LogIdentity fresh = identity_of(queue);
  require(!fresh.log.empty(), "the log has no number");
  same(fresh.owner, std::string(), "owner of a new log");
  same(value_of(queue.bind("safe-1"), "bind"), std::string("safe-1"), "who it is bound to");
  same(value_of(queue.bind("safe-2"), "bind"), std::string("safe-1"), "who it is bound to when another one asks");
  same(value_of(queue.bind("safe-1"), "bind"), std::string("safe-1"), "who it is bound to when the first one asks again");
  put_one(queue, plain(durable, 0, "a"));
  same(identity_of(queue).owner, std::string("safe-1"), "owner");
  same(identity_of(queue).log, fresh.log, "number of the log");
}

// A reader's own position counts, wherever tools believe it to be.
inline void showing_positions_changes_nothing(Queue& queue) {
  fill(queue, durable, 0, 3);
  queue.show_positions("shard", durable, {{0, 3}, {1, 1}});
  queue.show_positions("shard", durable, {{0, 99}});
  queue.show_positions("shard", "no-such-queue", {{0, 2}});
  same(values(all(queue, durable, 0)), std::string("0,1,2,"), "records");
  same(ends(queue, durable, 0).begin, Offset{1}, "begin");
  same(put_one(queue, plain(durable, 0, "b")).offset, Offset{4}, "next offset");
}

}  // namespace backstitch::queue::contract
