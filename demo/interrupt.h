// Ctrl-C and SIGTERM: the demo ends what it has started, then itself.
#pragma once
#include <cstdint>

namespace backstitch::demo {

/// SIGINT, SIGTERM and SIGHUP are remembered from here on; SIGPIPE is ignored. Once, before the first thread.
void watch_for_interrupts();
/// The signal that arrived; 0 while none has.
int interrupted();
/// Waits, shorter when a signal comes; false when one has come.
bool rest(std::int64_t ms);

}  // namespace backstitch::demo
