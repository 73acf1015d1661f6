// Somebody of the old epoch is still there while a world goes back: a mark behind the seal, a shard that finds the copy, a
// platform that is started again, an operator who goes back on his own, updates for the CRM that were never delivered. None of
// them changes anything. Green here, and red when one of its guards is out (recovery_guard_test.cpp).
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>

#include "base/json.h"
#include "base/time.h"
#include "evidence.h"
#include "model/identity.h"
#include "processes.h"
#include "seeded_world.h"
#include "stores/database/postgres/database.h"
#include "stores/database/private/cluster.h"
#include "stores/database/rewind/restored_cluster.h"
#include "stores/queue/embedded/embedded_queue.h"

namespace backstitch::e2e {
namespace {

namespace json = boost::json;
using testing::wait_until;

constexpr int partitions = 8, exit_refused = 3;
const std::vector<const char*> steps = {"capture", "rewind", "fence", "drain", "rebuild", "replay", "reconcile", "verify"};

std::string text_of(const json::value& object, const char* name) { return json::value_to<std::string>(object.at(name)); }

class Ghosts {
 public:
  explicit Ghosts(SeededWorld& world) : world_(world) {}

  /// The shards of the life that is about to end.
  void remember_shards() {
    const auto positions = database::make_postgres_database({world_->database(), 1})->positions();
    ASSERT_TRUE(positions) << positions.error().text();
    shards_ = *positions;
  }
  /// Calls that were handed out and never marked: what a broker of the old epoch would still write of them.
  void remember_call(const std::string& order) {
    const json::value plan = world_->get("/api/v1/plans/" + order + "?source=test");
    ASSERT_TRUE(plan.is_object()) << order;
    for (const json::value& item : plan.at("items").as_array())
      if (item.at("state") == "Running") calls_.push_back(item);
  }
  std::size_t calls() const { return calls_.size(); }

  void mark_behind_the_seal(const std::string& account) {
    auto queue = queue::open_embedded_queue({.folder = world_->data() + "/queue", .partitions = partitions});
    ASSERT_TRUE(queue) << queue.error().text();
    std::vector<queue::Append> batch;
    for (const json::value& call : calls_) {
      const std::string key = text_of(call, "effectKey");
      queue::Append mark{"completer",           partition_of(account, partitions), account, "completer.mark/1", "", "", key,
                         queue::ClaimMode::join};
      mark.value = write_json(json::object{{"effectKey", key},
                                           {"itemId", call.at("id")},
                                           {"epoch", 1},
                                           {"digest", "00000000000000aa"},
                                           {"resend", false},
                                           {"seen", 0},
                                           {"worker", "default-1-1"},
                                           {"system", "letter"},
                                           {"subject", call.at("subject")}});
      batch.push_back(std::move(mark));
    }
    ASSERT_TRUE((*queue)->append(std::move(batch)));
  }
  /// An owner of before wakes up and finds the copy: his turn passes over inputs that he never decided.
  void write_into_the_copy(const std::string& recovery) {
    const auto folders = database::make_cluster_folders(world_->data(), world_->data() + "/safe");
    ASSERT_TRUE(folders) << folders.error().text();
    const auto copy = database::RestoredCluster::find(*folders, "recovery-" + recovery);
    ASSERT_TRUE(copy && *copy);
    ASSERT_TRUE((*copy)->start());
    const auto database = database::make_postgres_database({(*copy)->connection(), 1});
    const auto there = database->positions();
    ASSERT_TRUE(there) << there.error().text();
    for (const database::Position& at : *there) {
      const database::Position& own = shards_.at(static_cast<std::size_t>(at.partition));
      if (own.incoming <= at.incoming) continue;
      database::PartitionTurn turn;
      turn.incoming_from = at.incoming, turn.completer_from = at.completer;
      turn.after = at, turn.after.epoch = own.epoch, turn.after.term = own.term;
      ++turn.after.turn, ++turn.after.incoming, ++turn.inputs;
      turn.at = wall_clock(), turn.engine_version = "ghost";
      const auto shard = database->open_shard();
      ASSERT_TRUE(shard);
      database::TurnWrite write;
      write.partitions.push_back(turn);
      ASSERT_TRUE((*shard)->send_turn(write));
      const Status written = (*shard)->await_turn();
      EXPECT_FALSE(written) << "a shard of the old epoch wrote to the copy";
      return;
    }
    FAIL() << "no partition has moved in the window";
  }

 private:
  SeededWorld& world_;
  std::vector<database::Position> shards_;
  std::vector<json::value> calls_;
};

/// Orders that nobody placed bring assets that the CRM is not told of any more, because it is away. Returns what leaves them out.
std::string poison(SeededWorld& world) {
  signal_process(world.org().id(), SIGSTOP);
  for (int n = world.draw(2, 4); n > 0; --n) world.order("P-" + std::to_string(n), "POISON", "PARCEL");
  EXPECT_TRUE(world->await_state("P-1", "Activated"));
  const Spoken found = speak(*world, {"recover", "exclusions", "--order", "P-*", "--why", "nobody placed it"});
  EXPECT_EQ(found.exit_status, 0) << found.err;
  const std::string file = world->path("exclusions.json");
  EXPECT_TRUE(write_file_durably(file, write_json(found.data())));
  return file;
}

/// The call is decided and handed out; the only worker is asleep and will never mark it.
void leave_calls_unmarked(SeededWorld& world, Ghosts& ghosts) {
  world.put_workers_to_sleep();
  for (int n = world.draw(2, 3); n > 0; --n) {
    const std::string id = "G-" + std::to_string(n);
    world.order(id, "GHOST", "LETTER");
    ASSERT_TRUE(world->await_state(id, "InProgress"));
    ghosts.remember_call(id);
  }
  ASSERT_GE(ghosts.calls(), 2u);
  ghosts.remember_shards();
  world.kill_everything();
  signal_process(world.org().id(), SIGCONT);
}

void expect_nobody_else_begins(SeededWorld& world, const std::string& other_recovery) {
  EXPECT_FALSE(world->start({}, false)) << "a platform started while a recovery holds the epoch";
  if (world->platform_runs())
    world->kill_platform();
  else
    EXPECT_EQ(world->exit_status(), exit_refused);
  EXPECT_EQ(go_back(*world, other_recovery, "seal").code(), "BS-6103") << "two recoveries at a time";
}

TEST(Check, GhostsOfTheOldEpochChangeNothing) {
  SeededWorld world({"--keyed", "latency=2-20", "--lookup", "latency=2-20", "--blind", "latency=2-20"},
                    "workers: {lanes: {default: {count: 1, concurrency: 16}}}\n");
  Ghosts ghosts(world);
  world.begin();
  ASSERT_FALSE(HasFailure());
  world.order_some("A-", world.draw(10, 20), {"LINE", "PARCEL", "LETTER", "VOUCHER"});
  const Time to = wall_clock();
  world.order_some("B-", world.draw(15, 25), {"LINE", "PARCEL", "LETTER", "VOUCHER"});
  ASSERT_TRUE(world.comes_to_rest());
  const auto before = world.quiet_accounts();
  const std::string other = plan_recovery(*world, {"--to", rfc3339(to)}), exclusions = poison(world);
  write_past_the_engine(*world, "batch", "update backstitch.asset set data = '{}', quantity = 0 where account_id like 'A-%'");
  const std::string id = plan_recovery(*world, {"--to", rfc3339(to), "--exclude", exclusions});
  ASSERT_NE(id, other);
  leave_calls_unmarked(world, ghosts);
  ASSERT_FALSE(HasFailure());

  const std::string seized_at = world.draw_one(steps), marked_at = world.draw_one({"seal", "capture", "rewind", "replay"});
  for (const std::string step : {"seal", "capture", "rewind", "fence", "drain", "rebuild", "replay", "reconcile", "verify"}) {
    const bool marks = step == marked_at, copies = step == "fence", begins = step == seized_at;
    if (!marks && !copies && !begins) continue;
    const Spoken until = go_back(*world, id, step);
    ASSERT_LE(until.exit_status, 1) << step << " " << write_json(until.document) << until.err;
    if (marks) ghosts.mark_behind_the_seal("GHOST");
    if (copies) ghosts.write_into_the_copy(id);
    if (begins) expect_nobody_else_begins(world, other);
  }
  if (world.draw(0, 1) == 1) world.kill_on_the_way(id);
  world.go_back_to_the_end(id);
  if (::testing::Test::HasFatalFailure()) return;
  EXPECT_EQ(world.quiet_accounts(), before);
  EXPECT_TRUE(fatally_failed_items(*world).empty()) << "a mark that nobody had a right to is taken for a call";
  EXPECT_EQ(world.orders_known_to(id), world.acknowledged());
}

}  // namespace
}  // namespace backstitch::e2e
