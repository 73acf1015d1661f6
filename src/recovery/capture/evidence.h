// Evidence files of a recovery, in the safe under evidence/<id>/.
#pragma once
#include <boost/json.hpp>
#include <string>

#include "recovery/saga/world.h"

namespace backstitch::recovery {

inline constexpr const char* accounts_before = "accounts-before.jsonl";  // of the database that was left behind
inline constexpr const char* crm_changes = "crm-changes.jsonl";

/// What has no evidence, and why: times may be unknown.
boost::json::object gap_object(const std::string& store, Time from, Time to, const std::string& why);

/// Every record of a derived queue that is still there, up to its seal: {"name","from","to","records","file","sha256"}, and
/// "beforehand":{"file","sha256"} for what was exported beside the platform; from and to are sums over partitions, of both.
/// Again: what was written is checked, and the counts must meet the offsets. The records stay where they are, because retention
/// is held: an undo needs them.
Result<boost::json::object> export_queue(World& world, const Journal& journal, const std::string& topic);

/// Derived queues of which a part of the window has expired. incoming and completer are archived as long as backups: nothing of
/// them is lost with the queue's own retention.
Status declare_expired(World& world, const Journal& journal, boost::json::array& gaps);

/// What the CRM says has changed since T minus the margin: {"records","file"}. A CRM that does not answer is a gap, never a stop.
boost::json::object keep_crm_changes(World& world, boost::json::array& gaps);

}  // namespace backstitch::recovery
