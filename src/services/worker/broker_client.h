// The platform processes that hand out tasks, as a worker sees them over HTTP.
#pragma once
#include <atomic>
#include <boost/json/fwd.hpp>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/net/http_client.h"
#include "services/worker/broker.h"

namespace backstitch {

/// One platform process. Thread-safe; a claim that waits is in nobody's way. Code::unreachable for everything that is no answer.
class BrokerClient {
 public:
  BrokerClient(std::string base, std::string token) : base_(std::move(base)), token_(std::move(token)) {}

  Result<std::vector<std::string>> claim(const std::string& lane, const std::string& worker, std::size_t max,
                                         std::int64_t wait_ms);
  Result<std::vector<MarkReply>> mark(const std::string& worker, const std::vector<std::string>& keys, bool resend);
  /// Code::task_not_held, too.
  Status answer(const std::string& worker, const std::vector<TaskAnswer>& answers);
  /// Who hands out tasks, as this one knows it; none where only one ever does.
  Result<std::vector<std::string>> who_is_there();
  /// That this worker has ended, as is proven.
  Status worker_gone(const std::string& worker);

 private:
  Result<boost::json::value> post(HttpClient& client, const char* route, const std::string& body, std::int64_t timeout_ms);

  const std::string base_, token_;
  std::atomic<bool> refused_ = false;
  HttpClient claims_, answers_;
};
using BrokerPtr = std::shared_ptr<BrokerClient>;

/// Whom there is to ask: one process, or several of which each hands out the tasks of its partitions. Thread-safe.
class KnownBrokers {
 public:
  KnownBrokers(std::string file, std::string token) : file_(std::move(file)), token_(std::move(token)) {}

  std::vector<BrokerPtr> all();
  /// Somebody did not answer: who follows him may have another address.
  void read_again();
  /// One of them has said who there is. The file may be that of a process which is dead: it counts again when it has
  /// changed, and after a while, because also who was asked may have been behind.
  void heard(const std::vector<std::string>& bases);
  /// Whether others may be there, or come, beside the one that is named.
  bool several() const;
  tl::unexpected<Error> nobody() const { return fail(Code::unreachable, "no worker address in {}", file_); }

 private:
  void read_locked();
  void put_locked(const std::vector<std::string>& bases);

  const std::string file_, token_;
  mutable std::mutex mutex_;
  std::string content_;  // of the file, as it was taken in
  std::int64_t heard_until_ms_ = 0;
  bool several_ = false;
  std::int64_t read_ms_ = std::numeric_limits<std::int64_t>::min() / 2;
  std::map<std::string, BrokerPtr> brokers_;
};

}  // namespace backstitch
