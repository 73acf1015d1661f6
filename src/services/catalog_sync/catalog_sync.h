// Brings the catalog of the CRM here: whole the first time, and what was published since then delta by delta. Every version is
// kept under the digest of its content; running plans keep theirs, and new orders use the newest (order-management F007 … F009,
// O-10). One thread. It goes by what is active, so after a recovery it finds by itself what is missing.
#pragma once
#include <boost/json/object.hpp>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "services/catalog_sync/assemble.h"

namespace backstitch {

struct CatalogSyncSettings {
  std::int64_t every_ms = 10'000;
  /// Is this process the one that brings it now?
  std::function<bool()> holds = [] { return true; };
  /// The text of the version that new orders use; empty when there is none.
  std::function<Result<std::string>()> active;
  /// Keeps a version in every store. Its digest; Code::catalog_invalid and others, with every fault.
  std::function<Result<std::string>(const std::string& text)> keep;
  std::function<Status(const std::string& digest)> activate;
};

class CatalogSync {
 public:
  /// `reader` is of `crm`.
  CatalogSync(std::unique_ptr<crm::Crm> crm, CatalogSyncSettings settings);
  ~CatalogSync();

  /// Once, now. {"active","index","newest","kind":"none|full|delta","deltas","digest","activated"}; nothing is kept with
  /// `dry_run`. `full` reads everything, also over a catalog that came from elsewhere.
  Result<boost::json::object> sync(bool full, bool dry_run);
  /// How the last look ended: {"at","result"|"error"}; empty when there was none.
  boost::json::object state() const;

 private:
  void run();
  Result<boost::json::object> look(bool full, bool dry_run, bool asked);

  std::unique_ptr<crm::Crm> crm_;
  crm::CatalogReader* reader_;
  const CatalogSyncSettings settings_;
  std::mutex at_work_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  boost::json::object last_;
  std::thread thread_;  // last: it uses what stands above
};

}  // namespace backstitch
