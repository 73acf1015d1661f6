// Inputs of the fold: records of completer and incoming, parsed once. Formats: "interfaces" 5.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/id.h"
#include "base/time.h"
#include "engine/decision.h"
#include "model/access.h"
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

/// How a call ended (law 5); `accepted` is no end: the system is at it, and calls back.
enum class CallOutcome : std::uint8_t { done, refused, not_taken, unknown, accepted };
const char* to_text(CallOutcome outcome);  // "done" "refused" "not-taken" "unknown" "accepted"
std::optional<CallOutcome> call_outcome_from(std::string_view text);

// ---- incoming --------------------------------------------------------------------------------------------------------

struct SubmitInput {
  Order order;
  std::string body_digest;  // SHA-256 hex of the record's value
};
enum class ItemVerb : std::uint8_t { retry, complete, fail, mark_fatally_failed };
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
enum class GrantVerb : std::uint8_t { grant, revoke, add_user, remove_user, assign, unassign };
const char* to_text(GrantVerb verb);  // "grant" "revoke" "add-user" "remove-user" "assign" "unassign"
std::optional<GrantVerb> grant_verb_from(std::string_view text);
/// Who may do what is changed; stands in partition 0 only, so that all changes have one order.
struct GrantChangeInput {
  CommandId id;
  GrantVerb verb = GrantVerb::grant;
  std::string profile, user;
  Grant grant;
  std::string password;  // hash, of add-user
  std::string actor;
};
/// Links inventory items of one account to their assets by reference; all of them, or none.
struct InventoryRepairInput {
  struct Link {
    InventoryId inventory;
    AssetId asset;
  };
  CommandId id;
  std::string account_id;
  std::vector<Link> links;
  std::string actor, reason;
};
/// Rows of one account as the log makes of them, in the place of what somebody wrote past the engine. The only input whose
/// outcome hangs on the rows that stand there, and not on the log alone.
struct AccountRepairInput {
  CommandId id;
  std::string account_id, actor, reason, plan;
  std::uint64_t compared = 0, corrected = 0;  // digests of all rows of the account: as they stood, and as they should
  std::shared_ptr<const TurnRows> rows;       // orders whole, new; every inventory item and asset; events without a turn
};
/// A command of the domain that this version cannot carry out: refused in writing, never dropped.
struct UnsupportedInput {
  CommandId id;
  std::string kind;
};

/// What a recovery left out of its replay: recorded, so that the log itself tells it. Decides nothing else.
struct ExclusionInput {
  CommandId id;
  std::string recovery, actor;
  std::string places;  // "3:17 3:18 5:2": partition and offset of incoming
};
/// How a call is settled whose outcome the replay could not simply take over (order-management 6; recovery, "Settling effects").
enum class SettlementDecision : std::uint8_t {
  adopt,         // the item takes a done outcome, of its own call or of another key of the same business
  fatally_fail,  // a person must look: nothing is called
  next_call,     // the outside is undone: call again under the next number
  note,          // nothing to do; recorded
};
struct SettlementInput {
  CommandId id;
  ItemId item;
  std::string decision_text;                   // as written
  std::optional<SettlementDecision> decision;  // none: refused in writing
  std::string key;                             // of the call that was settled, "eff_….2"; of adopt another item's, too
  std::optional<CallOutcome> outcome;
  std::string code, response;  // response: JSON, empty when none
  std::string reason, actor;
};
/// A record that a recovery left out. Never read from a log: the fold puts it in the record's place.
struct ExcludedInput {
  std::string kind, subject, why;
  std::optional<SubmitInput> submit;  // whose submitter is told
};

// ---- completer -------------------------------------------------------------------------------------------------------

struct MarkInput {};  // evidence: stands in the answer index, decides nothing
struct SealInput {};  // the end of an epoch in its partition, in both logs; decides nothing
/// A mark or an answer of a range that a recovery replayed under the policy fatally-fail. Never read from a log: the fold puts it
/// in the record's place.
struct DistrustedInput {
  ItemId item;
  CallKey key;
};
/// What the log held of a call's end when its system called back.
enum class Repetition : std::uint8_t { none, duplicate, conflict };
const char* to_text(Repetition repetition);  // "" "duplicate" "conflict"
struct AnswerInput {
  ItemId item;
  CallKey key;
  CallOutcome outcome = CallOutcome::unknown;
  std::string code;       // "noc/500"
  std::string response;   // JSON of the system, empty when none
  bool callback = false;  // the system said it by itself, later
  Repetition repetition = Repetition::none;
};
/// Schemas of the records that say how a call stands: an answer of a worker, a callback of the system.
inline constexpr const char *answer_schema = "completer.answer/1", *callback_schema = "completer.callback/1";
inline bool tells_of_call(std::string_view schema) { return schema == answer_schema || schema == callback_schema; }
struct DueInput {
  ItemId item;
  std::string kind;
  Time due_at;
};

using Input = std::variant<SubmitInput, ItemCommandInput, TaskCommandInput, SystemCommandInput, CatalogActivateInput,
                           GrantChangeInput, InventoryRepairInput, AccountRepairInput, UnsupportedInput, ExclusionInput,
                           SettlementInput, ExcludedInput, MarkInput, SealInput, AnswerInput, DueInput, DistrustedInput>;

/// Code::schema_unknown for a schema of a higher version (the partition stops, in words); Code::json_invalid and the codes of
/// the body for a broken record.
Result<Input> parse_input(const InputRecord& record);

/// What takes the place of a record that is left out: who it was for and what it was about, as far as it can be read.
ExcludedInput excluded_input(const InputRecord& record, std::string why);

/// What takes the place of a mark or an answer under the policy fatally-fail; none for any other record, and for a broken one.
std::optional<DistrustedInput> distrusted_input(const InputRecord& record);

/// A record that has a turn of its own partition for itself: it is decided upon what is committed, whatever the log was cut into.
bool stands_alone(const InputRecord& record);

/// The item an input is about; none for submits and broadcasts. Lets the fold load its order before deciding.
std::optional<ItemId> item_of(const Input& input);

}  // namespace backstitch
