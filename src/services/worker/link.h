// How a worker reaches the platform: claim, mark, answer ("interfaces" 7, HTTP pull). Remote workers hold no database
// credentials.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "services/worker/broker.h"

namespace backstitch {

class WorkerLink {
 public:
  virtual ~WorkerLink() = default;
  virtual Result<std::vector<std::string>> claim(const std::string& lane, const std::string& worker, std::size_t max,
                                                 std::int64_t wait_ms) = 0;
  virtual Result<std::vector<MarkReply>> mark(const std::string& worker, const std::vector<std::string>& keys, bool resend) = 0;
  /// Code::task_not_held is final for the calls it names; every other error may be tried again.
  virtual Status answer(const std::string& worker, const std::vector<TaskAnswer>& answers) = 0;
};

/// In the same process.
std::unique_ptr<WorkerLink> link_to(TaskBroker& broker);
/// Over HTTP. `endpoints_file` names one address ("workers"), or several ("brokers"), of which each hands out the tasks of its
/// own partitions. It is read again now and then, and when somebody does not answer: a restarted platform may have another port.
/// Of several, each says with every claim who there is, and when one does not answer the others are asked, or whoever is behind
/// "seed": nobody writes the file of a process that was killed, and the file of a Pod comes late.
/// `token`: what a platform that asks for one is shown.
std::unique_ptr<WorkerLink> link_over_http(const std::string& endpoints_file, const std::string& token = {});

}  // namespace backstitch
