#include "demo/voice.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/time.h"

namespace backstitch::demo {
namespace {

constexpr std::int64_t bar_every_ms = 200, line_every_ms = 5'000;
constexpr int bar_width = 24;

std::string bar_text(double share) {
  const int filled = static_cast<int>(std::clamp(share, 0.0, 1.0) * bar_width);
  return "[" + std::string(static_cast<std::size_t>(filled), '#') +
         std::string(static_cast<std::size_t>(bar_width - filled), '.') + "]";
}

}  // namespace

Voice::Voice() : terminal_(::isatty(STDERR_FILENO) == 1), started_ms_(monotonic_ms()), last_ms_(started_ms_) {}

std::string Voice::clock() const { return fmt::format("{:.1f} s", static_cast<double>(monotonic_ms() - started_ms_) / 1000); }

void Voice::wipe() {
  if (bar_stands_) std::fputs("\r\033[K", stderr);
  bar_stands_ = false;
}

void Voice::say(std::string_view words) {
  wipe();
  fmt::print(stderr, "{:>7}  {}\n", clock(), words);
}

void Voice::progress(double share, std::string_view words) {
  const std::int64_t now_ms = monotonic_ms();
  if (now_ms - last_ms_ < (terminal_ ? bar_every_ms : line_every_ms)) return;
  last_ms_ = now_ms;
  if (!terminal_) return say(words);
  wipe();
  fmt::print(stderr, "{:>7}  {} {}", clock(), bar_text(share), words);
  std::fflush(stderr);
  bar_stands_ = true;
}

}  // namespace backstitch::demo
