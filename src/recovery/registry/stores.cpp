#include "recovery/registry/stores.h"

#include <array>
#include <charconv>

namespace backstitch::recovery {
namespace {

using enum StoreClass;
using enum Evidence;

constexpr std::array entries{
    StoreEntry{1, "database-fulfilment", "database", "PostgreSQL",
               "downstream orders and items, plans and their items, inventory items", truth, "", "often",
               "point-in-time restore and replay",
               "every row written since that moment: states of items and plans, inventory items of the window",
               "the archived inputs are folded again with the recorded answers; no call to the outside is repeated",
               "recover start", wal},
    StoreEntry{2, "database-catalog", "database", "PostgreSQL", "catalog versions", derived, "crm-catalog", "seldom",
               "restored, then synced again", "versions that were activated since",
               "versions come by digest from the safe; the CRM publishes what is newer", "catalog resync", wal},
    StoreEntry{3, "database-orders", "database", "PostgreSQL", "orders and their items, assets", derived, "crm-orders", "often",
               "restored and folded again; the CRM gets the net state", "orders taken since, and states reached since",
               "the archived inputs are folded again; what differs from the CRM in the window is classified and listed",
               "recover start", wal},
    StoreEntry{4, "cache-sessions", "", "cache", "sessions", disposable, "", "", "dropped; people log in again",
               "nothing; a session may outlive a right that the rewind took away", "sessions are dropped", "recover start", none},
    StoreEntry{5, "cache-grants", "", "cache", "grants", disposable, "database-fulfilment", "",
               "rebuilt on a miss; generation switched and reloaded on command and in recovery",
               "nothing; entries may say what the database no longer says",
               "the generation is switched and grants are loaded again", "grants reload", none},
    StoreEntry{6, "workers", "workers", "worker deployments", "one set of workers per lane", derived, "database-fulfilment",
               "very seldom", "the worker-manager rebuilds them when it restarts",
               "deployments may differ from the desired set in the restored rows",
               "the worker-manager compares the desired set with what runs, and starts or ends the difference",
               "workers reconstruct", retention, "tasks.*"},
    StoreEntry{7, "objects-catalog", "", "object store", "catalog content by digest", derived, "crm-catalog", "seldom",
               "synced again", "nothing: content is named by its digest and never changed",
               "missing digests are written again out of the safe", "catalog resync", digest},
    StoreEntry{8, "queue-completer", "completer", "queue completer", "marks and answers of items streamed for completion",
               derived, "external-systems", "often",
               "archived as evidence; answers adopted, or items fatally failed by the supplied tool",
               "nothing of the queue; the rows forget that marks and answers behind the restored position were taken in",
               "every record is read to its seal into the answer index; replayed items adopt their answers",
               "queue drain completer", archive, "completer"},
    StoreEntry{9, "queue-order_orderitems", "order_orderitems", "queue order_orderitems",
               "order, item and asset updates for the CRM", derived, "database-orders", "often",
               "asset changes exported by REST and tool, then drained; kept at least 30 minutes",
               "updates already sent describe states that the rows no longer have",
               "asset changes are exported first; after recovery the net state of every touched entity is published",
               "assets export", retention, "order_orderitems"},
    StoreEntry{
        10, "queue-schedule", "schedule", "queue schedule", "items due later: retries, time-outs, process-after times", derived,
        "database-fulfilment", "often", "drained, rebuilt from rows", "timers of items that are in another state again",
        "the queue is drained; the scheduler loads timers from rows at its start", "queue drain schedule", retention, "schedule"},
    StoreEntry{11, "queue-incoming", "incoming", "queue incoming", "every acknowledged request", critical, "", "often",
               "never lost; kept at least 30 minutes in the queue, archived as long as backups; replayed",
               "nothing: it stands outside the database; its records since that moment must be folded again",
               "replay reads the archive from the restored position, minus exclusions", "recover exclusions --why TEXT", archive,
               "incoming"},
    StoreEntry{12, "crm-catalog", "crm", "CRM", "catalog", critical, "", "seldom", "master: never touched", "nothing",
               "it is the source that the others are synced from", "catalog import FILE", outside},
    StoreEntry{13, "crm-orders", "crm", "CRM", "orders", critical, "", "often",
               "orders of the lost window identified, classified, settled",
               "orders changed in the CRM since, which the rows know nothing of, and states that the CRM has seen already",
               "each order of the window is classified; states in the CRM never move backwards during the catch-up",
               "recover report", outside},
    StoreEntry{14, "crm-assets", "crm", "CRM", "assets", critical, "", "often",
               "asset changes of the window identified, classified, settled; inventory linked to assets",
               "assets made or ended since, without their inventory item in the rows",
               "asset changes of the window are settled one by one; inventory is linked to assets by reference",
               "inventory check", outside},
    StoreEntry{15, "external-systems", "", "external systems", "their own state: the services that run", critical, "", "often",
               "per system: look up, adopt, redo, compensate", "services provisioned since, which the rows know nothing of",
               "marks and answers say what was called; where they do not, the system is asked by key", "recover work", outside},
    StoreEntry{0, "safe", "safe", "the safe",
               "epoch, archives of incoming and completer, turn mirror, catalogs by digest, recovery journals, evidence, backups",
               ours, "", "",
               "never rewound; what all others come back from lies in it, and without it the platform does not start",
               "nothing: it lies outside every rollback", "it is what the others come back from; keep it on another disk",
               "backup list", digest}};

constexpr std::array edges{
    StoreEdge{"crm-orders", "queue-incoming", "orders are submitted"},
    StoreEdge{"queue-incoming", "safe", "records are archived before they expire"},
    StoreEdge{"queue-incoming", "database-orders", "the shard folds inputs into rows"},
    StoreEdge{"database-orders", "database-fulfilment", "decomposition and plan composition"},
    StoreEdge{"database-fulfilment", "external-systems", "workers call, a mark before each call"},
    StoreEdge{"external-systems", "queue-completer", "answers become records before anybody acts on them"},
    StoreEdge{"queue-completer", "safe", "marks and answers are archived"},
    StoreEdge{"queue-completer", "database-fulfilment", "the shard folds answers into rows"},
    StoreEdge{"database-fulfilment", "queue-schedule", "timers are published after the commit"},
    StoreEdge{"queue-schedule", "queue-completer", "due timers come back as records"},
    StoreEdge{"database-orders", "queue-order_orderitems", "changed states are published after the commit"},
    StoreEdge{"queue-order_orderitems", "crm-orders", "CRM sync delivers orders and items"},
    StoreEdge{"queue-order_orderitems", "crm-assets", "CRM sync delivers asset changes"},
    StoreEdge{"crm-catalog", "database-catalog", "catalog versions are synced"},
    StoreEdge{"crm-catalog", "objects-catalog", "catalog content is synced"},
    StoreEdge{"database-catalog", "safe", "versions are kept by digest"},
    StoreEdge{"database-fulfilment", "workers", "the desired set of workers"},
    StoreEdge{"database-fulfilment", "cache-grants", "grants are read on a miss"},
    StoreEdge{"cache-grants", "cache-sessions", "a session holds what its person may do"},
    StoreEdge{"database-fulfilment", "safe", "WAL and base backups, turn rows"}};

}  // namespace

std::string_view to_text(StoreClass store_class) {
  switch (store_class) {
    case truth: return "source of truth";
    case derived: return "derived";
    case disposable: return "disposable";
    case critical: return "critical";
    case ours: return "ours, outside every rollback";
  }
  return "";
}

std::span<const StoreEntry> all_stores() { return entries; }

const StoreEntry* find_store(std::string_view name) {
  int number = -1;
  const auto parsed = std::from_chars(name.data(), name.data() + name.size(), number);
  const bool is_number = parsed.ec == std::errc() && parsed.ptr == name.data() + name.size() && number > 0;
  for (const StoreEntry& entry : entries)
    if (entry.name == name || (is_number && entry.number == number)) return &entry;
  return nullptr;
}

std::span<const StoreEdge> store_edges() { return edges; }

}  // namespace backstitch::recovery
