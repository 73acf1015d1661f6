// What lies on the operator's desk: tasks in hand, tasks put aside for a moment, and what the ledger knows of earlier work.
#pragma once
#include <boost/json/fwd.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "standins/common/ledger.h"

namespace backstitch::standin {

struct ManualTask {
  std::string id, item_key;
  bool claimed = false;  // ours already: go on with the work
  int round = 0;         // how often we completed it before; a task may come back
};

/// Thread-safe.
class Desk {
 public:
  /// Code::file_failed, Code::json_invalid.
  static Result<std::unique_ptr<Desk>> open(const std::string& data, std::string actor);

  /// Tasks that were claimed and not completed when the last process died. They are in hand from now on.
  std::vector<ManualTask> take_up_again();
  /// Takes it, unless it is in hand, resting, or somebody else's (`owner` empty: nobody's).
  bool take(ManualTask& task, const std::string& owner, std::int64_t now_ms);

  void claimed(const ManualTask& task, int status);
  /// Completed or skipped: no longer in hand, and left alone until the platform had time to show it.
  void completed(const ManualTask& task, int status, std::int64_t now_ms);
  void skipped(const ManualTask& task, int status, const std::string& why, std::int64_t now_ms);
  /// Not in hand any more, nothing noted.
  void put_back(const ManualTask& task);

  int in_hand() const;
  boost::json::object summary() const;

 private:
  explicit Desk(std::string actor) : actor_(std::move(actor)) {}
  Status replay(const boost::json::object& line);
  void note(const char* kind, const ManualTask& task, int status, const std::string& why);

  const std::string actor_;
  std::unique_ptr<Ledger> ledger_;
  mutable std::mutex mutex_;
  std::set<std::string> in_hand_;
  std::map<std::string, std::int64_t> resting_until_ms_;
  std::map<std::string, ManualTask> open_claims_;  // by task
  std::map<std::string, int> rounds_;              // completions by task
  std::map<std::string, std::int64_t> counts_;     // lines by kind
};

}  // namespace backstitch::standin
