// The registry of data stores: what each holds, what class it is of, what is lost when the database goes back, and how it comes
// back. `backstitch stores`, the reference page and recovery read this one table.
#pragma once
#include <span>
#include <string_view>

namespace backstitch::recovery {

enum class StoreClass { truth, derived, disposable, critical, ours };
std::string_view to_text(StoreClass store_class);  // "source of truth"

/// What a store tells about a lost window after the database went back, and what ends it.
enum class Evidence {
  none,       // nothing: it is dropped and built again
  retention,  // records of `topics`, until the queue's retention ends
  archive,    // records of `topics`, archived in the safe
  wal,        // base backups and the archived WAL behind them
  digest,     // content that is never changed, named by its digest
  outside     // what the other side knows, as long as it keeps it
};

struct StoreEntry {
  int number;                  // 1 … 15; 0: the safe, which has none
  std::string_view name;       // "queue-completer": as health, commands and reports call it
  std::string_view live_name;  // in GET /api/v1/stores; empty when no health is measured
  std::string_view place;      // "PostgreSQL", "queue completer"
  std::string_view holds;
  StoreClass store_class;
  std::string_view source;      // what it is derived from; empty for what is derived from nothing
  std::string_view changes;     // "often", "seldom", "very seldom"; empty when nobody counts it
  std::string_view comes_back;  // one line of the table
  std::string_view lost;        // what is lost, or wrong, when the database goes back to an earlier moment
  std::string_view rebuilt_by;  // what puts it right
  std::string_view command;     // with which command of this program
  Evidence evidence = Evidence::none;
  std::string_view topics = {};  // the queue that holds the evidence; "tasks.*": of every lane
};

/// By number; the safe last.
std::span<const StoreEntry> all_stores();
/// By name or by number ("8"); nullptr when there is none.
const StoreEntry* find_store(std::string_view name);

/// What flows from one store into another.
struct StoreEdge {
  std::string_view from, to;  // names of entries
  std::string_view what;
};
std::span<const StoreEdge> store_edges();

}  // namespace backstitch::recovery
