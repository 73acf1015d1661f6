// The CRM sync with the Salesforce adapter, on an org that locks rows, spends its limits, goes away and ends sessions: every
// order arrives in its last state, nothing is refused, and a sync that was ended in the middle goes on.
#include "salesforce_house.h"
#include "services/crm_sync/crm_sync.h"
#include "services/testing.h"

namespace backstitch::servers {
namespace {

using namespace backstitch::testing;

queue::Append update(int order, int version, const std::string& state) {
  queue::Append append;
  append.topic = "order_orderitems", append.partition = 1, append.key = "A-1", append.schema = "order_orderitems.order/1";
  append.value = fmt::format(R"({{"type":"order","version":{},"sourceOrderId":"O{}","state":"{}"}})", version, order, state);
  append.headers = R"({"bs-epoch":1})";
  return append;
}

TEST(SalesforceSync, BringsEveryOrderThroughWhatAnOrgDoesToIt) {
  constexpr int orders = 150, versions = 3;
  OrgOnASocket org({.seed = 11, .lock_rate = 0.3, .limit_rate = 0.08, .away_rate = 0.08}, 5);
  const auto crm = open(org.settings());  // one attempt each: all of it is left to the sync
  HookedQueue queue{queue::StrictSettings{partitions, wall_clock}};
  ensure_topics(queue);
  FakeDatabase database;
  std::uint64_t behind = 1;
  for (int version = 1; version <= versions; ++version) {
    std::vector<queue::Append> updates;
    for (int order = 0; order < orders; ++order)
      updates.push_back(update(order, version, version == versions ? "Activated" : "InProgress"));
    behind += updates.size();
    ASSERT_TRUE(queue.append(std::move(updates)));
    const CrmSync sync(queue, database, *crm, partitions);
    if (version == 2) continue;  // ended at once, whatever it was at
    ASSERT_TRUE(wait_until(
        [&] {
          const auto stored = database.stored_crm_positions();
          return stored.contains(1) && stored.at(1) == behind;
        },
        30'000));
    EXPECT_EQ(sync.refused(), 0u);
  }
  for (int order = 0; order < orders; ++order) EXPECT_EQ(field(org, fmt::format("O{}", order), "Status"), "Activated") << order;
  EXPECT_GT(org.org->faults().locked(), orders / 4);
}

}  // namespace
}  // namespace backstitch::servers
