// What is derived is made again: catalog versions are loaded by digest (not activated: the log does that), and revocations of the
// window are named before anybody could use a grant that PostgreSQL brought back.
#include <algorithm>

#include "base/json.h"
#include "recovery/rebuild/grants.h"
#include "recovery/saga/steps.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

bool is_tainted(const Plan& plan, const std::string& digest) {
  return std::find(plan.tainted_catalogs.begin(), plan.tainted_catalogs.end(), digest) != plan.tainted_catalogs.end();
}

Status load_catalog(World& world, const std::string& digest) {
  BS_TRY(world.library.load(digest));
  const auto content = world.safe.get("catalogs/" + digest);
  if (!content) return fail(content.error());
  const CatalogPtr catalog = world.library.find(digest);
  return world.database->store_catalog_version(digest, catalog->index, catalog->source, world.plan.made_at, *content);
}

/// Of W, oldest first; of those that a prepared copy has folded already nothing is to be taken away again.
Result<std::vector<Revocation>> revocations(World& world, const Journal& journal) {
  if (journal.notes().contains("prepared")) return std::vector<Revocation>();
  for (const database::Position& at : restored_positions(journal))
    if (at.partition == 0) return revocations_since(world.safe, at);
  return std::vector<Revocation>();
}

}  // namespace

StepResult rebuild(World& world, Journal& journal) {
  BS_TRY(open_copy(world));
  const auto names = world.safe.list("catalogs/");
  if (!names) return fail(names.error());
  const auto revoked = revocations(world, journal);
  if (!revoked) return fail(revoked.error());
  json::array loaded, tainted, withdrawn;
  for (const Revocation& one : *revoked) withdrawn.emplace_back(one.subject());
  const Status done = while_open(world, epochs_of(journal).to, [&]() -> Status {
    BS_TRY(withdraw(*world.database, *revoked));
    for (const std::string& name : *names) {
      const std::string digest = name.substr(std::string_view("catalogs/").size());
      if (is_tainted(world.plan, digest)) {
        tainted.emplace_back(digest);
        continue;
      }
      BS_TRY(load_catalog(world, digest));
      loaded.emplace_back(digest);
    }
    return {};
  });
  if (!done) return fail(done.error());
  return json::object{{"catalogs", std::move(loaded)}, {"tainted", std::move(tainted)}, {"revocations", std::move(withdrawn)}};
}

}  // namespace backstitch::recovery
