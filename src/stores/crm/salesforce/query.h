// Reads of an org: queries with all their pages, and which records its change lists name.
#pragma once
#include <boost/json/array.hpp>
#include <string>
#include <vector>

#include "base/time.h"
#include "stores/crm/salesforce/session.h"

namespace backstitch::crm {

/// All records, in the order of the pages; `verb` is "query" or "queryAll". Code::crm_failed when fewer come than were announced:
/// a list that breaks off looks like a whole one, and would make orders vanish.
Result<boost::json::array> query_all(Session& session, const std::string& verb, const std::string& soql);

/// What getUpdated or getDeleted says of a window.
struct ChangeList {
  std::vector<std::string> ids;
  Time covered;  // nothing is missing before; where the next window begins
};
/// `what` is "updated" or "deleted". Seconds do not count there, so the window is widened to whole minutes; what lies more than
/// 30 days before `now` cannot be asked for. No window left: nothing is asked, and `covered` is `until`.
Result<ChangeList> change_list(Session& session, const std::string& object, const std::string& what, Time since, Time until,
                               Time now);

/// 15 and 18 characters of an id mean the same record.
inline std::string_view same_id(std::string_view id) { return id.substr(0, 15); }

}  // namespace backstitch::crm
