#include "base/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "base/files.h"
#include "base/testing.h"
#include "base/time.h"

namespace backstitch {
namespace {

using testing::ScratchFolder;
using testing::wait_until;

Command shell(const std::string& script) {
  Command command;
  command.argv = {"sh", "-c", script};
  return command;
}

TEST(Run, CapturesBothStreamsAndTheStatus) {
  const auto finished = run(shell("echo out; echo err >&2; exit 3"), 10'000);
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->exit_status, 3);
  EXPECT_EQ(finished->out, "out\n");
  EXPECT_EQ(finished->err, "err\n");
  EXPECT_EQ(run(shell("kill -9 $$"), 10'000)->exit_status, 128 + 9);
}

TEST(Run, MuchOutputDoesNotBlockAndIsCutAtTheLimit) {
  EXPECT_EQ(run(shell("head -c 3000000 /dev/zero; head -c 1000000 /dev/zero >&2"), 30'000)->out.size(), 3'000'000u);
  EXPECT_EQ(run(shell("head -c 20000000 /dev/zero"), 30'000)->out.size(), 16u << 20);
}

TEST(Run, TimeOutKills) {
  const auto before = monotonic_ms();
  const auto finished = run(shell("exec sleep 60"), 100);
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().code, Code::timed_out);
  EXPECT_LT(monotonic_ms() - before, 30'000);
}

TEST(Run, ADaemonLeftBehindDoesNotHoldUsUp) {
  const auto before = monotonic_ms();
  const auto finished = run(shell("sleep 60 & echo $!"), 50'000);
  ASSERT_TRUE(finished);
  EXPECT_LT(monotonic_ms() - before, 30'000);
  ::kill(std::stoi(finished->out), SIGKILL);
}

TEST(Run, MissingProgramIsAnErrorNotAnExitStatus) {
  Command command;
  command.argv = {"/no/such/program"};
  EXPECT_EQ(run(command, 1000).error().code, Code::process_failed);
  command.argv = {"no-such-program-at-all"};
  EXPECT_EQ(start(command).error().code, Code::process_failed);
  command.argv.clear();
  EXPECT_FALSE(start(command));
  Command folder = shell("true");
  folder.folder = "/no/such/folder";
  EXPECT_FALSE(run(folder, 1000));
}

TEST(Run, EnvironmentAndFolderAreTheCommands) {
  const ScratchFolder folder;
  Command command = shell("echo $ADDED-$HOME; pwd");
  command.env = {{"ADDED", "a b"}, {"HOME", "/replaced"}};
  command.folder = folder.path();
  EXPECT_EQ(run(command, 10'000)->out, "a b-/replaced\n" + folder.path() + "\n");
}

TEST(Run, NoDescriptorAboveTwoIsInherited) {
  const int open_here = ::fcntl(STDERR_FILENO, F_DUPFD, 200);  // without O_CLOEXEC, and above what the shell opens itself
  ASSERT_GE(open_here, 200);
  const auto finished = run(shell("for f in /proc/self/fd/*; do echo ${f##*/}; done"), 10'000);
  ::close(open_here);
  EXPECT_EQ(finished->out.find("\n" + std::to_string(open_here) + "\n"), std::string::npos) << finished->out;
  EXPECT_TRUE(finished->out.starts_with("0\n1\n2\n")) << finished->out;
}

TEST(Run, DropsToTheNamedUserWhenRoot) {
  Command command = shell("id -u; id -G");
  command.user = "nobody";
  const auto finished = run(command, 10'000);
  ASSERT_TRUE(finished);
  const bool root = ::geteuid() == 0;
  EXPECT_TRUE(finished->out.starts_with(root ? "65534\n65534\n" : std::to_string(::getuid()) + "\n")) << finished->out;
  command.user = "no-such-user-here";
  EXPECT_EQ(run(command, 10'000).has_value(), !root) << "only root looks the user up";
}

TEST(Start, FilesAreAppendedTo) {
  const ScratchFolder folder;
  ASSERT_TRUE(write_file_durably(folder / "out", "before\n"));
  Command command = shell("echo one; echo two >&2");
  command.stdout_path = folder / "out";
  const auto child = start(command);
  ASSERT_TRUE(child);
  ASSERT_TRUE(wait_until([&] { return reap(child->id.pid) == 0; }));
  EXPECT_EQ(read_file(folder / "out"), "before\none\ntwo\n");
}

TEST(Start, PipesCarryBothWays) {
  Command command;
  command.argv = {"cat"};
  command.pipe_stdin = command.pipe_stdout = true;
  const auto child = start(command);
  ASSERT_TRUE(child);
  ASSERT_EQ(::write(child->stdin_fd, "hello\n", 6), 6);
  char buffer[16];
  EXPECT_EQ(::read(child->stdout_fd, buffer, sizeof buffer), 6);
  ::close(child->stdin_fd);  // the end of stdin ends it
  EXPECT_TRUE(wait_until([&] { return reap(child->id.pid) == 0; }));
  ::close(child->stdout_fd);
}

TEST(Identity, AReusedPidIsNotTheSameProcess) {
  const ProcessId me = self();
  EXPECT_TRUE(alive(me));
  EXPECT_FALSE(alive({me.pid, me.started + 1}));
  EXPECT_FALSE(identify(0));
  const auto child = start(shell("exec sleep 60"));
  signal_process({child->id.pid, child->id.started + 1}, SIGKILL);
  EXPECT_TRUE(alive(child->id)) << "a signal for another start time does nothing";
  signal_process(child->id, SIGKILL);
  EXPECT_TRUE(wait_until([&] { return !alive(child->id); })) << "a zombie is not alive";
  EXPECT_TRUE(wait_until([&] { return reap(child->id.pid) == 128 + SIGKILL; }));
  EXPECT_EQ(reap(child->id.pid), 255);
}

TEST(StopProcess, AsksFirstAndKillsAfterTheGrace) {
  const ScratchFolder folder;
  const auto polite = start(shell("trap 'echo bye > " + folder / "bye" + "; exit 0' TERM; echo > " + folder / "ready" +
                                  "; while :; do sleep 0.05; done"));
  ASSERT_TRUE(wait_until([&] { return file_exists(folder / "ready"); }));
  stop_process(polite->id, 20'000);
  EXPECT_FALSE(alive(polite->id));
  EXPECT_EQ(read_file(folder / "bye"), "bye\n");
  const auto deaf = start(shell("trap '' TERM; echo > " + folder / "deaf" + "; while :; do sleep 0.05; done"));
  ASSERT_TRUE(wait_until([&] { return file_exists(folder / "deaf"); }));
  stop_process(deaf->id, 100);
  EXPECT_FALSE(alive(deaf->id));
}

TEST(DieWithParent, OutlivesTheThreadThatStartedItButNotTheProcess) {
  const ScratchFolder folder;
  const pid_t parent = ::fork();
  if (parent == 0) {
    std::thread([&] {
      Command command = shell("exec sleep 60");
      command.die_with_parent = true;
      const auto child = start(command);
      static_cast<void>(write_pid_file(folder / "pid", child->id));
    }).join();
    static_cast<void>(write_file_durably(folder / "thread-ended", ""));
    for (;;) ::pause();
  }
  ASSERT_TRUE(wait_until([&] { return file_exists(folder / "thread-ended"); }));
  const auto child = read_pid_file(folder / "pid");
  ASSERT_TRUE(child) << "it died with the thread";
  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  EXPECT_TRUE(wait_until([&] { return !alive(*child); }));
}

TEST(PidFile, StaleOnesReadAsNone) {
  const ScratchFolder folder;
  EXPECT_FALSE(read_pid_file(folder / "pid"));
  ASSERT_TRUE(write_pid_file(folder / "pid", self()));
  EXPECT_EQ(read_pid_file(folder / "pid"), self());
  ASSERT_TRUE(write_pid_file(folder / "pid", {::getpid(), 1}));
  EXPECT_FALSE(read_pid_file(folder / "pid"));
  ASSERT_TRUE(write_file_durably(folder / "pid", "nonsense"));
  EXPECT_FALSE(read_pid_file(folder / "pid"));
}

TEST(Machine, FiguresAreThere) {
  const std::int64_t before = cpu_ms(self());
  volatile std::uint64_t sum = 0;
  EXPECT_TRUE(wait_until([&] {
    for (int i = 0; i < 20'000'000; ++i) sum = sum + 1;
    return cpu_ms(self()) > before;
  }));
  EXPECT_EQ(cpu_ms({self().pid, 1}), 0);
  EXPECT_GE(cpu_count(), 1);
  EXPECT_TRUE(own_executable().ends_with("base_test"));
  raise_file_limit();
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  EXPECT_EQ(limit.rlim_cur, limit.rlim_max);
}

}  // namespace
}  // namespace backstitch
