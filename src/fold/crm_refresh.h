// What somebody changed in the CRM, found by comparing its records with our rows: its own fields that we hold otherwise, and ours
// that it does. Each finding becomes an input (engine/crm/refresh_record.h); nothing is changed here. What our own writes left
// behind there differs in nothing, and is no finding.
#pragma once
#include <boost/json/fwd.hpp>
#include <functional>
#include <string>
#include <vector>

#include "engine/crm/refresh_record.h"
#include "fold/catalog_library.h"
#include "stores/crm/changes.h"
#include "stores/database/port.h"

namespace backstitch {

struct CrmFinding {
  Partition partition = 0;
  CrmReading input;          // without command and actor
  Attributes before;         // what we hold of the fields that are taken over
  bool listed_only = false;  // a person must look: nothing becomes of it
  std::string why;           // of a finding that is only listed
};

struct CrmFindings {
  std::size_t records = 0;  // that the CRM named
  std::size_t same = 0;     // that differ in nothing
  std::size_t unknown = 0;  // that are none of ours: not submitted, or of others
  std::vector<CrmFinding> findings;
  Time covered;  // until then nothing is missing: from where to ask again
};

/// How many of how many are compared.
using CrmProgress = std::function<void(std::size_t done, std::size_t all)>;

/// Reads rows through `shard` in pieces; nothing of them may be in flight that must count. Codes of the database and catalogs.
Result<CrmFindings> compare_with_crm(database::Database& database, database::Shard& shard, CatalogLibrary& library,
                                     const crm::Changes& changes, const CrmProgress& progress = {});

/// ,"refresh":…,"accountId":…: the record of incoming, behind its command's id and actor.
std::string refresh_members(const CrmFinding& finding, std::string_view refresh);

/// {"records","same","unknown","covered","taken":[…],"differences":[…],"listed":[…]}
boost::json::object findings_json(const CrmFindings& findings);

}  // namespace backstitch
