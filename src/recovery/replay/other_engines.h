// Who decided live, where it was not the engine that folds now: another version, or this one with other settings. What it decided
// may come out otherwise in a replay, and nobody wrote past anybody.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "stores/database/port.h"
#include "stores/safe/port.h"

namespace backstitch::recovery {

struct OtherEngines {
  std::map<std::string, std::int64_t> turns;  // by engine_name(), as the turn mirror has it
  std::set<std::string> accounts;             // an input of theirs was decided by one of these
  std::set<Partition> partitions;             // an input that concerns all its accounts was
  bool decided(const std::string& account, Partition partition) const {
    return accounts.contains(account) || partitions.contains(partition);
  }
};

/// Of the inputs behind `from` (the positions at T), by the last turn in the mirror that consumed each. A turn that names no
/// engine explains nothing.
Result<OtherEngines> other_engines(safe::Safe& safe, const EngineSettings& engine, const std::vector<database::Position>& from);

}  // namespace backstitch::recovery
