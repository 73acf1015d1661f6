// Orders and assets of a window as a list, for people who go back by hand: asked at any time, before anything was folded again or
// behind it, of a database that anybody has put back.
#pragma once
#include <boost/json/fwd.hpp>
#include <string>

#include "stores/crm/port.h"
#include "stores/database/port.h"
#include "stores/queue/port.h"
#include "stores/safe/port.h"

namespace backstitch::recovery {

struct WindowStores {
  queue::Queue& log;
  safe::Safe& safe;
  database::Database& database;
  crm::Crm* crm = nullptr;  // null: none is configured, which is a gap
};

struct WindowAsked {
  Time since, cut;         // (since, cut]
  bool open_only = false;  // what the database has settled already is left out
};

/// --from and --to, ?from= and ?to=: RFC 3339, or a duration before `now`; without --to up to now. Code::usage.
Result<WindowAsked> window_asked(std::string_view from, std::string_view to, bool open_only, Time now);

/// {"orders":[{"class":"L1","subject","settled","why","handling"}],"assets":[… "K1"
/// …],"gaps":[{"store","from","to","why"}],"from","to"}. Reads alone. Code::checksum_mismatch, safe_failed, database_*.
Result<boost::json::object> answer_window(const WindowAsked& asked, const WindowStores& stores);

/// Tables of both, and the gaps.
std::string window_text(const boost::json::object& answer);

}  // namespace backstitch::recovery
