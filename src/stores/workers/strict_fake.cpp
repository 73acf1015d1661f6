#include "stores/workers/strict_fake.h"

#include <algorithm>

#include "base/assert.h"

namespace backstitch::workers {

Machine::Process Machine::start(const std::string& slot) {
  const std::lock_guard lock(mutex_);
  const std::string lane = slot.substr(0, slot.rfind('/'));
  return processes_.emplace_back(Process{slot, fmt::format("{}-{}-1", lane, ++last_number_)});
}

std::vector<Machine::Process> Machine::processes(const std::string& slot) const {
  const std::lock_guard lock(mutex_);
  std::vector<Process> out;
  for (const Process& process : processes_)
    if (slot.empty() || process.slot == slot) out.push_back(process);
  return out;
}

void Machine::kill(const std::string& name, bool finished) {
  const std::lock_guard lock(mutex_);
  for (Process& process : processes_)
    if (process.name == name && process.runs) process.runs = false, process.finished = finished;
}

bool Machine::runs(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  return std::any_of(processes_.begin(), processes_.end(), [&](const Process& one) { return one.name == name && one.runs; });
}

Result<std::vector<Running>> StrictFake::running() {
  if (machine_->tells_nothing) return fail(Code::file_failed, "the machine does not tell what runs");
  std::vector<Running> out;
  for (const Machine::Process& process : machine_->processes())
    if (process.runs) out.push_back({process.slot, process.name});
  return out;
}

Result<Running> StrictFake::launch(const Launch& launch) {
  BS_ASSERT(!launch.lane.empty() && launch.concurrency > 0, "a worker has a lane and does something");
  BS_ASSERT(launch.slot.starts_with(launch.lane + "/") && launch.slot.rfind('/') == launch.lane.size(), "lane/index");
  BS_ASSERT(launch.slot.find_first_not_of("0123456789", launch.lane.size() + 1) == std::string::npos, "an index is a number");
  ++machine_->launches_asked;
  for (const Machine::Process& process : machine_->processes(launch.slot))
    if (process.runs) return fail(Code::process_failed, "{} already holds {}", launch.slot, process.name);
  if (machine_->refuses_launches) return fail(Code::process_failed, "no room for a process");
  return Running{launch.slot, machine_->start(launch.slot).name};
}

Status StrictFake::end(const std::string& slot, std::int64_t grace_ms) {
  BS_ASSERT(grace_ms >= 0 && slot.find('/') != std::string::npos, "a slot, and some time");
  for (const Machine::Process& process : machine_->processes(slot))
    if (process.runs) machine_->kill(process.name, grace_ms > 0 && !slot.starts_with("stubborn/"));
  return {};
}

bool StrictFake::alive(const std::string& name) const {
  for (const Machine::Process& process : machine_->processes())
    if (process.name == name) return process.runs;
  return true;  // a name it never gave: nothing is proven
}

}  // namespace backstitch::workers
