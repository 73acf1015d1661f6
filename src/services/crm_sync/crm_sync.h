// Brings order_orderitems to the CRM: only the last state of each thing in a batch, transient refusals again, position in
// PostgreSQL after delivery (at least once, in order per account). One thread; never ends for a transient (R-14, U-4).
#pragma once
#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "model/seal.h"
#include "stores/crm/port.h"
#include "stores/database/port.h"
#include "stores/queue/port.h"

namespace backstitch {

class CrmSync {
 public:
  /// `seals` of order_orderitems: an update that they have overtaken is not delivered.
  CrmSync(queue::Queue& queue, database::Database& database, crm::Crm& crm, int partitions, Seals seals = {});
  ~CrmSync();
  /// What lies before these offsets was drained: it is never delivered, and the position in PostgreSQL moves with the next round.
  void pass_over(const std::map<Partition, std::uint64_t>& positions);
  std::uint64_t delivered() const { return delivered_; }
  std::uint64_t refused() const { return refused_; }
  std::uint64_t lag() const { return lag_; }  // records not delivered yet, as of the last look

 private:
  void run();
  Status load_positions();
  bool deliver_round();  // true when there was something
  bool take_passed();    // false: they could not be stored, and stay to be taken
  bool deliver_all(std::vector<crm::Update> updates);

  queue::Queue& queue_;
  database::Database& database_;
  crm::Crm& crm_;
  int partitions_;
  const Seals seals_;
  std::map<Partition, std::uint64_t> positions_;
  bool loaded_ = false;
  std::map<Partition, std::uint64_t> passed_;  // under mutex_
  std::mutex mutex_;
  std::condition_variable wake_;
  bool news_ = true;
  std::atomic<bool> stop_{false};
  std::atomic<std::uint64_t> delivered_{0}, refused_{0}, lag_{0};
  std::shared_ptr<void> subscription_;
  std::thread thread_;
};

/// An order_orderitems record as the CRM knows it.
crm::Update crm_update_of(const queue::Record& record);

}  // namespace backstitch
