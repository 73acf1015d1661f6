// The settling table (recovery, section 4), for the items of one partition: the first row that fits holds.
#pragma once
#include <map>
#include <set>
#include <string>

#include "recovery/reconcile/inquiry.h"
#include "recovery/reconcile/reconcile.h"
#include "recovery/reconcile/replayed.h"
#include "recovery/reconcile/settlement.h"

namespace backstitch::recovery {

class Settler {
 public:
  /// `active`: the catalog active in the partition, for items that are not there.
  Settler(const ReconcileSettings& settings, const Replayed& replayed, CatalogPtr active, Inquiry& inquiry, Reconciled& out)
      : settings_(settings), replayed_(replayed), active_(std::move(active)), inquiry_(inquiry), out_(out) {}

  /// Items with evidence, then the running ones without. `evidence` takes what systems say in.
  void settle(Evidence& evidence);
  /// Items with evidence alone.
  void settle_items(Evidence& evidence);

 private:
  struct Case {
    ItemEvidence* evidence = nullptr;
    std::optional<ReplayedItem> item;
    CatalogPtr catalog;  // of the item, else the active one; may be null
    bool wants() const { return item && item->wants(); }
    bool reached() const { return item && item->reached(); }
  };
  Case case_of(ItemEvidence& evidence);
  const systems::Target* target_at(const Case& it, int call);  // of the system that the call was sent to; null: none is known
  bool stands_already(const Case& it) const;
  void settle_item(const Case& it);
  void distrust(const Case& it);  // policy fatally-fail
  bool find_out(const Case& it);  // row 1; false: it ends there
  void leave_open(const Case& it, int call, const Finding& finding);
  void contradicted(const Case& it, int call, const std::string& why);  // row 2
  void wanted_and_done(const Case& it);                                 // rows 3 and 4
  void ended_by_another_request(const Case& it);                        // row 4
  void call_again(const Case& it);                                      // rows 5 and 6
  void netted(const Case& it);                                          // row 7
  void done_for_nobody(const Case& it);                                 // rows 8 and 9
  void match(const Case& it, const ReplayedItem& other);
  void without_evidence(const Evidence& evidence);

  void decide(const SettledCall& call, const char* verdict, const std::string& reason);
  /// Nothing is called until a person has decided.
  void hold(const Case& it, int call, const std::string& reason);
  void add_work(const Case& it, ItemId item, int call, const char* kind, const std::string& evidence,
                const std::vector<std::string>& choices);

  const ReconcileSettings& settings_;
  const Replayed& replayed_;
  CatalogPtr active_;
  Inquiry& inquiry_;
  Reconciled& out_;
  const Evidence* all_ = nullptr;
  std::map<std::string, std::optional<systems::Target>> targets_;  // by catalog digest and system
  std::set<ItemId> held_;
};

}  // namespace backstitch::recovery
