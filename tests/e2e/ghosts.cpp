#include "ghosts.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "base/json.h"
#include "base/time.h"
#include "evidence.h"
#include "model/identity.h"
#include "stores/database/postgres/database.h"
#include "stores/database/private/cluster.h"
#include "stores/database/rewind/restored_cluster.h"
#include "stores/queue/embedded/embedded_queue.h"

namespace backstitch::e2e {
namespace json = boost::json;
using testing::wait_until;

namespace {

constexpr int partitions = 8, exit_refused = 3, air_ms = 1'500;
constexpr std::uint64_t last_batch = 20;  // records of a partition
constexpr const char *ghost_account = "GHOST", *air_account = "AIR";

std::string text_of(const json::value& object, const char* name) { return json::value_to<std::string>(object.at(name)); }

queue::Append completer_record(const std::string& account, const std::string& schema, json::object value,
                               const std::string& claim) {
  queue::Append append{"completer", partition_of(account, partitions),
                       account,     schema,
                       "",          write_json(value),
                       claim,       claim.empty() ? queue::ClaimMode::none : queue::ClaimMode::join};
  return append;
}

void set_blind_latency(World& world, const std::string& latency) {
  ASSERT_EQ(world.system().send("POST", "/faults", "{\"blind\":{\"latency\":\"" + latency + "\"}}").status, 200);
}

}  // namespace

std::vector<json::value> Ghosts::running_items(const std::string& order) {
  std::vector<json::value> found;
  const json::value plan = world_->get("/api/v1/plans/" + order + "?source=test");
  EXPECT_TRUE(plan.is_object()) << order;
  if (!plan.is_object()) return found;
  for (const json::value& item : plan.at("items").as_array())
    if (item.at("state") == "Running") found.push_back(item);
  return found;
}

void Ghosts::order_unanswered(const std::string& id) {
  set_blind_latency(*world_, fmt::format("{}-{}", air_ms, air_ms));
  const std::int64_t before = count_of(*world_, "blind", "executions");
  world_.order(id, air_account, "LETTER");
  ASSERT_TRUE(world_->await_state(id, "InProgress"));
  unanswered_ = running_items(id);
  ASSERT_EQ(unanswered_.size(), 1u);
  const std::string key = text_of(unanswered_.front(), "effectKey");
  const auto is_sent = [&] {  // marked is not sent yet
    return count_of(*world_, "blind", "undecided") > 0 || count_of(*world_, "blind", "executions") > before;
  };
  ASSERT_TRUE(wait_until(is_sent));
  world_.put_workers_to_sleep();
  ASSERT_TRUE(wait_until([&] { return count_of(*world_, "blind", "executions") > before; }));
  ASSERT_FALSE(read_calls(*world_).at(key).decided) << "its worker has heard the answer";
  set_blind_latency(*world_, "2-20");
}

void Ghosts::order_unmarked(const std::string& prefix) {
  calls_.clear();
  for (int n = world_.draw(2, 3); n > 0; --n) {
    const std::string id = prefix + std::to_string(n);
    world_.order(id, ghost_account, "LETTER");
    ASSERT_TRUE(world_->await_state(id, "InProgress"));
    for (const json::value& item : running_items(id)) calls_.push_back(item);
  }
  ASSERT_GE(calls_.size(), 2u);
}

void Ghosts::remember_shards() {
  const auto positions = database::make_postgres_database({world_->database(), 1})->positions();
  ASSERT_TRUE(positions) << positions.error().text();
  shards_ = *positions;
}

std::string Ghosts::poison() {
  signal_process(world_.org().id(), SIGSTOP);
  for (int n = world_.draw(2, 4); n > 0; --n) world_.order("P-" + std::to_string(n), "POISON", "PARCEL");
  EXPECT_TRUE(world_->await_state("P-1", "Activated"));
  const Spoken found = speak(*world_, {"recover", "exclusions", "--order", "P-*", "--why", "nobody placed it"});
  EXPECT_EQ(found.exit_status, 0) << found.err;
  const std::string file = world_->path("exclusions.json");
  EXPECT_TRUE(write_file_durably(file, write_json(found.data())));
  return file;
}

void Ghosts::append(std::vector<queue::Append> batch) {
  auto queue = queue::open_embedded_queue({.folder = world_->data() + "/queue", .partitions = partitions});
  ASSERT_TRUE(queue) << queue.error().text();
  const auto appended = (*queue)->append(std::move(batch));
  ASSERT_TRUE(appended) << appended.error().text();
}

void Ghosts::mark_behind_the_seal() {
  std::vector<queue::Append> batch;
  for (const json::value& call : calls_) {
    const std::string key = text_of(call, "effectKey");
    batch.push_back(completer_record(ghost_account, "completer.mark/1",
                                     {{"effectKey", key},
                                      {"itemId", call.at("id")},
                                      {"epoch", epoch()},
                                      {"digest", "00000000000000aa"},
                                      {"resend", false},
                                      {"seen", 0},
                                      {"worker", "default-1-1"},
                                      {"system", "letter"},
                                      {"subject", call.at("subject")}},
                                     key));
  }
  append(std::move(batch));
}

void Ghosts::answer_behind_the_seal() {
  std::vector<queue::Append> batch;
  for (const json::value& call : unanswered_) {
    const std::string key = text_of(call, "effectKey");
    batch.push_back(completer_record(air_account, "completer.answer/1",
                                     {{"effectKey", key},
                                      {"itemId", call.at("id")},
                                      {"epoch", epoch()},
                                      {"outcome", "done"},
                                      {"code", "200"},
                                      {"response", json::object()}},
                                     key));
  }
  append(std::move(batch));
}

void Ghosts::publish_behind_the_seal() {
  auto queue = queue::open_embedded_queue({.folder = world_->data() + "/queue", .partitions = partitions});
  ASSERT_TRUE(queue) << queue.error().text();
  std::vector<queue::Append> batch;
  for (const std::string topic : {"tasks.default", "schedule", "order_orderitems"}) {
    const auto info = (*queue)->topic(topic);
    ASSERT_TRUE(info) << info.error().text();
    for (const queue::TopicInfo::End& part : info->partitions) {
      const queue::Offset from = std::max(part.begin, part.end - std::min(part.end, last_batch));
      const auto records = (*queue)->read(topic, part.partition, from, last_batch);
      ASSERT_TRUE(records) << records.error().text();
      for (const queue::Record& record : *records)
        if (!record.schema.ends_with(".seal/1"))
          batch.push_back({topic, part.partition, record.key, record.schema, record.headers, record.value, "", {}});
    }
  }
  const std::int64_t now_us = wall_clock().us;
  for (const json::value& call : calls_)
    batch.push_back(completer_record(ghost_account, "completer.due/1",
                                     {{"itemId", call.at("id")}, {"timer", "retry"}, {"dueUs", now_us}, {"epoch", epoch()}}, ""));
  const auto appended = (*queue)->append(std::move(batch));
  ASSERT_TRUE(appended) << appended.error().text();
}

void Ghosts::write_into_the_copy(const std::string& recovery) {
  const auto folders = database::make_cluster_folders(world_->data(), world_->data() + "/safe");
  ASSERT_TRUE(folders) << folders.error().text();
  const auto copy = database::RestoredCluster::find(*folders, "recovery-" + recovery);
  ASSERT_TRUE(copy && *copy);
  ASSERT_TRUE((*copy)->start());
  const auto database = database::make_postgres_database({(*copy)->connection(), 1});
  const auto there = database->positions();
  ASSERT_TRUE(there && !there->empty());
  database::Position at = there->front();
  for (const database::Position& one : *there)
    if (shards_.at(static_cast<std::size_t>(one.partition)).incoming > one.incoming) at = one;
  const database::Position& own = shards_.at(static_cast<std::size_t>(at.partition));
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
}

void Ghosts::expect_nobody_else_begins(const std::string& other_recovery) {
  EXPECT_FALSE(world_->start({}, false)) << "a platform started while a recovery holds the epoch";
  if (world_->platform_runs())
    world_->kill_platform();
  else
    EXPECT_EQ(world_->exit_status(), exit_refused);
  EXPECT_EQ(go_back(*world_, other_recovery, "seal").code(), "BS-6103") << "two recoveries at a time";
}

}  // namespace backstitch::e2e
