// Words on standard error. Progress is a bar on a terminal, else a line every five seconds.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace backstitch::demo {

/// One thread.
class Voice {
 public:
  Voice();
  void say(std::string_view words);
  /// `share` of the work is done, 0 … 1. To be called often; most calls print nothing.
  void progress(double share, std::string_view words);
  /// Seconds since the demo began, one decimal.
  std::string clock() const;

 private:
  void wipe();
  const bool terminal_;
  const std::int64_t started_ms_;
  std::int64_t last_ms_ = 0;
  bool bar_stands_ = false;
};

}  // namespace backstitch::demo
