// Where the work stands, as GET /status and the org tell it.
#pragma once
#include <boost/json/fwd.hpp>
#include <functional>
#include <map>
#include <string>

#include "demo/troubles.h"
#include "demo/world.h"

namespace backstitch::demo {

struct Progress {
  std::map<std::string, std::int64_t> orders, items, attention;  // by state, by state, by kind
  std::int64_t backlog = 0, crm_lag = 0, crm_delivered = 0;
  bool operator==(const Progress&) const = default;

  std::int64_t orders_known() const;
  std::int64_t orders_in(const std::string& state) const;
  /// Nothing moves any more by itself: no record waits, no item is to be started, retried or answered.
  bool at_rest() const;
};

/// Code::json_invalid when it is no such document.
Result<Progress> read_progress(const boost::json::value& status);
std::string progress_text(const Progress& progress);

/// Lets go wrong what is planned, shows the counts, and waits until every submission is answered and the platform is at rest.
/// Code::timed_out with the last counts; no error when interrupted(). `on_look` is shown every picture before the end is judged;
/// what takes long there is no time of the troubles.
Result<Progress> drive(World& world, Troubles& troubles, int orders, const std::function<Status(const Progress&)>& on_look = {});

}  // namespace backstitch::demo
