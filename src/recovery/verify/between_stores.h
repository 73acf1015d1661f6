// Invariants that no store can tell alone: what the rows say of the log, the safe and the catalogs, and what those say. They hold
// on a running platform as in a restored database before it is switched to. Nothing is changed.
#pragma once
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "stores/database/port.h"
#include "stores/objects/port.h"
#include "stores/queue/port.h"
#include "stores/safe/port.h"

namespace backstitch::recovery {

/// In words, each by a name that is the same in a later look: so that what only passes by can be told from what stays.
using Wrong = std::map<std::string, std::string>;

/// V-11: what the safe holds of a catalog version, the database holds, unchanged, and the objects where they have it. `active`:
/// versions in use, which the database must not lack; one that only the safe has may be tainted. `objects` may be null.
Result<Wrong> catalogs_differ(safe::Safe& safe, database::Database& database, objects::Objects* objects,
                              std::set<std::string> active);

/// V-13: who reads a log stands neither before what is still there of it nor behind its end. `crm_reads`: somebody delivers
/// order_orderitems.
Result<Wrong> positions_off_the_log(queue::Queue& queue, database::Database& database, bool crm_reads);

/// V-13 behind a drain: who reads the topic (incoming, completer, order_orderitems) stands at this end of it, or further on.
Result<Wrong> positions_before(database::Database& database, const std::string& topic,
                               const std::map<Partition, std::uint64_t>& ends);

/// V-16: neither a turn number nor an offset ever names two things.
inline constexpr const char* numbers_go_on = "turn numbers go on behind the mirror, offsets behind the archive";
Result<Wrong> numbers_given_again(queue::Queue& queue, safe::Safe& safe, database::Database& database);

/// What each of so many looks finds, with a pause between them: what is only on its way from one store to the other is not wrong.
/// One look when it finds nothing. Code::not_running when `pause` says no.
Result<Wrong> lasting(const std::function<Result<Wrong>()>& look, const std::function<bool()>& pause, int looks);

/// Counted whole, the first 20 as rows.
database::Violation violation_of(std::string id, std::string title, std::string owner, const Wrong& wrong);

/// Beside the others, or as one with what the rows alone said under the same id.
void join(std::vector<database::Violation>& all, database::Violation one);

}  // namespace backstitch::recovery
