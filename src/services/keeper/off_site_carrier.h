// Carries backups and WAL to their second place, while and after they are made. One thread; what fails is tried again for as long
// as it takes, since everything lies here until then.
#pragma once
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "stores/database/off_site/off_site.h"

namespace backstitch {

class OffSiteCarrier {
 public:
  /// Looks every `every_ms`, and begins at once.
  OffSiteCarrier(database::ClusterFolders folders, safe::Safe& safe, std::int64_t every_ms = 1'000);
  ~OffSiteCarrier();

  std::int64_t segments_behind() const { return off_site_.segments_behind(); }
  /// Why the last look failed; empty when it did not.
  std::string trouble() const;

 private:
  void run();
  void look();
  bool stopped() const;

  database::OffSite off_site_;
  const std::int64_t every_ms_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::string trouble_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace backstitch
