#include "demo/interrupt.h"

#include <poll.h>
#include <signal.h>

#include <algorithm>

#include "base/time.h"

namespace backstitch::demo {
namespace {

volatile sig_atomic_t arrived = 0;
constexpr std::int64_t look_every_ms = 50;

void remember(int signal) { arrived = signal; }

}  // namespace

void watch_for_interrupts() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::signal(signal, remember);
  ::signal(SIGPIPE, SIG_IGN);
}

int interrupted() { return arrived; }

bool rest(std::int64_t ms) {
  // In pieces: a signal that is delivered to another thread does not end our poll().
  for (const std::int64_t end_ms = monotonic_ms() + ms; !arrived;) {
    const std::int64_t left_ms = end_ms - monotonic_ms();
    if (left_ms <= 0) return true;
    ::poll(nullptr, 0, static_cast<int>(std::min(left_ms, look_every_ms)));
  }
  return false;
}

}  // namespace backstitch::demo
