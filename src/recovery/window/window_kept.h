// The classes of the window as they stood when a copy was prepared: what no source has said anything new of since is what it was.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "recovery/drain/drain.h"
#include "recovery/window/collect.h"

namespace backstitch::recovery {

/// What came of a window, as counts.
struct WindowCounted {
  std::map<std::string, std::int64_t> orders, assets;  // classes
  std::int64_t activated = 0, asset_changes = 0;       // orders that ended well since T; exported changes since T
};

struct WindowKept {
  Time since, cut;                            // the window
  Time asked;                                 // when the CRM was asked; not set: there is none
  Ends exported;                              // where order_orderitems ended
  std::vector<database::Position> positions;  // where the archive was read to
  WindowCounted counted;
  std::map<std::string, std::string> excluded, name_of_id;  // orders that are left out: why, and their names by their ids
  std::vector<WindowGap> gaps;
  std::string lines;  // one for each order, and for the assets of each account
};

/// From a whole window and its classes.
WindowKept keep_window(const WindowInput& input);
std::string window_kept_text(const WindowKept& kept);
Result<WindowKept> window_kept_from(std::string_view text);  // Code::json_invalid

/// Names of orders, and accounts with their assets, of which something may be new.
struct WindowTouched {
  std::set<std::string> orders, accounts;
};
/// Takes these out of what was kept, and whatever was not settled then or hangs on a later cut: what the outside said of them
/// goes into `input` where it says nothing newer there. Returns the orders among them.
Result<std::set<std::string>> take_touched(WindowKept& kept, const WindowTouched& touched, WindowInput& input);

}  // namespace backstitch::recovery
