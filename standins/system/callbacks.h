// Sends what an interface has to call back: one thread, that looks when the next letter is due, or when something has happened.
#pragma once
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/net/http_client.h"
#include "standins/system/interface.h"

namespace backstitch::standin {

/// Thread-safe. Tries for as long as it lives: a receiver that is down is nothing unusual.
class Callbacks {
 public:
  /// Both outlive it. Nothing is sent that rests on a line of the ledger that is not on the disk.
  Callbacks(Interface& interface, Ledger& ledger);
  ~Callbacks();  // does not wait for receivers: what is on its way counts as not delivered
  Callbacks(const Callbacks&) = delete;
  Callbacks& operator=(const Callbacks&) = delete;

  /// A call may have been accepted, or a fault changed.
  void look_again();

 private:
  void run();
  Time send_round(std::size_t room);
  void send(Letter letter);

  Interface& interface_;
  Ledger& ledger_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool look_again_ = false, stopping_ = false;
  std::size_t on_their_way_ = 0;
  HttpClient client_;  // ends before what its last answers need
  std::thread thread_;
};

}  // namespace backstitch::standin
