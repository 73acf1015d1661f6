// The stores that a configuration names. Whoever needs one outside the platform (verbs while it is down, a recovery) opens it
// here too, and so the same.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "api/config.h"
#include "stores/cache/port.h"
#include "stores/crm/port.h"
#include "stores/database/external/external.h"
#include "stores/objects/port.h"
#include "stores/queue/port.h"
#include "stores/safe/port.h"

namespace backstitch {

/// Of a database that somebody else runs. Code::config_invalid.
Result<database::ExternalAddress> database_address(const Config& config);
/// What works on the files of the database can be done only where they are ours: Code::not_yet where somebody else runs it, with
/// what there is instead. `what` begins the sentence.
Status need_own_database(const Config& config, std::string_view what);

Result<std::unique_ptr<safe::Safe>> open_safe(const Config& config);
/// The embedded one belongs to one process at a time (Code::already_running); Kafka's to all of an instance. It is the log that
/// the safe is bound to, or both are bound to each other from now on: Code::store_unfit when it is another one, topic_replaced
/// when there is none any more (stores/safe/bind_log.h).
Result<std::unique_ptr<queue::Queue>> open_queue(const Config& config, safe::Safe& safe);
/// As it stands at this moment, to be read while its owner goes on.
Result<std::unique_ptr<queue::Queue>> open_queue_beside_owner(const Config& config, safe::Safe& safe);
/// An error of the two above that says that this is not the log of this safe: whoever could do without a log must not pass over
/// it.
bool is_not_ours(const Error& error);
Result<std::unique_ptr<objects::Objects>> open_objects(const Config& config);
Result<std::unique_ptr<cache::Cache>> open_cache(const Config& config);
/// What its servers may lose of what was acknowledged, in words; empty when nothing, or when they cannot be asked now.
std::vector<std::string> queue_warnings(const Config& config);
/// Null when none is configured.
Result<std::unique_ptr<crm::Crm>> open_crm(const Config& config);

}  // namespace backstitch
