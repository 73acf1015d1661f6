// Records that PostgreSQL could not hold although the door let them pass: refused in writing, by evidence in the safe, because
// every later fold of the same log must refuse them too (law 7).
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "base/error.h"
#include "engine/input.h"
#include "stores/safe/port.h"

namespace backstitch {

struct Refusal {
  std::string digest;  // SHA-256 hex of the record's value
  Error error;         // as it stands in the command row, live and in every replay
};

/// By (log, partition, offset).
using Refusals = std::map<std::tuple<Log, Partition, std::uint64_t>, Refusal>;

/// All that were ever kept. Code::json_invalid names an object that is none; safe_failed.
Result<Refusals> load_refusals(safe::Safe& safe);

/// Keeps one: unwritable/<log>-<partition>-<offset>.json, durable when it returns. `cause`: what the database said; its first
/// line is told to the submitter. A refusal that is there already stays as it is: Code::database_failed, since then the database
/// took not even that.
Status keep_refusal(safe::Safe& safe, const InputRecord& record, const Error& cause);

/// The refusal of this record; null when it has none. Code::checksum_mismatch: another record stands in its place.
Result<const Refusal*> refusal_of(const Refusals& refusals, const InputRecord& record);

}  // namespace backstitch
