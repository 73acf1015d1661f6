// A node of Riak 3.2.3 as its recorded contract shows it (tests/contract/riak), and stricter than that: what a real node passes
// over is refused here. An unknown clock or query parameter is 400, an Accept that does not fit is 406, tombstones stay for ever.
// Two bucket types, as in the recording: sessions (one value, a backend that expires) and grants (siblings). /stats is not here.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <set>

#include "standins/riak/bucket.h"
#include "standins/riak/wire.h"

namespace backstitch::standin {

/// What is wrong on purpose, to see that it is seen.
enum class RiakFlaw {
  deletes_nothing,        // 204, and it is still there
  keeps_the_first,        // a later write of a key does nothing
  loses_writes,           // 204, and nothing was kept
  cuts_at_zero,           // a body ends at its first zero byte
  takes_every_condition,  // no write is told that its condition does not hold, as it may happen to two at once
};

struct RiakAnswer {
  int status = 200;
  Headers headers = {};
  std::string body = {};
  std::string text(bool with_body) const;
};

class RiakNode {
 public:
  struct Settings {
    std::int64_t session_expiry_ms = 0;
    std::set<RiakFlaw> flaws = {};
    bool keep_requests = true;  // for requests()
    std::function<Time()> clock = wall_clock;
    /// A new "clock", "etag", "key" or "boundary".
    std::function<std::string(const std::string& kind)> draw = {};
  };
  explicit RiakNode(Settings settings);

  std::optional<std::string> handle(const WireRequest& request);

  bool has(RiakFlaw flaw) const { return settings_.flaws.contains(flaw); }
  void forget();                               // everything, as if its disks were new
  std::function<void()> save();                // what is there now; call it to get that back
  void be_without_majority(bool without);      // fewer nodes than a quorum can be reached
  void answer_next(std::deque<int> statuses);  // the next requests, unseen, with these statuses; 0: done, without an answer
  void be_silent(bool silent);                 // answers wait until it is over
  int blind_writes() const;                    // of objects that were there, by somebody who did not say what he had read
  std::vector<WireRequest> requests() const;   // all that came, in order

 private:
  struct Place {
    RiakType* type = nullptr;
    std::string bucket, key;
  };
  RiakAnswer answer(const WireRequest& request);
  RiakAnswer on_object(const WireRequest& request, const Headers& query, const Place& place);
  RiakAnswer read(const WireRequest& request, const Headers& query, const RiakObject* object, const std::string& bucket);
  RiakAnswer siblings(const WireRequest& request, const RiakObject& object, const std::string& bucket);
  RiakAnswer write(const WireRequest& request, const Headers& query, const Place& place);
  RiakAnswer remove(const WireRequest& request, const Place& place);
  RiakAnswer index(const Headers& query, const Place& place, const std::vector<std::string>& what);
  std::optional<RiakAnswer> refused_quorum(const Headers& query) const;
  void keep(const Place& place, RiakVersion version, const std::string& context);
  std::string draw(const std::string& kind);

  const Settings settings_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  RiakType sessions_, grants_;
  RiakClocks clocks_;
  std::deque<int> next_;
  std::vector<WireRequest> requests_;
  bool silent_ = false, without_majority_ = false;
  int blind_writes_ = 0;
};

}  // namespace backstitch::standin
