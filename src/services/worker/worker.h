// A worker of one lane: claims tasks, marks, calls, answers. Many calls are in the air at once; none of them is ever made without
// its own mark read back, and none is repeated except as the system's declared effects permit (law 5).
#pragma once
#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "services/worker/link.h"
#include "services/worker/task_code.h"
#include "stores/systems/port.h"

namespace backstitch {

struct WorkerSettings {
  std::string name, lane;
  std::size_t concurrency = 32;
  std::int64_t resend_tries = 5;  // of an interrupted call to an idempotent system
};

class Worker {
 public:
  Worker(WorkerSettings settings, WorkerLink& link, systems::Systems& systems, TaskCode& code);
  ~Worker();
  /// Until stop(): then no new task is taken, calls in the air end, their answers are delivered (at most grace_ms).
  void run();
  void stop(std::int64_t grace_ms);

 private:
  struct Job {
    std::string key, item, subject, body, implementation, callback_url;
    std::uint64_t epoch = 1;
    std::int64_t timeout_ms = 30'000;
    systems::Target target;
    Time marked_at;            // before the first byte could leave
    Time cut_off_at;           // from here on nobody has the call in hand: it cannot leave any more
    bool same_request = true;  // the marked call had this very body
    int tries = 0;
  };
  using JobPtr = std::shared_ptr<Job>;

  struct Gate {  // a call may outlive its worker: its end then finds nobody
    std::mutex mutex;
    Worker* worker = nullptr;
  };

  void claim_loop();
  void take(const std::vector<std::string>& documents);
  Result<std::vector<MarkReply>> mark_until_told(const std::vector<std::string>& keys, bool resend);
  void act_on(const JobPtr& job, const MarkReply& reply);
  void perform(const JobPtr& job);
  void ended(const JobPtr& job, systems::CallResult result);
  void deliver(const JobPtr& job, const systems::CallResult& result);
  void drop(const JobPtr& job);
  void code_loop();
  std::vector<TaskAnswer> next_answers();
  void answer_loop();
  void settle_loop();
  void settle(const JobPtr& job);
  void settle_by_lookup(const JobPtr& job);
  bool send_again(const JobPtr& job);

  WorkerSettings settings_;
  WorkerLink& link_;
  systems::Systems& systems_;
  TaskCode& code_;

  std::mutex mutex_;
  std::condition_variable room_, answers_wake_, settle_wake_, code_wake_, finished_;
  std::map<std::string, JobPtr> jobs_;  // in hand, by effect key
  std::deque<TaskAnswer> answers_;
  std::deque<JobPtr> unsettled_, code_jobs_;
  std::atomic<bool> stopping_{false}, abandon_{false};
  bool claiming_ = false;
  std::shared_ptr<Gate> gate_;
  std::vector<std::thread> threads_;
};

}  // namespace backstitch
