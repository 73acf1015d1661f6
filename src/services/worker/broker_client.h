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

  struct Claimed {
    std::vector<std::string> documents;
    std::vector<std::string> brokers;  // who hands out tasks now; none where only one ever does, or it cannot tell
  };
  Result<Claimed> claim(const std::string& lane, const std::string& worker, std::size_t max, std::int64_t wait_ms);
  Result<std::vector<MarkReply>> mark(const std::string& worker, const std::vector<std::string>& keys, bool resend);
  /// Code::task_not_held, too.
  Status answer(const std::string& worker, const std::vector<TaskAnswer>& answers);
  /// Who hands out tasks, as this one knows it; none where only one ever does.
  Result<std::vector<std::string>> who_is_there();
  /// That this worker has ended, as is proven.
  Status worker_gone(const std::string& worker);
  /// How many tasks wait there that nobody has claimed, by lane.
  Result<std::map<std::string, std::size_t>> waiting();

 private:
  Result<boost::json::value> post(HttpClient& client, const char* route, const std::string& body, std::int64_t timeout_ms);

  const std::string base_, token_;
  std::atomic<bool> refused_ = false;
  HttpClient claims_, answers_;
};
using BrokerPtr = std::shared_ptr<BrokerClient>;

/// Whom there is to ask: one process, or several of which each hands out the tasks of its partitions. Of several, those count
/// that the file names, or one of them; who is named no more counts for a moment longer, as not all learn of others at once.
/// Thread-safe.
class KnownBrokers {
 public:
  KnownBrokers(std::string file, std::string token) : file_(std::move(file)), token_(std::move(token)) {}

  std::vector<BrokerPtr> all();
  /// Where one can only ask who there is: an address behind which any of them may answer.
  BrokerPtr seed();
  /// Somebody did not answer: who follows him may have another address.
  void read_again();
  /// One of them has said who there is. The file may be that of a process which is dead, or come late: it counts when it has
  /// changed.
  void heard(const std::vector<std::string>& bases);
  /// Nobody who is known says who there is: the file may know one who does.
  void fall_back();
  /// Whether others may be there, or come, beside the one that is named.
  bool several() const;
  tl::unexpected<Error> nobody() const { return fail(Code::unreachable, "no worker address in {}", file_); }

 private:
  struct Known {
    BrokerPtr broker;
    std::int64_t named_ms = 0;
  };
  void read_locked();
  void take_locked(const boost::json::value& document);
  void name_locked(const std::vector<std::string>& bases);
  void prune_locked();
  BrokerPtr client_of(const std::string& base) const { return std::make_shared<BrokerClient>(base, token_); }

  const std::string file_, token_;
  mutable std::mutex mutex_;
  std::string content_;               // of the file, as it was taken in
  std::vector<std::string> in_file_;  // of several
  std::string seed_base_;
  BrokerPtr seed_;
  bool several_ = false;
  std::int64_t read_ms_ = std::numeric_limits<std::int64_t>::min() / 2, named_ms_ = 0;
  std::map<std::string, Known> brokers_;
};

}  // namespace backstitch
