// What goes wrong on the way, by plan: processes that are killed, or hosts, brokers and cables.
#pragma once
#include <cstdint>
#include <string>

#include "base/error.h"

namespace backstitch::demo {

/// One thread.
class Troubles {
 public:
  virtual ~Troubles() = default;
  /// To be called over and over: does at most one thing that is due, and puts right what nobody else would.
  virtual Status tick() = 0;
  virtual std::size_t hit() const = 0;
  virtual std::size_t planned() const = 0;
  /// "killed 3 of 8".
  virtual std::string words() const = 0;

  bool done() const { return hit() == planned(); }
  std::int64_t since_last_ms() const;
  /// The time to come to rest begins anew: something held everything up.
  void start_settling();

 protected:
  Troubles();

 private:
  std::int64_t last_ms_;
};

}  // namespace backstitch::demo
