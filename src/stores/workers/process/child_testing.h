// For tests only: a worker that is a real process. It is this same test program, started again with "worker" as its first
// word; it becomes the worker before main, so that GoogleTest never sees it. Its log tells when it is ready and when it
// finished because it was asked to.
#pragma once
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstring>
#include <string>

#include "base/files.h"
#include "base/testing.h"
#include "contract/workers_contract.h"

namespace backstitch::workers {

inline void tell(const char* what) {
  char line[64];
  const int length = std::snprintf(line, sizeof line, "%s %d\n", what, static_cast<int>(::getpid()));
  if (::write(STDOUT_FILENO, line, static_cast<std::size_t>(length)) != length) ::_exit(1);
}

[[noreturn]] inline void work(const std::string& lane) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // whatever happens to the test, it leaves nothing behind
  sigset_t asked;
  sigemptyset(&asked);
  sigaddset(&asked, SIGTERM);
  sigprocmask(SIG_BLOCK, &asked, nullptr);
  tell("ready");
  int signal = 0;
  do sigwait(&asked, &signal);
  while (lane == "stubborn");
  tell("finished");
  ::_exit(0);
}

// glibc hands main's arguments to constructors.
[[gnu::constructor]] inline void become_worker(int argc, char** argv) {
  if (argc > 3 && std::strcmp(argv[1], "worker") == 0) work(argv[3]);
}

class ProcessHouse : public contract::House {
 public:
  ProcessHouse() {
    settings.executable = own_executable(), settings.run_folder = folder_ / "run", settings.log_folder = folder_ / "log";
    settings.endpoints_file = folder_ / "run/endpoints.json";
    BS_ASSERT(make_folders(settings.run_folder) && make_folders(settings.log_folder), "two folders");
    next_life();
  }
  ~ProcessHouse() override {
    if (const auto left = workers_->running())
      for (const Running& worker : *left) static_cast<void>(workers_->end(worker.slot, 0));
  }
  Workers& workers() override { return *workers_; }
  void next_life() override { workers_ = open_process_workers(settings); }
  void kill(const Running& worker) override {
    ::kill(pid_of(worker), SIGKILL);
    BS_ASSERT(testing::wait_until([&] { return !identify(pid_of(worker)); }), "a killed process ends");
  }
  bool ready(const Running& worker) override {
    return testing::wait_until([&] { return told("ready", worker); });
  }
  bool finished(const Running& worker) override { return told("finished", worker); }

  std::string pid_file(const Running& worker) const { return settings.run_folder + "/" + file_name(worker) + ".pid"; }
  static int pid_of(const Running& worker) {  // lane-pid-started
    const auto last = worker.name.rfind('-'), before = worker.name.rfind('-', last - 1);
    return std::stoi(worker.name.substr(before + 1, last - before - 1));
  }

  ProcessSettings settings;

 private:
  static std::string file_name(const Running& worker) {
    std::string name = "worker-" + worker.slot;
    name[name.rfind('/')] = '-';
    return name;
  }
  bool told(const char* what, const Running& worker) const {
    const auto log = read_file(settings.log_folder + "/" + file_name(worker) + ".log");
    return log && log->find(fmt::format("{} {}\n", what, pid_of(worker))) != std::string::npos;
  }

  testing::ScratchFolder folder_;
  std::unique_ptr<Workers> workers_;
};

}  // namespace backstitch::workers
