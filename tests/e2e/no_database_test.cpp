// PostgreSQL is away: the door stays open as long as the log has room, and what it says stays true.
#include <gtest/gtest.h>
#include <stdio.h>

#include <boost/json.hpp>

#include "evidence.h"
#include "problem.h"
#include "processes.h"
#include "world.h"

namespace backstitch::e2e {
namespace {

constexpr int room = 40;

/// PostgreSQL cannot be started while this object lives: its configuration is somewhere else.
class NoDatabase {
 public:
  explicit NoDatabase(World& world) : file_(world.data() + "/pg/e0001/postgresql.conf") {
    EXPECT_EQ(::rename(file_.c_str(), (file_ + ".away").c_str()), 0);
    const auto server = postmaster_of(world.data());
    EXPECT_TRUE(server && kill_hard(*server));
  }
  ~NoDatabase() { EXPECT_EQ(::rename((file_ + ".away").c_str(), file_.c_str()), 0); }
  NoDatabase(const NoDatabase&) = delete;
  NoDatabase& operator=(const NoDatabase&) = delete;

 private:
  const std::string file_;
};

std::string header(const HttpAnswer& answer, const std::string& name) {
  for (const auto& [key, value] : answer.headers)
    if (key == name) return value;
  return {};
}

TEST(WithoutPostgres, TheDoorKeepsItsWordUntilTheLogIsFull) {
  World world({.config = fmt::format("queue: {{incoming_records_max: {}}}\n", room)});
  ASSERT_TRUE(world.start());
  auto submit = [&](const std::string& id, const char* product) {
    return world.call("POST", "/api/v1/orders", order_text(id, 7, product));
  };
  ASSERT_EQ(submit("D-0", "VOUCHER").status, 202);
  ASSERT_TRUE(world.await_state("D-0", "Activated"));
  int taken = 0;
  {
    const NoDatabase away(world);
    const Problem conflict = problem_of(submit("D-0", "PARCEL"));
    EXPECT_EQ(conflict.status, 409);
    EXPECT_EQ(conflict.code, "BS-3102");
    EXPECT_EQ(submit("D-0", "VOUCHER").status, 200);
    HttpAnswer answer;
    while (taken <= room && (answer = submit("D-" + std::to_string(taken + 1), "VOUCHER")).status == 202) ++taken;
    const std::uint64_t records = world.records_in("incoming");
    EXPECT_EQ(taken, room);
    EXPECT_EQ(answer.status, 429) << answer.body;
    EXPECT_EQ(problem_of(answer).code, "BS-4101");
    EXPECT_NE(answer.body.find("QUEUE-FULL"), std::string::npos) << answer.body;
    EXPECT_NE(problem_of(answer).hint, "");
    EXPECT_NE(header(answer, "retry-after"), "");
    EXPECT_EQ(submit("D-1", "VOUCHER").status, 200) << "what was received before is answered as before";
    EXPECT_EQ(problem_of(submit("D-1", "PARCEL")).code, "BS-3102");
    EXPECT_EQ(world.records_in("incoming"), records) << "what was refused is not stored";
  }
  for (int n = 1; n <= taken; ++n) EXPECT_TRUE(world.await_state("D-" + std::to_string(n), "Activated", 60'000)) << n;
  EXPECT_EQ(world.order_state("D-" + std::to_string(taken + 1)), "");
  EXPECT_EQ(submit("D-" + std::to_string(taken + 1), "VOUCHER").status, 202);
  EXPECT_EQ(violations(world), std::vector<std::string>{});
}

}  // namespace
}  // namespace backstitch::e2e
