// Systems call back (order-management 5.15): durable in `completer` first, then "received", whatever has become of the item and
// whether or not PostgreSQL is there. Also while a recovery is under way. Thread-safe.
#pragma once
#include <array>
#include <mutex>
#include <string>
#include <string_view>

#include "engine/input.h"
#include "stores/queue/port.h"
#include "stores/safe/port.h"

namespace backstitch {

/// The secret of this instance's callback addresses; it stands in the safe, so that an address outlives every rewind. Made when
/// there is none yet.
Result<std::string> callback_secret(safe::Safe& safe);

struct ReceivedCallback {
  std::string key;  // effect key text
  Partition partition = 0;
  queue::Offset offset = 0;
  Repetition repetition = Repetition::none;
};

class Callbacks {
 public:
  Callbacks(std::string secret, queue::Queue& queue, int partitions);

  /// What stands behind /callbacks/: the effect key and 160 bits that only this instance can know.
  std::string token_of(const std::string& key) const;
  /// `body`: {"outcome":"done|refused|interim","code":"noc/200","response":{…}}. Code::callback_unknown for a token that was
  /// never given out, and for a call without a mark in the log; callback_invalid; what the queue answers.
  Result<ReceivedCallback> receive(std::string_view token, const std::string& body);

 private:
  std::string secret_;
  queue::Queue& queue_;
  int partitions_;
  std::array<std::mutex, 64> turns_;  // by call: the second sees the first, and others share its sync
};

}  // namespace backstitch
