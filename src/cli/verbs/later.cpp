// Verbs of versions to come: they are known, and refused in words.
#include "cli/verbs/verbs.h"

namespace backstitch::cli {
namespace {

Result<Answer> refuse(const Invocation& invocation) {
  return fail(Code::not_yet, "\"backstitch {}\" is not part of this version; nothing was done", invocation.command);
}

Verb later(const char* noun, const char* name, const char* summary, std::array<const char*, 3> examples) {
  return {noun, name, summary, {}, {}, examples, refuse, Verb::Kind::later};
}

}  // namespace

std::vector<Verb> later_verbs() {
  return {
      later("catalog", "diff", "what two versions differ in",
            {"catalog diff 3f2a 9c01", "catalog diff 3f2a", "catalog diff 3f2a 9c01 --json"}),
      later("order", "freeze", "stop an order for a change",
            {"order freeze ord_1", "order freeze ord_1 --dry-run", "order freeze ord_1 --wait 1m"}),
      later("order", "amend", "submit a supplement",
            {"order amend order.json", "order amend - <order.json", "order amend order.json --dry-run"}),
      later("order", "cancel", "cancel an order in flight",
            {"order cancel ord_1", "order cancel ord_1 --yes", "order cancel ord_1 --dry-run"}),
      later("order", "discard", "give an order up",
            {"order discard ord_1", "order discard ord_1 --yes", "order discard ord_1 --dry-run"}),
      later("recover", "plan", "price the ways back",
            {"recover plan 2026-11-23T05:21:00Z", "recover plan 2h", "recover plan 2h --json"}),
      later("recover", "start", "go back", {"recover start rec-1", "recover start rec-1 --yes", "recover start rec-1 --json"}),
      later("recover", "resume", "go on with a recovery that stopped",
            {"recover resume rec-1", "recover resume rec-1 --yes", "recover resume rec-1 --json"}),
      later("recover", "undo", "point back to the old folder",
            {"recover undo rec-1", "recover undo rec-1 --yes", "recover undo rec-1 --dry-run"}),
      later("recover", "status", "how far a recovery is",
            {"recover status", "recover status rec-1", "recover status rec-1 --json"}),
      later("recover", "report", "what a recovery did",
            {"recover report rec-1", "recover report rec-1 --json", "recover report"}),
      later("recover", "work", "what a person has to decide",
            {"recover work rec-1", "recover work rec-1 --json", "recover work"}),
      later("grants", "list", "who may do what", {"grants list", "grants list --json", "grants list --limit 10"}),
      later("grants", "grant", "give a right",
            {"grants grant ann operator", "grants grant ann operator --dry-run", "grants grant ann operator --yes"}),
      later("grants", "revoke", "take a right",
            {"grants revoke ann operator", "grants revoke ann operator --dry-run", "grants revoke ann operator --yes"}),
      later("grants", "reload", "load all grants again", {"grants reload", "grants reload --dry-run", "grants reload --json"}),
      later("crm", "refresh", "read the CRM's own fields again", {"crm refresh", "crm refresh --dry-run", "crm refresh --json"}),
      later("rehearse", "", "break a scratch world and recover it", {"rehearse", "rehearse --json", "rehearse --quiet"}),
      later("search", "", "find anything by words", {"search FIBER", "search A-1001 --json", "search FIBER --limit 10"}),
      later("bulk", "", "one command on many items", {"bulk retry", "bulk retry --dry-run", "bulk retry --yes"}),
      later("purge", "", "erase what is old", {"purge --dry-run", "purge --yes", "purge --json"}),
      later("audit", "", "fold everything again and compare", {"audit", "audit --json", "audit --quiet"}),
  };
}

}  // namespace backstitch::cli
