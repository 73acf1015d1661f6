#include "services/crm_refresh/crm_refresh.h"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <map>

#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"

namespace backstitch {
namespace json = boost::json;
namespace {

constexpr std::size_t jobs_kept = 20;
constexpr std::size_t in_batch = 1'000;  // records of one sync of the log
constexpr std::int64_t decide_wait_ms = 120'000;
constexpr auto ask_pause = std::chrono::milliseconds(5);

/// "applied", "duplicate", "refused".
std::string state_of(const std::string& outcome) {
  const auto document = parse_json(outcome);
  const json::value* state = document && document->is_object() ? document->get_object().if_contains("state") : nullptr;
  return state && state->is_string() ? std::string(state->get_string()) : std::string("refused");
}

}  // namespace

CrmRefresh::CrmRefresh(std::unique_ptr<crm::Crm> crm, database::Database& database, CatalogLibrary& library, Intake& intake)
    : crm_(std::move(crm)), database_(database), library_(library), intake_(intake), thread_([this] { run(); }) {}

CrmRefresh::~CrmRefresh() {
  {
    const std::lock_guard lock(mutex_);
    give_up_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

std::string CrmRefresh::start(const RefreshRequest& request) {
  const std::string id = "ref-" + (request.key.empty() ? random_hex(6) : sha256_hex("crm-refresh\n" + request.key).substr(0, 12));
  {
    const std::lock_guard lock(mutex_);
    for (const Job& job : jobs_)
      if (job.id == id) return id;
    jobs_.push_back({id,
                     request,
                     {{"id", id},
                      {"state", "waiting"},
                      {"since", rfc3339(request.since)},
                      {"dryRun", request.dry_run},
                      {"actor", request.actor},
                      {"startedAt", rfc3339(wall_clock())},
                      {"done", 0},
                      {"all", 0}}});
    waiting_.push_back(&jobs_.back());
    while (jobs_.size() > jobs_kept && std::find(waiting_.begin(), waiting_.end(), &jobs_.front()) == waiting_.end() &&
           jobs_.front().state.contains("endedAt"))
      jobs_.pop_front();
  }
  wake_.notify_all();
  return id;
}

std::optional<std::string> CrmRefresh::state(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  if (id.empty()) return jobs_.empty() ? std::nullopt : std::optional(write_json(jobs_.back().state));
  for (const Job& job : jobs_)
    if (job.id == id) return write_json(job.state);
  return std::nullopt;
}

void CrmRefresh::note(Job& job, const char* member, json::value value) {
  const std::lock_guard lock(mutex_);
  job.state[member] = std::move(value);
}

void CrmRefresh::run() {
  for (std::unique_lock lock(mutex_);;) {
    wake_.wait(lock, [this] { return give_up_ || !waiting_.empty(); });
    if (give_up_) return;
    Job& job = *waiting_.front();
    lock.unlock();
    const Status done = refresh(job);
    lock.lock();
    waiting_.pop_front();
    job.state["state"] = done ? "done" : "failed", job.state["endedAt"] = rfc3339(wall_clock());
    if (done) continue;
    log_warn("crm_refresh", "id={} error=\"{}\"", job.id, done.error().text());
    job.state["error"] = json::object{{"code", code_text(done.error().code)}, {"detail", done.error().text()}};
  }
}

Status CrmRefresh::refresh(Job& job) {
  const auto findings = find(job);
  if (!findings) return fail(findings.error());
  note(job, "found", findings_json(*findings));
  log_info("crm_refresh", "id={} since={} records={} findings={} dry_run={}", job.id, rfc3339(job.request.since),
           findings->records, findings->findings.size(), job.request.dry_run);
  return job.request.dry_run ? Status() : decide(job, *findings);
}

Result<CrmFindings> CrmRefresh::find(Job& job) {
  note(job, "state", "reading");
  const auto changes = crm::read_changes(*crm_, job.request.since);
  if (!changes) return fail(changes.error());
  note(job, "state", "comparing");
  auto shard = database_.open_shard();
  if (!shard) return fail(std::move(shard.error()));
  return compare_with_crm(database_, **shard, library_, *changes,
                          [&](std::size_t done, std::size_t all) { note(job, "done", done), note(job, "all", all); });
}

Status CrmRefresh::decide(Job& job, const CrmFindings& findings) {
  std::vector<Intake::AccountCommand> commands;
  for (const CrmFinding& finding : findings.findings)
    if (!finding.listed_only)
      commands.push_back({finding.input.account_id, refresh_members(finding, job.id),
                          job.id + "\n" + finding.input.type + "\n" + finding.input.external_id});
  note(job, "state", "deciding"), note(job, "done", 0), note(job, "all", commands.size());
  std::vector<Received> received;
  for (std::size_t from = 0; from < commands.size(); from += in_batch) {
    const auto begin = commands.begin() + static_cast<std::ptrdiff_t>(from);
    const auto size = static_cast<std::ptrdiff_t>(std::min(in_batch, commands.size() - from));
    for (auto& one : intake_.command_all("crm-refresh", {begin, begin + size}, job.request.actor)) {
      if (!one) return fail(std::move(one.error()));
      received.push_back(std::move(*one));
    }
  }
  return await(job, received);
}

/// Until each is decided, for a while.
Status CrmRefresh::await(Job& job, const std::vector<Received>& received) {
  std::map<std::string, std::size_t> states{{"applied", 0}, {"duplicate", 0}, {"refused", 0}};
  std::size_t open = received.size();
  const auto tell = [&] {
    note(job, "done", received.size() - open);
    note(job, "inputs",
         json::object{{"received", received.size()},
                      {"applied", states["applied"]},
                      {"duplicate", states["duplicate"]},
                      {"refused", states["refused"]},
                      {"open", open}});
  };
  const std::int64_t end_ms = monotonic_ms() + decide_wait_ms;
  for (const Received& one : received) {
    auto outcome = database_.command(one.command);
    while (!outcome && outcome.error().code == Code::command_not_found && monotonic_ms() < end_ms && !give_up_) {
      std::this_thread::sleep_for(ask_pause);
      outcome = database_.command(one.command);
    }
    if (!outcome && outcome.error().code != Code::command_not_found) return fail(std::move(outcome.error()));
    if (outcome) ++states[state_of(*outcome)], --open;
    tell();
  }
  tell();
  return {};
}

}  // namespace backstitch
