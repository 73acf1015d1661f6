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
      later("search", "", "find anything by words", {"search FIBER", "search A-1001 --json", "search FIBER --limit 10"}),
      later("bulk", "", "one command on many items", {"bulk retry", "bulk retry --dry-run", "bulk retry --yes"}),
      later("purge", "", "erase what is old", {"purge --dry-run", "purge --yes", "purge --json"}),
  };
}

}  // namespace backstitch::cli
