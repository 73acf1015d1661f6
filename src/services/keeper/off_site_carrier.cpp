#include "services/keeper/off_site_carrier.h"

#include <chrono>
#include <utility>

#include "base/log.h"

namespace backstitch {

OffSiteCarrier::OffSiteCarrier(database::ClusterFolders folders, safe::Safe& safe, std::int64_t every_ms)
    : off_site_(std::move(folders), safe), every_ms_(every_ms) {
  thread_ = std::thread([this] { run(); });
}

OffSiteCarrier::~OffSiteCarrier() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

std::string OffSiteCarrier::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

bool OffSiteCarrier::stopped() const {
  const std::lock_guard lock(mutex_);
  return stop_;
}

void OffSiteCarrier::run() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    lock.unlock();
    look();
    lock.lock();
    wake_.wait_for(lock, std::chrono::milliseconds(every_ms_), [this] { return stop_; });
  }
}

// Told when it begins and when it is over, not at each look.
void OffSiteCarrier::look() {
  const auto carried = off_site_.carry([this] { return !stopped(); });
  const std::string trouble = carried ? "" : carried.error().text();
  if (carried && carried->backups > 0) log_info("off_site", "backups={} segments={}", carried->backups, carried->segments);
  const std::lock_guard lock(mutex_);
  if (!trouble.empty() && trouble_.empty()) log_warn("off_site", "error=\"{}\"", trouble);
  if (trouble.empty() && !trouble_.empty()) log_info("off_site", "goes on, {} files behind", off_site_.segments_behind());
  trouble_ = trouble;
}

}  // namespace backstitch
