// What the report counts of a window besides what the demo shows.
#include "recovery/report/window_counts.h"

#include "recovery/reconcile/reconcile_testing.h"
#include "stores/queue/strict_fake.h"

namespace backstitch::recovery {
namespace {

using boost::json::array;
using boost::json::object;

class WindowCountsTest : public ReconcileTest {
 protected:
  WindowCountsTest() : log({.partitions = partitions}) {}

  /// A callback in the log; capture has archived it, or not.
  void called_back(const char* outcome, bool archived) {
    const std::string value = fmt::format(R"({{"effectKey":"k","itemId":"i","outcome":"{}","repeats":""}})", outcome);
    queue::Append record;
    record.topic = "completer", record.partition = partition, record.key = submitter, record.schema = callback_schema;
    record.value = value;
    ASSERT_TRUE(log.append({record}));
    if (archived) append("completer", callback_schema, value);
  }
  Result<object> count() {
    auto journal = Journal::open(safe, "rec-1");
    BS_ASSERT(journal, "a journal in a safe in memory");
    array begins;
    object ends;
    for (Partition one = 0; one < partitions; ++one) begins.push_back(array{one, 1, 1}), ends[std::to_string(one)] = sealed[one];
    EXPECT_OK(journal->note("restoredPositions", std::move(begins)));
    EXPECT_OK(journal->finish("seal", t0, 1, "", {{"ends", {{"completer", std::move(ends)}}}}));
    World world{.plan = {}, .safe = safe, .library = library, .folders = {}, .cluster = {}};
    world.plan.id = "rec-1", world.plan.time = t0, world.partitions = partitions, world.queue = &log;
    world.database = std::move(database);
    return count_window(world, *journal, 0);
  }

  queue::StrictFake log;
  std::map<Partition, queue::Offset> sealed{{0, 1}, {1, 1}};
};

TEST_F(WindowCountsTest, ACallbackBehindTheSealIsLateAlsoWhenCaptureHasArchivedIt) {
  EXPECT_OK(log.ensure_topic("completer", {true, hour_ms}));
  called_back("done", true);
  sealed[partition] = 2;
  called_back("done", true);
  called_back("accepted", false);  // no end
  called_back("refused", false);
  const auto counts = count();
  ASSERT_TRUE(counts) << counts.error().text();
  EXPECT_EQ(counts->at("lateCallbacks"), 2);
}

}  // namespace
}  // namespace backstitch::recovery
