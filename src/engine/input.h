// Inputs of the fold: records of completer and incoming, parsed once. Formats: "interfaces" 5.
#pragma once
#include <optional>
#include <string>
#include <variant>

#include "base/error.h"
#include "base/id.h"
#include "base/time.h"
#include "model/identity.h"
#include "model/order.h"

namespace backstitch {

enum class Log : std::uint8_t { completer, incoming };  // in this order inside a turn (law 3)

/// One record in merge order. `at` is the append time the log gave it: the only "now" a decision may see (law 2).
struct InputRecord {
  Log log = Log::incoming;
  Partition partition = 0;
  std::uint64_t offset = 0;
  Time at;
  std::string account_id, schema, headers, value;
};

// ---- incoming --------------------------------------------------------------------------------------------------------

struct SubmitInput {
  Order order;
  std::string body_digest;  // SHA-256 hex of the record's value
};
enum class ItemVerb : std::uint8_t { retry, complete, fail };
struct ItemCommandInput {
  CommandId id;
  ItemId item;
  ItemVerb verb = ItemVerb::retry;
  std::string actor, reason;
  Attributes attributes;
};
enum class TaskVerb : std::uint8_t { claim, complete, reassign };
struct TaskCommandInput {
  CommandId id;
  ItemId item;
  TaskVerb verb = TaskVerb::claim;
  std::string actor, owner;  // owner: of reassign
  Attributes attributes;
};
enum class SystemVerb : std::uint8_t { up, down, unhold };
struct SystemCommandInput {
  CommandId id;
  std::string system, actor;
  SystemVerb verb = SystemVerb::up;
};
struct CatalogActivateInput {
  CommandId id;
  std::string digest, actor;
};
/// A command of the domain that this version cannot carry out: refused in writing, never dropped.
struct UnsupportedInput {
  CommandId id;
  std::string kind;
};

// ---- completer -------------------------------------------------------------------------------------------------------

enum class CallOutcome : std::uint8_t { done, refused, not_taken, unknown };  // law 5
const char* to_text(CallOutcome outcome);                                     // "done" "refused" "not-taken" "unknown"
std::optional<CallOutcome> call_outcome_from(std::string_view text);

struct MarkInput {};  // evidence: stands in the answer index, decides nothing
struct AnswerInput {
  ItemId item;
  CallKey key;
  CallOutcome outcome = CallOutcome::unknown;
  std::string code;      // "noc/500"
  std::string response;  // JSON of the system, empty when none
};
struct DueInput {
  ItemId item;
  std::string kind;
  Time due_at;
};

using Input = std::variant<SubmitInput, ItemCommandInput, TaskCommandInput, SystemCommandInput, CatalogActivateInput,
                           UnsupportedInput, MarkInput, AnswerInput, DueInput>;

/// Code::schema_unknown for a schema of a higher version (the partition stops, in words); Code::json_invalid and the codes of
/// the body for a broken record.
Result<Input> parse_input(const InputRecord& record);

/// The item an input is about; none for submits and broadcasts. Lets the fold load its order before deciding.
std::optional<ItemId> item_of(const Input& input);

}  // namespace backstitch
