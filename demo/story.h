// The second half of the demo: something corrupts the database while orders are on their way, and the product goes back in time.
#pragma once
#include <boost/json.hpp>
#include <string>
#include <vector>

#include "demo/window.h"
#include "demo/world.h"

namespace backstitch::demo {

/// Kinds of corruption: the files of demo/corruptions, without their ending.
std::vector<std::string> corruption_kinds(const std::string& folder);

struct Story {
  std::string kind, title;           // "bad-sql", the first line of its file
  boost::json::object plan, report;  // recover plan, recover start
  std::int64_t outage_ms = 0;
  std::int64_t cut_off_ms = 0;    // of three hosts one heard nothing of it for so long
  std::vector<Held> held;         // in the window, beside the least
  std::string html;               // path of the page
  std::vector<std::string> left;  // of the damage, in words; empty when it is gone
  bool told() const { return !kind.empty(); }
};

/// Runs the corruption, lets orders go on into it, then plans, prepares beside the running platform, goes back and brings the
/// platform up again, all by command line. Code::process_failed with the words of whatever failed.
Result<Story> tell_story(World& world, const Catalog& catalog, const Census& census);

/// Once everything has come to rest: what is left of the damage, as corruptions/after/KIND.sh names it; no such file, no
/// question.
Status look_after(World& world, Story& story);

}  // namespace backstitch::demo
