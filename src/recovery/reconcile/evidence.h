// What the archived completer proves: marks and answers, by item, then call number, and their net.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/input.h"
#include "model/seal.h"
#include "stores/safe/port.h"

namespace backstitch::recovery {

struct CallMark {
  std::string digest, worker, system;  // digest of the request, 16 hex digits
  std::uint64_t offset = 0;
  Time at;
};
struct CallAnswer {
  CallOutcome outcome = CallOutcome::unknown;
  std::string code, response;  // response: JSON, empty when none
  std::uint64_t offset = 0;
  Time at;
};

/// Where one call stands by what was recorded of it.
enum class Known : std::uint8_t { none, unknown, refused, done, undone };
const char* to_text(Known known);

struct CallEvidence {
  std::vector<CallMark> marks;
  std::vector<CallAnswer> answers;
  Known known = Known::none;
  std::string digest, system;  // of the request that was marked last, and where it was sent
  CallAnswer answer;           // the one that `known` rests on
  Time first_marked_at;        // of the first mark under which it may have been done: the key lives from then on
  Time marked_at, settled_at;  // of the last mark; of the record that `known` rests on
  bool in_window = false;      // a record of it is not older than T
  bool accepted = false;       // what was heard of it last is that its system is at it, and will call back
  bool disbelieved = false;    // its system said done, or undone, and has been rewound to before that since
};

struct ItemEvidence {
  ItemId item;
  EffectId effect;
  Partition partition = 0;
  std::string account, subject, system;  // subject and system as marked; empty when only an answer is there
  std::map<int, CallEvidence> calls;     // by number

  /// The call that says how the item stands: the first that is done, else the first that is unknown, else the last in the order
  /// of answers.
  int net_call() const;
  const CallEvidence& net() const { return calls.at(net_call()); }
  bool any_unknown() const;
  std::string key_of(int call) const { return CallKey{effect, call}.text(); }
};

/// By item, so that the order of decisions is everywhere the same.
using Evidence = std::map<ItemId, ItemEvidence>;

/// Calls back with the records of whoever is not passed over, of a beginning of the partition that was seen to be whole; answers
/// where the rest begins.
using ReadBefore = std::function<Result<std::uint64_t>(Partition partition, const std::function<void(const queue::Record&)>&)>;

struct CollectSettings {
  Time since;  // items whose records are all older and whose last call has ended are settled by the rows: left out. Not set: all
  std::map<std::string, Time> rewound;  // by system: what it answered from then on is unknown
  Seals seals;                          // of completer; a mark that they have overtaken was never anybody's right to send
  std::map<std::string, Time> undone;   // by effect key: cancelled then, by an earlier recovery
  std::function<bool(const std::string& account)> settled;  // accounts that are passed over; not set: none
  ReadBefore before;                                        // not set: everything is read
};

/// Of one partition. Records headed bs-adopted are repetitions of answers, and records that cannot be read prove nothing; both
/// are skipped. Code::archive_gap names the place of a hole; safe_failed, checksum_mismatch.
Result<Evidence> collect_evidence(const CollectSettings& settings, safe::Safe& safe, Partition partition);

}  // namespace backstitch::recovery
