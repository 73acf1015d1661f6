#include <boost/json.hpp>

#include "base/json.h"
#include "recovery/audit/audit.h"
#include "recovery/planner/price.h"

namespace backstitch::recovery {
namespace json = boost::json;
namespace {

constexpr std::size_t shown_max = 20;  // names in words; all of them are in the document

json::array names_json(const Audit::Accounts& accounts) { return json::array(accounts.names.begin(), accounts.names.end()); }

std::string line(const char* what, const Audit::Accounts& accounts) {
  if (accounts.count == 0) return {};
  std::string text = fmt::format("  {:<12}{}:", what, accounts.count);
  for (std::size_t i = 0; i < std::min(accounts.names.size(), shown_max); ++i) text += " " + accounts.names[i];
  return text + (accounts.names.size() > shown_max ? " …\n" : "\n");
}

}  // namespace

std::string audit_json(const Audit& audit) {
  const Status found = verdict(audit);
  json::array partitions(audit.partitions.begin(), audit.partitions.end());
  return write_json(json::object{{"code", found ? json::value(nullptr) : json::value(code_text(found.error().code))},
                                 {"at", rfc3339(audit.at)},
                                 {"lsn", audit.lsn},
                                 {"from", audit.from},
                                 {"accounts", audit.accounts},
                                 {"equal", audit.equal},
                                 {"differences", audit.differences()},
                                 {"differing", audit.differing.count},
                                 {"differingAccounts", names_json(audit.differing)},
                                 {"onlyHere", audit.only_here.count},
                                 {"onlyHereAccounts", names_json(audit.only_here)},
                                 {"onlyThere", audit.only_there.count},
                                 {"onlyThereAccounts", names_json(audit.only_there)},
                                 {"partitionsDiffering", std::move(partitions)},
                                 {"foreignCommits", foreign_json(audit.foreign)},
                                 {"foreignUnread", audit.foreign_unread},
                                 {"inputs", audit.replay.inputs},
                                 {"replayMs", audit.replay.duration_ms},
                                 {"inputsPerSecond", audit.replay.inputs_per_second()},
                                 {"restoreMs", audit.restore_ms},
                                 {"compareMs", audit.compare_ms},
                                 {"ms", audit.duration_ms}});
}

std::string audit_text(const Audit& audit) {
  std::string text = fmt::format("{} of {} accounts equal what the log says at {}\n", audit.equal, audit.accounts, audit.lsn);
  text += line("differ", audit.differing) + line("only here", audit.only_here) + line("only there", audit.only_there);
  if (!audit.partitions.empty()) {
    text += "  decided otherwise: partitions";
    for (const Partition partition : audit.partitions) text += fmt::format(" {}", partition);
    text += "\n";
  }
  text += foreign_text(audit.foreign);
  if (!audit.foreign_unread.empty()) text += fmt::format("  foreign     not known: {}\n", audit.foreign_unread);
  return text + fmt::format("folded {} inputs from {} in {} ({:.0f} a second), {} in all\n", audit.replay.inputs, audit.from,
                            duration_text(audit.replay.duration_ms), audit.replay.inputs_per_second(),
                            duration_text(audit.duration_ms));
}

}  // namespace backstitch::recovery
