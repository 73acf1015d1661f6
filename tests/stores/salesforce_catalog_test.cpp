// The catalog of the CRM: read whole and by what was published since, and both come to the same.
#include "salesforce_house.h"
#include "services/catalog_sync/catalog_sync.h"

namespace backstitch::servers {
namespace {

namespace json = boost::json;

class SalesforceCatalog : public ::testing::Test {
 protected:
  /// People in the CRM: a product, and everything else that is a part of a catalog.
  void product(const std::string& key, const std::string& name) {
    const std::string definition = fmt::format(R"({{"key":"{}","name":"{}","kind":"commercial"}})", key, name);
    upsert("Product2", key, {{"Name", name}, {"ProductCode", key}, {"Definition__c", definition}});
  }
  void entity(const std::string& section, const std::string& key, const std::string& definition) {
    upsert("CatalogEntity__c", section + "/" + key, {{"Section__c", section}, {"Key__c", key}, {"Definition__c", definition}});
  }
  void publish(int index, const std::string& changes) {
    upsert("CatalogDelta__c", std::to_string(index), {{"Index__c", index}, {"Changes__c", changes}});
  }
  std::string whole() {
    const auto content = reader().read_catalog();
    EXPECT_TRUE(content) << (content ? "" : content.error().text());
    return assemble_catalog(*content).value();
  }
  crm::CatalogReader& reader() { return *crm::catalog_reader(*crm_); }

  OrgOnASocket org;
  std::unique_ptr<crm::Crm> crm_ = open(org.settings());

 private:
  void upsert(const std::string& object, const std::string& id, const json::object& fields) {
    in_the_crm(org, "PATCH", "/sobjects/" + object + "/ExternalId__c/" + percent(id), write_json(fields));
  }
  static std::string percent(std::string text) {
    for (std::size_t at; (at = text.find_first_of("/>")) != std::string::npos;) text.replace(at, 1, "-");
    return text;
  }
};

TEST_F(SalesforceCatalog, WholeAndByDeltasItIsTheSameToTheByte) {
  product("B", "one"), product("A", "two");
  entity("attributes", "speed", R"({"key":"speed","type":"number"})");
  entity("dependencies", "p/b>p/a", R"({"item":"p/b","dependsOn":"p/a","scope":"OrderItem"})");
  publish(1, "[]");
  const std::string first = whole();
  EXPECT_NE(first.find(R"("index":1)"), std::string::npos) << first;
  EXPECT_LT(first.find(R"("key":"A")"), first.find(R"("key":"B")"));
  product("A", "changed"), product("C", "new");
  publish(2, R"([{"section":"products","key":"A","definition":{"key":"A","name":"changed","kind":"commercial"}}])");
  const auto gone = in_the_crm(org, "GET", "/sobjects/CatalogEntity__c/ExternalId__c/attributes-speed").at("Id").as_string();
  in_the_crm(org, "DELETE", "/sobjects/CatalogEntity__c/" + std::string(gone));
  publish(3, R"([{"section":"products","key":"C","definition":{"key":"C","name":"new","kind":"commercial"}},)"
             R"({"section":"attributes","key":"speed","definition":null}])");
  const auto deltas = reader().deltas_after(1);
  ASSERT_TRUE(deltas) << deltas.error().text();
  ASSERT_EQ(deltas->size(), 2u);
  const auto last = apply_deltas(first, *deltas);
  ASSERT_TRUE(last) << last.error().text();
  EXPECT_EQ(*last, whole());
  EXPECT_EQ(apply_deltas(*last, *deltas).value(), *last) << "each once";
  EXPECT_EQ(apply_deltas(first, {deltas->at(1)}).error().code, Code::crm_failed) << "one is missing in between";
}

TEST_F(SalesforceCatalog, WhatCannotBeReadIsNoCatalog) {
  product("A", "one");
  entity("plans", "p", "no object");
  publish(1, "[]");
  EXPECT_EQ(reader().read_catalog().error().code, Code::crm_failed);
  publish(2, R"([{"section":"plans"}])");
  EXPECT_EQ(reader().deltas_after(0).error().code, Code::crm_failed);
  EXPECT_EQ(assemble_catalog({1, {{"products", "A", R"({"key":"B"})"}}}).error().code, Code::crm_failed);
}

TEST_F(SalesforceCatalog, TheSyncBringsWhatIsMissingAndLeavesWhatCameFromElsewhere) {
  std::string active;
  std::vector<std::string> kept;
  const auto make = [&] {
    CatalogSyncSettings settings;
    settings.every_ms = 60'000;
    settings.active = [&] { return Result<std::string>(active); };
    settings.keep = [&](const std::string& text) { return kept.push_back(text), Result<std::string>("digest"); };
    settings.activate = [&](const std::string&) { return active = kept.back(), Status(); };
    return settings;
  };
  CatalogSync sync(open(org.settings()), make());
  const auto kind = [&](bool full = false, bool dry_run = false) {
    const auto done = sync.sync(full, dry_run);
    EXPECT_TRUE(done) << (done ? "" : done.error().text());
    return done ? std::string(done->at("kind").as_string()) : "";
  };
  EXPECT_EQ(kind(), "none") << "nothing was ever published";
  product("A", "one");
  publish(1, "[]");
  EXPECT_EQ(kind(false, true), "full");
  EXPECT_TRUE(kept.empty());
  EXPECT_EQ(kind(), "full");
  EXPECT_EQ(kind(), "none");
  product("B", "two");
  publish(2, R"([{"section":"products","key":"B","definition":{"key":"B","name":"two","kind":"commercial"}}])");
  EXPECT_EQ(kind(), "delta");
  EXPECT_EQ(active, whole());
  publish(4, "[]");
  EXPECT_EQ(kind(), "full") << "a delta is missing: everything is read";
  EXPECT_EQ(active, whole());
  active = R"({"format":"backstitch.catalog/1","source":"org1","index":9})";
  EXPECT_EQ(kind(), "none") << "it came from elsewhere";
  EXPECT_EQ(kind(true), "full");
  EXPECT_EQ(active, whole());
}

}  // namespace
}  // namespace backstitch::servers
