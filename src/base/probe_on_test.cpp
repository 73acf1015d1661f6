// Runs with probe_on.cpp linked before base: its three functions must be the ones that answer.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.h"
#include "base/probe.h"

namespace backstitch {
namespace {

TEST(ProbeOn, WinsOverProbeOff) { EXPECT_TRUE(testing_build()); }

// hit() and guarded() read the environment once in a process, so each case runs in a fresh child.
template <class Body>
int status_of_child(Body body) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(body());
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  return status;
}

TEST(ProbeOn, DiesAtTheNamedHitAndLeavesItsName) {
  const std::string log = "/tmp/backstitch-probe-" + std::to_string(::getpid());
  const int status = status_of_child([&] {
    ::setenv("BACKSTITCH_PROBE", "after-send:3", 1);
    ::setenv("BACKSTITCH_PROBE_LOG", log.c_str(), 1);
    hit(Probe::after_send);
    hit(Probe::after_mark);  // another probe does not count
    hit(Probe::after_send);
    if (file_exists(log)) return 1;
    hit(Probe::after_send);
    return 2;
  });
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
  EXPECT_EQ(read_file(log).value_or(""), "after-send\n");
  ::unlink(log.c_str());
}

TEST(ProbeOn, WithoutAPlanNothingHappens) {
  const int status = status_of_child([] {
    ::unsetenv("BACKSTITCH_PROBE");
    hit(Probe::after_mark);
    return 0;
  });
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST(ProbeOn, OnlyTheNamedGuardsAreOut) {
  const int status = status_of_child([] {
    ::setenv("BACKSTITCH_TESTING_DISABLE", "mark,durable-before-visible", 1);
    const bool right = !guarded(Guard::mark) && !guarded(Guard::durable_before_visible) && guarded(Guard::epoch) &&
                       guarded(Guard::answer_index) && guarded(Guard::derived_ids) && guarded(Guard::positions);
    return right ? 0 : 1;
  });
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

}  // namespace
}  // namespace backstitch
