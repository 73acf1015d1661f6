// What there is of one kind, followed by a watch: listed once, then told of each change. Whenever the server cannot tell any more
// what happened since (410), or time went back there (504), all is listed anew.
#pragma once
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/backoff.h"
#include "stores/workers/kubernetes/api_server.h"
#include "stores/workers/kubernetes/objects.h"

namespace backstitch::workers {

class Watch {
 public:
  using Things = std::map<std::string, Seen>;  // by name
  /// `path` of the list, with its query. One thread; thread-safe.
  Watch(const ApiServer& api, std::string path);
  ~Watch();
  /// As of the last thing the server told; an error while it tells nothing. Waits so long when it has told nothing yet.
  Result<Things> all(std::int64_t first_wait_ms) const;
  /// How often all was listed, for tests: a watch that was merely cut off goes on where it was.
  int lists() const { return lists_; }

 private:
  void run();
  Reply ask(HttpClient& client, HttpCall call);
  bool list(HttpClient& client);
  void follow(HttpClient& client);
  bool take(std::string_view bytes);
  bool take_event(const boost::json::value& event);
  void lost(const Error& error);
  void pause();

  const ApiServer& api_;
  const std::string path_;
  std::atomic<int> lists_ = 0;

  mutable std::mutex mutex_;
  mutable std::condition_variable wake_;
  bool stop_ = false, told_ = false, in_touch_ = false;  // under mutex_
  std::string why_not_;                                  // under mutex_
  Things things_;                                        // under mutex_
  std::string version_;                                  // under mutex_; empty: to be listed
  Doubling pauses_;                                      // under mutex_
  std::string rest_;                                     // of a line; one call is under way at a time
  std::thread thread_;
};

}  // namespace backstitch::workers
