// The verbs of each noun, one file a noun.
#pragma once
#include <vector>

#include "cli/verb.h"

namespace backstitch::cli {

std::vector<Verb> platform_verbs();        // up, down, status, serve, worker
std::vector<Verb> store_verbs();           // stores list|explain|graph
std::vector<Verb> catalog_verbs();         // catalog import|validate|show|activate
std::vector<Verb> resync_verbs();          // catalog resync
std::vector<Verb> order_verbs();           // order submit|show|list|watch
std::vector<Verb> plan_verbs();            // plan show|explain
std::vector<Verb> item_verbs();            // item show|retry|complete|fail
std::vector<Verb> mark_verbs();            // item mark-fatally-failed|late
std::vector<Verb> task_verbs();            // task list|claim|complete|reassign
std::vector<Verb> system_verbs();          // system list|up|down|unhold
std::vector<Verb> queue_verbs();           // queue list|show|export
std::vector<Verb> drain_verbs();           // queue drain
std::vector<Verb> inventory_verbs();       // inventory list
std::vector<Verb> asset_verbs();           // assets list|export
std::vector<Verb> inventory_tool_verbs();  // inventory check|sheet
std::vector<Verb> workers_verbs();         // workers list|reconstruct
std::vector<Verb> grant_verbs();           // grants list|grant|revoke|reload, user …, session start|end|show
std::vector<Verb> backup_verbs();          // backup create|list|check, recover range
std::vector<Verb> backup_fetch_verbs();    // backup fetch
std::vector<Verb> recover_work_verbs();    // recover work
std::vector<Verb> recover_plan_verbs();    // recover plan|exclusions
std::vector<Verb> recover_window_verbs();  // recover window
std::vector<Verb> recover_verbs();         // recover prepare|start|resume|undo|status|report
std::vector<Verb> audit_verbs();           // audit
std::vector<Verb> repair_verbs();          // repair plan|show|apply
std::vector<Verb> rehearse_verbs();        // rehearse
std::vector<Verb> verify_verbs();          // verify
std::vector<Verb> about_verbs();           // config show, errors list|explain, version
std::vector<Verb> later_verbs();           // of versions to come

}  // namespace backstitch::cli
