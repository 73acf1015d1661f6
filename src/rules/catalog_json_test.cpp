#include "rules/catalog_json.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/hash.h"
#include "rules/fixture.h"

namespace backstitch {
namespace {

namespace json = boost::json;

/// Replaces or adds the member or entry at the pointer; its parent must be there.
void set_at(json::value& document, const std::string& pointer, json::value value) {
  const std::size_t slash = pointer.rfind('/');
  const std::string name = pointer.substr(slash + 1);
  boost::system::error_code ec;
  json::value* parent = document.find_pointer(pointer.substr(0, slash), ec);
  BS_ASSERT(parent, pointer);
  if (parent->is_array())
    parent->get_array().at(std::stoul(name)) = std::move(value);
  else
    parent->as_object()[name] = std::move(value);
}

/// The mini catalog with one value replaced; faults as "pointer BS-nnnn".
std::vector<std::string> faults_with(const std::string& pointer, const std::string& value) {
  json::value document = parse_json(fixture::catalog_text("mini")).value();
  set_at(document, pointer, parse_json(value).value());
  const auto catalog = parse_catalog(document);
  std::vector<std::string> out;
  if (catalog) return out;
  EXPECT_EQ(catalog.error().code, Code::catalog_invalid);
  for (const Fault& fault : catalog.error().faults) out.push_back(fault.pointer + " " + code_text(fault.code));
  return out;
}

using Faults = std::vector<std::string>;

TEST(CatalogJson, BothOwnCatalogsAreValid) {
  const CatalogPtr mini = fixture::load("mini");
  EXPECT_EQ(mini->products.size(), 8u);
  EXPECT_EQ(mini->plans.size(), 2u);
  EXPECT_EQ(mini->item("access", "provision")->response.at(0).first, "$line.attribute.circuit");
  EXPECT_EQ(mini->system("noc")->effects.key_lifetime_ms, 86'400'000);
  EXPECT_EQ(mini->find_interface("noc.provision").second->path, "/v1/provision");
  const CatalogPtr bench = fixture::load("bench");
  EXPECT_EQ(bench->plan("auto")->items.size(), 6u);
  EXPECT_EQ(bench->plan("calls")->items.size(), 6u);
  EXPECT_EQ(bench->dependencies.size(), 10u);
}

TEST(CatalogJson, WrittenAndReadAgainItIsTheSameVersion) {
  for (const char* name : {"mini", "bench"}) {
    const CatalogPtr catalog = fixture::load(name);
    const std::string text = catalog_json(*catalog);
    const CatalogPtr again = parse_catalog_text(text).value();
    EXPECT_EQ(catalog_json(*again), text) << name;
    EXPECT_EQ(again->digest, catalog->digest);
    EXPECT_EQ(catalog->digest, sha256_hex(text)) << "the digest is that of the canonical text";
    EXPECT_EQ(canonical_json(parse_json(text).value()), text);
  }
}

TEST(CatalogJson, AnInterfaceMayBeAsynchronous) {
  json::value document = parse_json(fixture::catalog_text("mini")).value();
  set_at(document, "/systems/0/interfaces/0/mode", "async");
  const CatalogPtr patient = parse_catalog(document).value();
  EXPECT_TRUE(patient->systems[0].interfaces[0].asynchronous);
  EXPECT_EQ(patient->systems[0].interfaces[0].callback_timeout_ms, default_callback_timeout_ms);
  set_at(document, "/systems/0/interfaces/0/callbackTimeout", "2h");
  const CatalogPtr catalog = parse_catalog(document).value();
  EXPECT_EQ(catalog->systems[0].interfaces[0].callback_timeout_ms, 7'200'000);
  const CatalogPtr again = parse_catalog_text(catalog_json(*catalog)).value();
  EXPECT_TRUE(again->systems[0].interfaces[0].asynchronous);
  EXPECT_EQ(again->digest, catalog->digest);
}

TEST(CatalogJson, TheDigestNamesTheContentNotItsSpelling) {
  const std::string text = fixture::catalog_text("mini");
  const CatalogPtr spaced = parse_catalog_text(pretty_json(parse_json(text).value())).value();
  EXPECT_EQ(spaced->digest, fixture::load("mini")->digest);
  json::value other = parse_json(text).value();
  set_at(other, "/products/0/name", "Another name");
  EXPECT_NE(parse_catalog(other).value()->digest, spaced->digest);
}

TEST(CatalogJson, AnUnknownMemberIsAFaultWithTheNearestName) {
  json::value document = parse_json(fixture::catalog_text("mini")).value();
  set_at(document, "/plans/0/items/1/retrys", 3);
  const auto catalog = parse_catalog(document);
  ASSERT_FALSE(catalog.has_value());
  ASSERT_EQ(catalog.error().faults.size(), 1u);
  EXPECT_EQ(catalog.error().faults[0].pointer, "/plans/0/items/1/retrys");
  EXPECT_EQ(code_text(catalog.error().faults[0].code), "BS-2011");
  EXPECT_NE(catalog.error().faults[0].detail.find("\"retries\""), std::string::npos) << catalog.error().faults[0].detail;
  EXPECT_EQ(faults_with("/plans/0/items/0/manualQueue", "\"x\""), Faults{"/plans/0/items/0/manualQueue BS-2011"})
      << "of another type of item";
}

TEST(CatalogJson, MissingAndWrongMembers) {
  EXPECT_EQ(faults_with("/products/1/key", "null").front(), "/products/1/key BS-2002");
  EXPECT_EQ(faults_with("/format", "\"backstitch.catalog/2\""), Faults{"/format BS-2009"});
  EXPECT_EQ(faults_with("/source", "7"), Faults{"/source BS-2009"});
  EXPECT_EQ(faults_with("/index", "-1"), Faults{"/index BS-2009"});
  EXPECT_EQ(faults_with("/products/4/scope", "\"Universe\""), Faults{"/products/4/scope BS-2009"});
  EXPECT_EQ(faults_with("/products/4/scope", "\"Custom\""), Faults{"/products/4/scopeField BS-2009"});
  EXPECT_EQ(faults_with("/products/0/children/0/min", "5"), Faults{"/products/0/children/0/min BS-2009"});
  EXPECT_EQ(faults_with("/plans/0/items/1/retries", "-1"), Faults{"/plans/0/items/1/retries BS-2009"});
  EXPECT_EQ(faults_with("/plans/0/items/1/type", "\"pullEvent\"").front(), "/plans/0/items/1/type BS-2009");
  EXPECT_EQ(faults_with("/systems/0/effects/keyLifetime", "\"soon\""), Faults{"/systems/0/effects/keyLifetime BS-2009"});
  EXPECT_EQ(faults_with("/systems/0/interfaces/0/mode", "\"slow\""), Faults{"/systems/0/interfaces/0/mode BS-2009"});
  EXPECT_EQ(faults_with("/scenarios/0/actions/0", "\"Plant\""), Faults{"/scenarios/0/actions BS-2009"});
  EXPECT_EQ(faults_with("/decomposition/0/from", "{}"), Faults{"/decomposition/0/from BS-2009"});
  EXPECT_EQ(faults_with("/products", "{}").front(), "/products BS-2009");
}

TEST(CatalogJson, UnknownReferences) {
  EXPECT_EQ(faults_with("/products/1/class", "\"Acces\""), Faults{"/products/1/class BS-2003"});
  EXPECT_EQ(faults_with("/products/0/children/0/product", "\"FIBRE\""), Faults{"/products/0/children/0/product BS-2003"});
  EXPECT_EQ(faults_with("/products/1/attributes/0", "\"spede\""), Faults{"/products/1/attributes/0 BS-2003"});
  EXPECT_EQ(faults_with("/decomposition/0/to", "\"CFS\""), Faults{"/decomposition/0/to BS-2003"});
  EXPECT_EQ(faults_with("/decomposition/0/to", "\"TV\""), Faults{"/decomposition/0/to BS-2009"}) << "a commercial product";
  EXPECT_EQ(faults_with("/plans/0/items/1/interface", "\"noc.cease\""), Faults{"/plans/0/items/1/interface BS-2003"});
  EXPECT_EQ(faults_with("/dependencies/0/dependsOn", "\"access/begin\""), Faults{"/dependencies/0/dependsOn BS-2003"});
  EXPECT_EQ(faults_with("/scenarios/0/plan", "\"acess\""), Faults{"/scenarios/0/plan BS-2003"});
  EXPECT_EQ(faults_with("/classes/1/parent", "\"Servce\""), Faults{"/classes/1/parent BS-2003"});
}

TEST(CatalogJson, PathsAndConditions) {
  EXPECT_EQ(faults_with("/plans/0/items/1/request/account", "\"$order.account\""),
            Faults{"/plans/0/items/1/request/account BS-2102"});
  EXPECT_EQ(faults_with("/plans/0/items/1/response", R"({"circuit":"$.circuitId"})"),
            Faults{"/plans/0/items/1/response/circuit BS-2102"});
  EXPECT_EQ(faults_with("/plans/0/items/0/processAfter", "\"tomorrow\""), Faults{"/plans/0/items/0/processAfter BS-2009"});
  EXPECT_EQ(faults_with("/plans/0/items/0/processAfter", "\"$line.when\""), Faults{"/plans/0/items/0/processAfter BS-2102"});
  EXPECT_EQ(faults_with("/decomposition/1/when/left", "\"wifi\""), Faults{"/decomposition/1/when/left BS-2101"});
  EXPECT_EQ(faults_with("/decomposition/0/mappings/0/from", "\"speed\""), Faults{"/decomposition/0/mappings/0/from BS-2102"});
}

TEST(CatalogJson, DuplicatesAndScopes) {
  EXPECT_EQ(faults_with("/products/2/key", "\"FIBER\"").front(), "/products/2/key BS-2005");
  EXPECT_EQ(faults_with("/plans/0/items/2/key", "\"provision\"").front(), "/plans/0/items/2/key BS-2005");
  EXPECT_EQ(faults_with("/products/4/children", R"([{"product":"CFS-BILLING"}])"),
            Faults{"/products/4/children/0/product BS-2006"});
  EXPECT_TRUE(faults_with("/products/7/children", R"([{"product":"CFS-ACCESS"}])").empty())
      << "narrower than its parent is right";
}

TEST(CatalogJson, Cycles) {
  EXPECT_EQ(faults_with("/classes/0/parent", "\"Access\"").front(), "/classes/0/parent BS-2004");
  EXPECT_EQ(faults_with("/products/1/children", R"([{"product":"HOME-BUNDLE"}])"), Faults{"/products/0/children/0 BS-2004"})
      << "the edge that closes it";
  EXPECT_EQ(faults_with("/dependencies/0", R"({"item":"access/start","dependsOn":"access/test","scope":"OrderItem"})").size(),
            0u);
  EXPECT_EQ(faults_with("/dependencies/3", R"({"item":"access/provision","dependsOn":"access/test","scope":"OrderItem"})").size(),
            1u);
  EXPECT_EQ(faults_with("/decomposition/0", R"({"key":"loop","from":{"product":"CFS-ACCESS"},"to":"CFS-ACCESS"})"),
            Faults{"/decomposition/0 BS-3152"});
}

TEST(CatalogJson, AllFaultsAreListedAtOnce) {
  json::value document = parse_json(fixture::catalog_text("mini")).value();
  set_at(document, "/products/1/class", "Nope");
  set_at(document, "/plans/0/items/1/timeoutMs", 0);
  set_at(document, "/scenarios/0/colour", "red");
  const auto catalog = parse_catalog(document);
  ASSERT_FALSE(catalog.has_value());
  EXPECT_EQ(catalog.error().faults.size(), 3u);
  EXPECT_NE(catalog.error().text().find("BS-2001"), std::string::npos);
}

TEST(CatalogJson, BrokenTextIsRefused) {
  EXPECT_EQ(parse_catalog_text("{\"format\":").error().code, Code::json_invalid);
  EXPECT_EQ(parse_catalog_text("[]").error().code, Code::catalog_invalid);
  EXPECT_EQ(parse_catalog_text("{}").error().code, Code::catalog_invalid);
}

}  // namespace
}  // namespace backstitch
