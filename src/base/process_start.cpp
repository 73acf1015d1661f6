// start() and run(): everything that may allocate or fail is prepared before fork; the child only makes system calls,
// because another thread may hold the allocator's lock at the moment of the fork.
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/files.h"
#include "base/lasting_thread.h"
#include "base/process.h"
#include "base/time.h"

extern char** environ;

namespace backstitch {
namespace {

constexpr std::size_t captured_bytes_max = 16u << 20;

struct Account {
  bool drop = false;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
  std::string home;
};

Result<Account> find_account(const std::string& user) {
  if (user.empty() || ::geteuid() != 0) return Account{};
  std::array<char, 16384> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  ::getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (!found) return fail(Code::environment, "there is no user \"{}\" on this machine", user);
  Account account{true, entry.pw_uid, entry.pw_gid, std::vector<gid_t>(64), entry.pw_dir};
  int count = 64;
  if (::getgrouplist(user.c_str(), entry.pw_gid, account.groups.data(), &count) < 0) count = 0;
  account.groups.resize(static_cast<std::size_t>(count));
  return account;
}

/// "A=1" lines: ours, with the command's own in place of ours of the same name.
std::vector<std::string> environment_of(const Command& command, const Account& account) {
  std::vector<std::pair<std::string, std::string>> own = command.env;
  if (account.drop) own.emplace_back("HOME", account.home);
  std::vector<std::string> lines;
  for (char** line = environ; *line; ++line) {
    const std::string_view text(*line);
    const std::string_view name = text.substr(0, text.find('='));
    if (std::none_of(own.begin(), own.end(), [&](const auto& pair) { return pair.first == name; })) lines.emplace_back(text);
  }
  for (const auto& [name, value] : own) lines.push_back(name + "=" + value);
  return lines;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

/// argv[0] as a path, looked up in PATH here because execvp may allocate.
std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  const char* path = std::getenv("PATH");
  std::string_view rest = path ? path : "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
  while (!rest.empty()) {
    const auto colon = std::min(rest.find(':'), rest.size());
    const std::string candidate = std::string(rest.substr(0, colon)) + "/" + name;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    rest.remove_prefix(std::min(colon + 1, rest.size()));
  }
  return name;
}

/// The descriptors of one launch: `theirs` become 0, 1, 2 of the child, `ours` stay here. All are closed on exit but released
/// ones.
struct Plumbing {
  std::array<int, 3> theirs{-1, -1, -1}, ours{-1, -1, -1};
  int report_read = -1, report_write = -1;  // the child's errno, when it could not become the program
  Plumbing() = default;
  Plumbing(const Plumbing&) = delete;
  Plumbing& operator=(const Plumbing&) = delete;
  ~Plumbing() {
    for (int* fd : {&theirs[0], &theirs[1], &theirs[2], &ours[0], &ours[1], &ours[2], &report_read, &report_write})
      close_one(*fd);
  }
  static void close_one(int& fd) {
    if (fd >= 0) ::close(fd);
    fd = -1;
  }
  int release(int number) { return std::exchange(ours[static_cast<std::size_t>(number)], -1); }

  Status make_pipe(std::size_t number) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return fail(Code::process_failed, "no pipe: {}", std::strerror(errno));
    theirs[number] = ends[number == 0 ? 0 : 1];
    ours[number] = ends[number == 0 ? 1 : 0];
    return {};
  }
  Status open_file(std::size_t number, const std::string& path) {
    const char* name = path.empty() ? "/dev/null" : path.c_str();
    const int flags = number == 0 ? O_RDONLY : O_WRONLY | O_APPEND | O_CREAT;
    theirs[number] = ::open(name, flags | O_CLOEXEC, 0644);
    if (theirs[number] < 0) return fail(Code::file_failed, "cannot open {}: {}", name, std::strerror(errno));
    return {};
  }
};

Status plumb(Plumbing& plumbing, const Command& command, bool capture) {
  BS_TRY(command.pipe_stdin ? plumbing.make_pipe(0) : plumbing.open_file(0, ""));
  BS_TRY(command.pipe_stdout || capture ? plumbing.make_pipe(1) : plumbing.open_file(1, command.stdout_path));
  if (capture) {
    BS_TRY(plumbing.make_pipe(2));
  } else if (!command.stderr_path.empty()) {
    BS_TRY(plumbing.open_file(2, command.stderr_path));
  } else {
    plumbing.theirs[2] = ::fcntl(plumbing.theirs[1], F_DUPFD_CLOEXEC, 3);
  }
  // All above 2, so that none is overwritten while they are put in place, even when we run with 0, 1 or 2 closed.
  for (int& fd : plumbing.theirs)
    if (fd < 3) {
      const int higher = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
      ::close(fd);
      fd = higher;
    }
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(Code::process_failed, "no pipe: {}", std::strerror(errno));
  plumbing.report_read = ends[0], plumbing.report_write = ends[1];
  return {};
}

struct Image {
  std::string program, folder;
  std::vector<char*> argv, envp;
  Account account;
  bool die_with_parent = false;
  pid_t parent = 0;
};

void hide_descriptors() {
  if (::syscall(SYS_close_range, 3u, ~0u, 4u /* CLOSE_RANGE_CLOEXEC */) == 0) return;
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const int end = static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 65536));
  for (int fd = 3; fd < end; ++fd) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
}

bool become(const Image& image, const Plumbing& plumbing) {
  for (int number = 0; number < 3; ++number)
    if (::dup2(plumbing.theirs[static_cast<std::size_t>(number)], number) < 0) return false;
  hide_descriptors();
  const Account& account = image.account;
  if (account.drop && (::setgroups(account.groups.size(), account.groups.data()) != 0 || ::setgid(account.gid) != 0 ||
                       ::setuid(account.uid) != 0))
    return false;
  if (!image.folder.empty() && ::chdir(image.folder.c_str()) != 0) return false;
  // After setuid, which clears it. The parent may have died before the request: then nobody would send the signal.
  if (image.die_with_parent && (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != image.parent)) return false;
  ::signal(SIGPIPE, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(image.program.c_str(), image.argv.data(), image.envp.data());
  return false;
}

pid_t fork_and_become(const Image& image, const Plumbing& plumbing) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  if (!become(image, plumbing)) {
    const int error = errno;
    if (::write(plumbing.report_write, &error, sizeof error) < 0) ::_exit(126);
  }
  ::_exit(127);
}

Result<ProcessId> launch(const Command& command, Plumbing& plumbing) {
  if (command.argv.empty()) return fail(Code::process_failed, "no program named");
  auto account = find_account(command.user);
  if (!account) return fail(std::move(account.error()));
  std::vector<std::string> argv = command.argv, env = environment_of(command, *account);
  const Image image{find_program(argv[0]),   command.folder, pointers_to(argv), pointers_to(env), *account,
                    command.die_with_parent, ::getpid()};
  auto fork_it = [&] { return fork_and_become(image, plumbing); };
  const pid_t pid = command.die_with_parent ? fork_on_lasting_thread(fork_it) : fork_it();
  if (pid < 0) return fail(Code::process_failed, "cannot fork for {}: {}", argv[0], std::strerror(errno));
  Plumbing::close_one(plumbing.report_write);
  int error = 0;
  ssize_t n;
  while ((n = ::read(plumbing.report_read, &error, sizeof error)) < 0 && errno == EINTR) {}
  if (n == 0) return ProcessId{pid, start_ticks(pid)};  // closed by exec: it runs
  while (reap(pid) == -1) ::poll(nullptr, 0, 1);
  return fail(Code::process_failed, "cannot run {}: {}", argv[0], std::strerror(error));
}

/// Reads what is there; false at the end of the stream.
bool drain(int fd, std::string& into) {
  char buffer[1 << 16];
  const ssize_t n = ::read(fd, buffer, sizeof buffer);
  if (n < 0) return errno == EINTR || errno == EAGAIN;
  if (into.size() < captured_bytes_max)
    into.append(buffer, std::min(static_cast<std::size_t>(n), captured_bytes_max - into.size()));
  return n > 0;
}

}  // namespace

Result<Child> start(const Command& command) {
  Plumbing plumbing;
  BS_TRY(plumb(plumbing, command, false));
  auto id = launch(command, plumbing);
  if (!id) return fail(std::move(id.error()));
  return Child{*id, plumbing.release(0), plumbing.release(1)};
}

Result<Finished> run(const Command& command, std::int64_t timeout_ms) {
  Plumbing plumbing;
  BS_TRY(plumb(plumbing, command, true));
  const auto id = launch(command, plumbing);
  if (!id) return fail(id.error());
  for (std::size_t i = 0; i < 3; ++i) Plumbing::close_one(plumbing.theirs[i]);
  Plumbing::close_one(plumbing.ours[0]);
  for (std::size_t i = 1; i < 3; ++i) ::fcntl(plumbing.ours[i], F_SETFL, O_NONBLOCK);
  Finished finished;
  const std::int64_t deadline_ms = monotonic_ms() + timeout_ms;
  for (int status = -1;;) {
    // Its end counts, not that of the streams: a daemon that it left behind may hold them for ever.
    if (status == -1) status = reap(id->pid);
    pollfd entries[2] = {{plumbing.ours[1], POLLIN, 0}, {plumbing.ours[2], POLLIN, 0}};
    const int ready = ::poll(entries, 2, status == -1 ? 5 : 0);
    if (entries[0].revents && !drain(entries[0].fd, finished.out)) Plumbing::close_one(plumbing.ours[1]);
    if (entries[1].revents && !drain(entries[1].fd, finished.err)) Plumbing::close_one(plumbing.ours[2]);
    if (status != -1 && (ready <= 0 || monotonic_ms() >= deadline_ms)) {
      finished.exit_status = status;
      return finished;
    }
    if (status == -1 && monotonic_ms() >= deadline_ms) {
      signal_process(*id, SIGKILL);
      while (reap(id->pid) == -1) ::poll(nullptr, 0, 1);
      return fail(Code::timed_out, "{} ran longer than {} ms and was killed", command.argv[0], timeout_ms);
    }
  }
}

}  // namespace backstitch
