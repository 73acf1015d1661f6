// Hands tasks to workers and keeps law 5: a mark is durable before a worker may send, the first mark of a call wins by the order
// of the log, and every call asks the answer index first. All calls are thread-safe.
#pragma once
#include <boost/json/fwd.hpp>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "fold/catalog_library.h"
#include "model/seal.h"
#include "stores/queue/port.h"

namespace backstitch {

struct BrokerSettings {
  std::vector<std::string> lanes;
  std::uint64_t epoch = 1;
  int partitions = 64;
  std::map<std::string, std::string> bases;  // "standin:keyed" → http://127.0.0.1:8490/keyed: addresses of this installation
  Seals seals;  // of completer: a mark that they have overtaken was written by a ghost, and counts for nothing
  /// Where the system of an asynchronous call calls back, by effect key; asked when a task is claimed, on any thread. "": nobody
  /// knows now, and the task waits.
  std::function<std::string(const std::string& key)> callback_url;
  /// One of several that write the same log: it hands out what own() names.
  bool one_of_several = false;
  /// Then: how long nothing may be heard of a worker on another machine, beyond the time-out of a call, before what it holds is
  /// handed out again, ms.
  std::int64_t worker_silent_ms = 15'000;
  /// Whether this process may still speak for its instance; asked before and behind each mark. None: it always may.
  std::function<bool()> leads;
};

/// What a worker must do with a task it holds.
enum class MarkVerdict : std::uint8_t {
  go,       // the mark is this worker's and durable: send now, once
  settle,   // a mark of somebody who is gone, without an answer: the outcome is unknown, find out first
  adopted,  // answered already; the answer was put before the shard again
  busy,     // a living worker has the call in the air
  dropped,  // the worker does not hold it
};
const char* to_text(MarkVerdict verdict);

struct MarkReply {
  std::string key;
  MarkVerdict verdict = MarkVerdict::dropped;
  Time marked_at;            // with settle: of the first mark under which it may have been done, as the key lives from then on
  bool same_request = true;  // false: the marked call had another body, or went to another system, than the task has now
};

struct TaskAnswer {
  std::string key;  // effect key text
  std::string outcome, code;
  std::string response;  // JSON, may be empty
};

class TaskBroker {
 public:
  /// `alive` tells whether a worker of that name still runs.
  TaskBroker(BrokerSettings settings, queue::Queue& queue, CatalogLibrary& library,
             std::function<bool(const std::string&)> alive);
  ~TaskBroker();

  /// JSON documents of up to `max` tasks of the lane, waiting up to wait_ms for the first. Code::lane_unknown, not_running.
  Result<std::vector<std::string>> claim(const std::string& lane, const std::string& worker, std::size_t max,
                                         std::int64_t wait_ms);
  /// `resend`: a permitted repetition under the same key, as a mark record of its own.
  Result<std::vector<MarkReply>> mark(const std::string& worker, const std::vector<std::string>& keys, bool resend);
  /// Durable in completer when it returns. Code::task_not_held for a call whose mark is another worker's: kept as evidence.
  Status answer(const std::string& worker, const std::vector<TaskAnswer>& answers);
  void worker_gone(const std::string& worker);
  /// Tasks of these partitions are handed out from now on, each with its term in the marks, and of no others; what a worker holds
  /// already it may still mark and answer, until the partition comes back. Of one that is new here only tasks count that come
  /// from now on: its shard, which begins after this, hands out everything that runs once more.
  void own(const std::set<Partition>& partitions);
  void note_term(Partition partition, std::uint64_t term);
  /// From here on nothing is handed out; who waits for a task is told so at once. Marks and answers are taken as before.
  void hand_out_no_more();

  struct Depth {
    std::size_t waiting = 0, claimed = 0;
  };
  Depth depth(const std::string& lane) const;

 private:
  struct Held {
    std::string document, item, account, lane, system, subject, digest;
    Partition partition = 0;
    bool asynchronous = false;
    std::string worker;      // empty while it waits
    bool presented = false;  // the worker has asked for its mark, so it knows of the task
    std::int64_t not_before_ms = 0, timeout_ms = 0;
  };
  void read_loop();
  void read_lane(const std::string& lane);
  void find_place(const std::string& lane, Partition partition, const Error& error);
  void take_in(const queue::Record& record);
  struct Target {
    std::string json;  // empty: the task calls no system
    bool asynchronous = false;
  };
  Target target_of(const boost::json::object& task);
  std::optional<std::string> document_of(const std::string& key, const Held& held) const;
  queue::Append mark_record(const std::string& key, const Held& held, const std::string& worker, bool join,
                            std::size_t holders_seen) const;
  Status lead() const;  // Code::not_running when others may speak for the instance by now
  bool counts(const std::vector<queue::Record>& holders, std::size_t place) const;
  /// Null when no record does.
  const queue::Record* last_that_counts(const std::vector<queue::Record>& holders) const;
  const queue::Record* mark_before(const std::vector<queue::Record>& holders, const queue::Record& answer) const;
  Time first_sent(const std::vector<queue::Record>& holders) const;
  Result<std::vector<queue::Appended>> append_marks(std::vector<queue::Append> marks);
  void not_presented(const std::string& worker, const std::vector<std::string>& keys);
  MarkReply judge(const std::string& key, const std::string& worker, const std::vector<queue::Record>& holders,
                  bool resend_wanted);
  MarkReply judge_holders(const std::string& key, const std::string& worker, const std::vector<queue::Record>& holders,
                          bool resend_wanted);
  Result<std::vector<MarkReply>> mark_again(const std::string& worker, const std::vector<std::string>& keys);
  MarkReply resend(const std::string& key, const std::string& worker, std::size_t holders_seen);
  bool put_answer_again(const std::string& key, const queue::Record& answer);
  Result<bool> may_answer(const std::string& worker, const std::string& key);
  bool may_live(const std::string& key, const std::string& worker, Time marked_at) const;
  /// What dead workers hold is handed out again: those of other processes claim here, too, and nobody else tells of them.
  void look_at_holders();
  void give_up(const std::string& worker, std::int64_t now_ms);  // what it held longer than its calls could take
  void begin_at_end(const std::string& lane, const std::set<Partition>& fresh);
  bool takes(Partition partition) const;
  std::uint64_t term_of(Partition partition) const;  // mutex_ is held
  std::int64_t take_waiting(const std::string& lane, const std::string& worker, std::size_t max,
                            std::vector<std::string>& documents);
  void requeue(const std::string& key, std::int64_t delay_ms);
  void requeue_unknown(const std::string& lane, const std::string& worker);
  bool is_this_request(const std::string& key, const boost::json::object& mark) const;
  void forget(const std::string& key);

  BrokerSettings settings_;
  queue::Queue& queue_;
  CatalogLibrary& library_;
  std::function<bool(const std::string&)> alive_;

  mutable std::mutex mutex_;
  std::condition_variable wake_reader_;
  std::map<std::string, std::condition_variable> arrived_;       // by lane; its keys stay as they are
  std::unordered_map<std::string, Held> tasks_;                  // by effect key text
  std::map<std::string, std::deque<std::string>> waiting_;       // by lane
  std::map<std::string, std::set<std::string>> held_by_;         // by worker
  std::map<std::string, std::int64_t> heard_ms_;                 // when each worker was heard of last
  std::set<std::string> gone_;                                   // names are never used again
  std::mutex positions_mutex_;                                   // before mutex_
  std::map<std::string, std::vector<queue::Offset>> positions_;  // by lane, per partition
  std::set<Partition> owned_;                                    // of several; one that is alone takes all
  std::map<Partition, std::uint64_t> terms_;
  std::map<std::string, Target> targets_;  // by catalog digest + system.interface
  bool stop_ = false, closed_ = false, news_ = true;
  std::vector<std::shared_ptr<void>> subscriptions_;
  std::thread reader_;
};

}  // namespace backstitch
