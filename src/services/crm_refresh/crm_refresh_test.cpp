#include "services/crm_refresh/crm_refresh.h"

#include "base/json.h"
#include "fold/testing.h"
#include "services/testing.h"
#include "stores/crm/strict_fake.h"

namespace backstitch {
namespace {

namespace json = boost::json;

/// Rows of a fold, found by their keys.
class HereDatabase : public testing::FakeDatabase {
 public:
  HereDatabase() : FakeDatabase(1) {}
  Result<std::vector<database::OrderHead>> find_orders(const std::vector<OrderKeyRow>& wanted) override {
    const auto keys = truth.open_shard()->find_order_keys(wanted);
    std::vector<database::OrderHead> heads;
    for (const OrderKeyRow& key : *keys) heads.push_back({key, OrderState::in_progress, {}, {}});
    return heads;
  }
  Result<std::string> orders(const database::ListFilter&) override {
    return std::string(R"({"items":[{"source":"org1"},{"source":"org2"}],"next":null})");
  }
};

class CompareWithCrm : public testing::FoldTest {
 protected:
  void SetUp() override {
    FoldTest::SetUp();
    open(here.truth);
  }
  /// Orders that stand here, each with the line 1.
  void stand(const std::vector<std::string>& ids, const std::string& line = "1") {
    for (const std::string& id : ids)
      records.push_back(record("incoming.submit/1",
                               R"({"source":"org1","sourceOrderId":")" + id +
                                   R"(","accountId":"A-1","requestedAt":"2026-03-01T08:00:00Z","fields":{"PoNumber":"1"},)" +
                                   R"("items":[{"lineId":")" + line +
                                   R"(","product":"FIBER","action":"Add","assetRef":"F1","attributes":{"speed":500}}]})"));
    turn(std::exchange(records, {}));
  }
  /// A record of the CRM; of an order that has been told of, unless its body is empty.
  static crm::ChangedRecord there(const std::string& type, const std::string& external_id, const std::string& theirs = "{}",
                                  const std::string& untold = "{}") {
    crm::ChangedRecord out;
    out.record.type = type, out.record.external_id = external_id, out.record.state = "InProgress";
    out.record.modified_at = Time{1'800'000'000'000'000};
    if (type == "Order") out.record.body = R"({"source":"org1","sourceOrderId":")" + external_id + R"(","orderVersion":1})";
    out.theirs = theirs, out.untold = untold;
    return out;
  }
  CrmFindings compare(std::vector<crm::ChangedRecord> changed) {
    const auto reader = here.open_shard();
    auto found = compare_with_crm(here, **reader, library, {std::move(changed), Time{1}});
    EXPECT_TRUE(found) << (found ? "" : found.error().text());
    return found ? std::move(*found) : CrmFindings();
  }
  /// "FIELD: BEFORE -> AFTER" and "FIELD: held HELD, found FOUND" of the only finding.
  static std::string only(const CrmFindings& findings) {
    if (findings.findings.size() != 1) return fmt::format("{} findings", findings.findings.size());
    const json::object said = findings_json(findings);
    std::string out;
    for (const json::value& one : said.at("taken").as_array())
      out += fmt::format("{}: {} -> {}; ", one.at("field").as_string().c_str(), write_json(one.at("before")),
                         write_json(one.at("after")));
    for (const json::value& one : said.at("differences").as_array())
      out += fmt::format("{}: held {}, found {}; ", one.at("field").as_string().c_str(), one.at("held").as_string().c_str(),
                         one.at("found").as_string().c_str());
    return out;
  }

  HereDatabase here;
};

TEST_F(CompareWithCrm, OfTheirsWhatDiffersIsTakenAndWhatIsTheSameIsNone) {
  stand({"O-1"});
  const CrmFindings found = compare({there("Order", "O-1", R"({"fields.PoNumber":"2","fields.Description":null})")});
  EXPECT_EQ(only(found), R"(PoNumber: "1" -> "2"; )");
  EXPECT_EQ(compare({there("Order", "O-1", R"({"fields.PoNumber":null})")}).same, 1u) << "it was never filled there";
  EXPECT_EQ(found.findings.at(0).input.account_id, "A-1");
  const CrmFindings same = compare({there("Order", "O-1", R"({"fields.PoNumber":"1"})")});
  EXPECT_EQ(same.same, 1u);
  EXPECT_TRUE(same.findings.empty());
}

TEST_F(CompareWithCrm, OursThatDiffersIsADifferenceAndADayIsItsTime) {
  stand({"O-1"});
  EXPECT_EQ(only(compare({there("OrderItem", "O-1:1", "{}", R"({"quantity":7})")})), "quantity: held 1, found 7; ");
  EXPECT_EQ(compare({there("OrderItem", "O-1:1", "{}", R"({"quantity":1})")}).same, 1u);
  EXPECT_EQ(compare({there("Order", "O-1", "{}", R"({"requestedAt":"2026-03-01"})")}).same, 1u);
  EXPECT_EQ(compare({there("Order", "O-1", "{}", R"({"requestedAt":"2026-03-01T08:00:00.000+0000"})")}).same, 1u);
  EXPECT_NE(only(compare({there("Order", "O-1", "{}", R"({"requestedAt":"2026-03-02"})")})).find("found 2026-03-02"),
            std::string::npos);
}

TEST_F(CompareWithCrm, ALineWithNothingButItsKeyIsFoundUnlessItCouldBeOfTwo) {
  stand({"O", "P:1"});
  const CrmFindings found = compare({there("OrderItem", "P:1:1", R"({"fields.Note":"call first"})")});
  EXPECT_EQ(only(found), R"(Note: null -> "call first"; )");
  EXPECT_EQ(found.findings.at(0).input.line_id, "1");
  stand({"P"}, "1:1");
  EXPECT_EQ(compare({there("OrderItem", "P:1:1", R"({"fields.Note":"call first"})")}).unknown, 1u);
  EXPECT_EQ(
      compare({there("OrderItem", "O:9", R"({"fields.Note":"x"})"), there("Order", "Q"), there("Asset", "nobody's")}).unknown,
      3u);
}

TEST_F(CompareWithCrm, WhatIsDeletedThereIsListedAndNothingBecomesOfIt) {
  stand({"O-1"});
  crm::ChangedRecord gone = there("Order", "O-1", R"({"fields.PoNumber":"2"})", R"({"account":"A-9"})");
  gone.record.state = crm::deleted_state;
  const CrmFindings found = compare({gone});
  ASSERT_EQ(found.findings.size(), 1u);
  EXPECT_TRUE(found.findings.front().listed_only);
  EXPECT_EQ(only(found), "");
  EXPECT_EQ(findings_json(found).at("listed").as_array().size(), 1u);
}

/// The service around it: a CRM in memory, a log, and a database that answers when it is asked what became of a command.
class CrmRefreshTest : public CompareWithCrm {
 protected:
  void SetUp() override {
    CompareWithCrm::SetUp();
    stand({"O-1"});
    testing::ensure_topics(queue);
  }
  json::object ended(CrmRefresh& refresh, const std::string& id) {
    json::object state;
    EXPECT_TRUE(testing::wait_until([&] {
      state = testing::object_of(refresh.state(id).value_or("{}"));
      return state.contains("endedAt");
    }));
    return state;
  }
  std::unique_ptr<CrmRefresh> refresh() {
    return std::make_unique<CrmRefresh>(std::make_unique<crm::StrictFake>(org), here, library, intake);
  }
  testing::HookedQueue queue{queue::StrictSettings{1, wall_clock}};
  std::shared_ptr<crm::Org> org = std::make_shared<crm::Org>();
  Intake intake{{1, 5}, queue, library, [](Partition) { return std::uint64_t{1}; }};
};

TEST_F(CrmRefreshTest, TheSameKeyIsTheRefreshThatItBeganAndATrialWritesNothing) {
  const auto one = refresh();
  const std::string id = one->start({Time{1}, true, "ann", "K-1"});
  EXPECT_EQ(testing::text_of(ended(*one, id), "state"), "done");
  EXPECT_EQ(one->start({Time{1}, true, "ann", "K-1"}), id);
  EXPECT_NE(one->start({Time{1}, true, "ann", "K-2"}), id);
  EXPECT_EQ(queue.topic("incoming")->partitions.at(0).end, queue.topic("incoming")->partitions.at(0).begin);
  EXPECT_EQ(one->state("ref-nobody"), std::nullopt);
}

TEST_F(CrmRefreshTest, ACrmThatDoesNotAnswerEndsItInWordsAndTheNextOneIsTried) {
  org->be(crm::Mood::gone);
  const auto one = refresh();
  const json::object failed = ended(*one, one->start({Time{1}, false, "ann", ""}));
  EXPECT_EQ(testing::text_of(failed, "state"), "failed");
  EXPECT_EQ(failed.at("error").at("code").as_string(), code_text(Code::unreachable));
  org->be(crm::Mood::fine);
  EXPECT_EQ(testing::text_of(ended(*one, one->start({Time{1}, false, "ann", ""})), "state"), "done");
}

}  // namespace
}  // namespace backstitch
