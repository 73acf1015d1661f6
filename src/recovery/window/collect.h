// Gathers what the sources say of the lost window. What a source cannot say is named as a gap, never passed over.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "recovery/assets/asset_changes.h"
#include "recovery/replay/exclusions.h"
#include "recovery/window/window.h"
#include "stores/crm/port.h"
#include "stores/database/port.h"
#include "stores/safe/port.h"

namespace backstitch::recovery {

struct WindowSources {
  crm::Crm* crm = nullptr;                    // null, or one that does not answer: crm_known is false, with a gap
  Time crm_since;                             // it is asked for what changed since; not set: since T, less the margin
  safe::Safe* safe = nullptr;                 // the archive of incoming; null: a gap
  queue::Queue* log = nullptr;                // incoming behind the archive's end; null: nothing is there that is not archived
  const AssetChanges* exported = nullptr;     // null: a gap
  std::vector<database::Position> positions;  // where the restored database stood: the archive is read from there on
  Exclusions exclusions;                      // inputs that the replay leaves out
};

/// CRM, archive, exclusions and exported changes: all that does not go back. Fills everything of `input` but what the database
/// says. Code::checksum_mismatch, safe_failed: the archive must be readable.
Status collect_outside(WindowInput& input, const WindowSources& sources);

/// What the restored database says of the orders that were collected, before anything is replayed. Code::database_*.
Status collect_restored(WindowInput& input, database::Database& restored);

/// What the database says after the replay: the orders that were collected and those made in the window; assets and inventory of
/// the accounts whose assets were collected. Code::database_*.
Status collect_replayed(WindowInput& input, database::Database& replayed);

/// Of what it says only the orders that were collected and these, and assets and inventory as above.
Status collect_named(WindowInput& input, database::Database& replayed, const std::set<std::string>& names);

/// All of it in one call, for (since, cut]; `restored` may be null: then what stood there before the replay is not known.
Result<WindowInput> collect_window(Time since, Time cut, const WindowSources& sources, database::Database* restored,
                                   database::Database& replayed);

/// The collected orders as a document, to keep what was restored over a restart. Code::json_invalid.
std::string window_orders_json(const std::map<std::string, WindowOrder>& orders);
Result<std::map<std::string, WindowOrder>> window_orders_from_json(std::string_view text);

}  // namespace backstitch::recovery
