#include "cli/verbs/verbs.h"

#include <map>

#include "cli/verbs/crm.h"

namespace backstitch::cli {

const std::vector<Verb>& all_verbs() {
  static const std::vector<Verb> verbs = [] {
    std::vector<Verb> all;
    for (auto* part :
         {platform_verbs,       store_verbs,     catalog_verbs,        resync_verbs,       catalog_sync_verbs, order_verbs,
          plan_verbs,           item_verbs,      mark_verbs,           task_verbs,         system_verbs,       queue_verbs,
          drain_verbs,          inventory_verbs, inventory_tool_verbs, crm_verbs,          workers_verbs,      asset_verbs,
          grant_verbs,          backup_verbs,    backup_fetch_verbs,   recover_plan_verbs, recover_verbs,      recover_work_verbs,
          recover_window_verbs, verify_verbs,    audit_verbs,          repair_verbs,       rehearse_verbs,     about_verbs,
          later_verbs})
      for (Verb& verb : part()) all.push_back(std::move(verb));
    return all;
  }();
  return verbs;
}

std::string noun_summary(const std::string& noun) {
  static const std::map<std::string, std::string> summaries{{"stores", "the data stores: what they hold and how each comes back"},
                                                            {"catalog", "product catalogs: import, check, activate"},
                                                            {"order", "customer orders"},
                                                            {"plan", "what fulfils an order"},
                                                            {"item", "one orchestration item of a plan"},
                                                            {"task", "what waits for a person: manual tasks and fallout"},
                                                            {"system", "external systems"},
                                                            {"queue", "the queues between the parts"},
                                                            {"callback", "what systems tell by calling back"},
                                                            {"inventory", "services that run"},
                                                            {"assets", "assets as the CRM knows them"},
                                                            {"backup", "base backups and the archive of the database"},
                                                            {"recover", "going back in time"},
                                                            {"repair", "single accounts put right while everything goes on"},
                                                            {"config", "the configuration"},
                                                            {"errors", "every error of the product"},
                                                            {"grants", "who may do what"},
                                                            {"user", "who signs in"},
                                                            {"session", "signing in and out"},
                                                            {"workers", "worker processes"},
                                                            {"members", "the processes that are the instance"},
                                                            {"crm", "the CRM"}};
  const auto found = summaries.find(noun);
  return found == summaries.end() ? "" : found->second;
}

}  // namespace backstitch::cli
