// Somebody's console with an open transaction: while it holds its lock, no turn is committed, and what comes in piles up.
#pragma once
#include <string>

#include "base/process.h"

namespace backstitch::demo {

/// One thread. Lets go when it is destroyed.
class Console {
 public:
  Console() = default;
  ~Console() { let_go(); }
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  /// Returns once the lock is held; false when it could not be had within seconds. `connection`: libpq's words.
  bool hold(const std::string& connection);
  bool holds() const { return child_.id.pid != 0; }
  void let_go();

 private:
  Child child_;
};

}  // namespace backstitch::demo
