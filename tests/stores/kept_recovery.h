// Going back with a database that somebody else runs: the copy that he makes beside it becomes the database.
#pragma once
#include "backup_keeper.h"
#include "going_back_world.h"

namespace backstitch::e2e {

/// A test of each provider says who keeps the backups: INSTANTIATE_TEST_SUITE_P(…, KeptGoingBack, Values(keeper_of<X>)).
class KeptGoingBack : public ::testing::TestWithParam<std::unique_ptr<servers::BackupKeeper> (*)()> {
 protected:
  std::string config();
  database::Standing standing();
  std::string database();        // for psql, where the platform has it
  std::string server_started();  // when the one there has begun to serve; empty: it does not answer
  void back_up();
  void acknowledged(int more);
  std::string plan_of_bad_job(Time before);
  void expect_nobody_wrote_past();
  void expect_backed_up();
  void expect_audited_and_repaired();
  void expect_goes_back_once_more();
  void expect_goes_on_there();

  std::unique_ptr<servers::BackupKeeper> keeper = GetParam()();
  World world{
      {.config = config(),
       .system_arguments = {"--keyed", "lost=0.05,error=0.02,latency=2-40", "--lookup", "lost=0.05,error=0.02,latency=2-40",
                            "--blind", "error=0.02,latency=2-40", "--later", "latency=2-40,callback=5-200"},
       .in_catalog = {},
       .database = [this] { return database(); }}};
  std::optional<Submitter> client;
};

template <class Keeper>
std::unique_ptr<servers::BackupKeeper> keeper_of() {
  return std::make_unique<Keeper>();
}

}  // namespace backstitch::e2e
