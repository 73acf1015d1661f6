// A world with a CRM beside it that one seed drives: what is ordered, where it goes back to, what is killed and when. It is
// judged by what stands outside of it: the client's file, the ledger of the external system, and the CRM's own.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/files.h"
#include "recoveries.h"

namespace backstitch::e2e {

class SeededWorld {
 public:
  /// The seed is WORLD_SEED, 1 when that is not set. `config`: lines beside those every such world has.
  SeededWorld(std::vector<std::string> system_arguments, const std::string& config, Replaced in_catalog = {});

  World& operator*() { return *world_; }
  World* operator->() { return world_.get(); }
  standin_testing::StandIn& org() { return *org_; }

  int draw(int least, int most);
  const char* draw_one(const std::vector<const char*>& names);

  void begin();  // started, with an active catalog and a backup
  void order(const std::string& id, const std::string& account, const std::string& product);
  void order_some(const std::string& prefix, int count, const std::vector<const char*>& products);
  int acknowledged() const { return acknowledged_; }

  /// What is handed out from now on is never marked: whoever would do it sleeps, and nobody takes his place.
  void put_workers_to_sleep();
  /// Digests of the accounts that order_some() uses.
  std::map<std::string, std::uint64_t> quiet_accounts();
  /// Waits until every order has ended or waits for a person, and the CRM was told. False when nothing moves any more before
  /// that. What was done twice is the end too.
  bool comes_to_rest();
  /// The blind system works on them, and whoever dies now never hears its answer.
  void leave_letters_in_the_air(const std::string& prefix, int count);
  /// Its WAL is gone, so it cannot come to a state that it knows to be whole. Nobody may be running.
  void break_database();
  /// kill -9 of the platform, then of its workers and of PostgreSQL in an order that is drawn.
  void kill_everything();
  /// The recovery runs for a while that is drawn, at the furthest to the end of the step, and is killed with -9, perhaps there.
  void kill_on_the_way(const std::string& recovery, const std::string& until = "resume");

  /// The recovery runs to its end, the platform comes back and to rest, and what the outside knows closes. Fatal when it is not
  /// resumed.
  void go_back_to_the_end(const std::string& recovery);
  /// What the outside knows and the database and the lists of the recoveries do not say, or say otherwise; empty when everything
  /// closes.
  std::string differences();
  /// Orders that the report of the recovery accounts for.
  int orders_known_to(const std::string& recovery);

 private:
  bool done_twice();
  bool is_resumed(const std::string& recovery);
  std::mt19937_64 random_;
  testing::ScratchFolder org_folder_;
  std::unique_ptr<standin_testing::StandIn> org_;
  std::unique_ptr<World> world_;
  AppendFile ledger_;
  std::vector<std::string> resumed_;  // recoveries: what one of them has listed is listed, also when the next looks elsewhere
  int acknowledged_ = 0;
};

}  // namespace backstitch::e2e
