// The seal that counts: of the newest recovery that sealed the log, resumed or undone.
#pragma once
#include <cstdint>
#include <map>

#include "base/error.h"
#include "stores/safe/port.h"

namespace backstitch::recovery {

struct NewestSeal {
  std::uint64_t epoch = 0;                       // 0: nobody ever sealed this log
  std::map<Partition, queue::Offset> completer;  // offset of the seal, per partition
};

/// Code::json_invalid, safe_failed.
Result<NewestSeal> newest_seal(safe::Safe& safe);

}  // namespace backstitch::recovery
