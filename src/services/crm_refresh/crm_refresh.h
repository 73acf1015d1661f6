// An operator's refresh from the CRM: what somebody changed there becomes inputs, one by one, while everything goes on. One at a
// time; how far it is can be asked. A recovery does the same at its end (recovery/resume/refresh_crm.h).
#pragma once
#include <atomic>
#include <boost/json/object.hpp>
#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "fold/crm_refresh.h"
#include "services/intake/intake.h"

namespace backstitch {

struct RefreshRequest {
  Time since;
  bool dry_run = false;    // compare, and list what would become of it
  std::string actor, key;  // an Idempotency-Key: the same again is the refresh that it began
};

class CrmRefresh {
 public:
  CrmRefresh(std::unique_ptr<crm::Crm> crm, database::Database& database, CatalogLibrary& library, Intake& intake);
  /// Waits for what it asks the CRM right now, and gives the rest up.
  ~CrmRefresh();

  /// Its id; it waits for those before it.
  std::string start(const RefreshRequest& request);
  /// {"id","state":"waiting|reading|comparing|deciding|done|failed","since","dryRun","actor","startedAt","endedAt","done","all",
  /// "found":{…},"inputs":{"received","applied","duplicate","refused","open"},"error"}; of the last one for an empty id. None: it
  /// is not known, any more perhaps.
  std::optional<std::string> state(const std::string& id) const;

 private:
  struct Job {
    std::string id;
    RefreshRequest request;
    boost::json::object state;
  };
  void run();
  Status refresh(Job& job);
  Result<CrmFindings> find(Job& job);
  Status decide(Job& job, const CrmFindings& findings);
  Status await(Job& job, const std::vector<Received>& received);
  void note(Job& job, const char* member, boost::json::value value);

  std::unique_ptr<crm::Crm> crm_;
  database::Database& database_;
  CatalogLibrary& library_;
  Intake& intake_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::list<Job> jobs_;      // the oldest first; states under mutex_
  std::list<Job*> waiting_;  // under mutex_
  std::atomic<bool> give_up_{false};
  std::thread thread_;  // last: it uses what stands above
};

}  // namespace backstitch
