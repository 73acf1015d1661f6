// What the demo says at its end: a table for people, or one JSON document.
#pragma once
#include <boost/json.hpp>
#include <map>
#include <string>
#include <vector>

#include "demo/checks.h"
#include "demo/incidents.h"
#include "demo/options.h"
#include "demo/order_files.h"
#include "demo/story.h"

namespace backstitch::demo {

struct Times {
  std::int64_t prepare_ms = 0, start_ms = 0, run_ms = 0, check_ms = 0;
};

struct Report {
  std::uint64_t seed = 0;
  std::vector<std::string> stores;
  Census census;                     // empty when only compared again
  std::vector<std::string> notices;  // of the importer, then our own
  std::map<std::string, int> kills;
  std::vector<Incident> incidents;  // instead of kills, on three hosts
  Collected collected;
  boost::json::object interfaces;  // the external system's own account
  std::vector<Check> checks;
  std::vector<std::string> sums;  // of conservation.sh, as it printed them
  Story story;
  Times times;

  bool closed() const;
};

std::string report_text(const Report& report);
/// Shape of "recover report" ("interfaces" 9) as far as a demo without a recovery has its parts.
boost::json::object report_json(const Report& report);

}  // namespace backstitch::demo
