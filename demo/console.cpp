#include "demo/console.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "base/time.h"

namespace backstitch::demo {
namespace {

constexpr std::int64_t held_within_ms = 8'000, gone_within_ms = 5'000;

/// True when one byte came.
bool await_word(int fd, std::int64_t timeout_ms) {
  pollfd entry{fd, POLLIN, 0};
  char word = 0;
  return ::poll(&entry, 1, static_cast<int>(timeout_ms)) > 0 && ::read(fd, &word, 1) == 1;
}

}  // namespace

bool Console::hold(const std::string& connection) {
  // Who reads goes on, who writes waits; after a minute it is over in any case.
  auto child = start(
      {.argv = {"psql", "-X", "-qtA", "-v", "ON_ERROR_STOP=1", "-d", connection, "-c", "set lock_timeout = '5s'", "-c", "begin",
                "-c", "lock table backstitch.position in exclusive mode", "-c", "select 'held'", "-c", "select pg_sleep(60)"},
       .stderr_path = "/dev/null",
       .die_with_parent = true,
       .pipe_stdout = true});
  if (!child) return false;
  child_ = *child;
  if (await_word(child_.stdout_fd, held_within_ms)) return true;
  let_go();
  return false;
}

// An interrupt cancels what the server does for it, too; a mere death of psql would be seen only when the sleep is over.
void Console::let_go() {
  if (!holds()) return;
  const std::int64_t end_ms = monotonic_ms() + gone_within_ms;
  signal_process(child_.id, SIGINT);
  while (reap(child_.id.pid) < 0)
    if (monotonic_ms() > end_ms)
      signal_process(child_.id, SIGKILL);
    else
      ::poll(nullptr, 0, 2);
  ::close(child_.stdout_fd);
  child_ = {};
}

}  // namespace backstitch::demo
