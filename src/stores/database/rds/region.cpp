#include "stores/database/rds/region.h"

#include <cctype>

#include "base/backoff.h"
#include "base/net/xml.h"

namespace backstitch::database {
namespace {

tl::unexpected<Error> refused(const std::string& action, const RdsApi::Answer& answer, Code code = Code::restore_failed) {
  return fail(code, "{}: {}: {}", action, answer.code, answer.message);
}

}  // namespace

std::string identifier_of(std::string name) {
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return name;
}

Result<std::string> RdsRegion::must(const std::string& action, Pairs parameters, Code code) {
  auto answer = api_.call(action, std::move(parameters));
  if (!answer) return fail(std::move(answer.error()));
  return answer->code.empty() ? Result<std::string>(std::move(answer->body)) : refused(action, *answer, code);
}

Result<std::optional<RdsInstance>> RdsRegion::find(const std::string& id) {
  const auto answer = api_.call("DescribeDBInstances", {{"DBInstanceIdentifier", id}});
  if (!answer) return fail(answer.error());
  if (answer->code == "DBInstanceNotFound" || answer->code == "DBInstanceNotFoundFault") return std::optional<RdsInstance>();
  if (!answer->code.empty()) return refused("DescribeDBInstances", *answer, Code::backup_failed);
  const auto found = xml_elements(answer->body, "DBInstance");
  if (found.empty()) return std::optional<RdsInstance>();
  return std::optional<RdsInstance>(instance_of(found.front()));
}

Result<RdsInstance> RdsRegion::get(const std::string& id) {
  auto found = find(id);
  if (!found) return fail(std::move(found.error()));
  if (!*found) return fail(Code::backup_failed, "Amazon RDS knows no instance {} in {}", id, settings_.api.region);
  return std::move(**found);
}

Result<RdsInstance> RdsRegion::await(const std::string& id, const std::string& what, std::int64_t timeout_ms,
                                     const BackupProvider::Say& say, const std::function<bool(const RdsInstance&)>& holds) {
  Backoff backoff(
      timeout_ms,
      {.attempts_max = 1'000'000, .first_ms = settings_.ask_every_ms_least, .wait_ms_max = settings_.ask_every_ms_most});
  for (std::string told;;) {
    auto instance = get(id);
    if (!instance || holds(*instance)) return instance;
    if (instance->status.starts_with("incompatible-") || instance->status == "failed")
      return fail(Code::restore_failed, "instance {} is {}", id, instance->status);
    if (say && told != instance->status) say(fmt::format("instance {} is {}", id, told = instance->status));
    if (!backoff.wait())
      return fail(Code::restore_failed, "instance {} is {} after {} ms; {}", id, instance->status, timeout_ms, what);
  }
}

Result<RdsInstance> RdsRegion::await_available(const std::string& id, std::int64_t timeout_ms, const BackupProvider::Say& say) {
  return await(id, "it was to be available", timeout_ms, say, [](const RdsInstance& one) { return one.is_available(); });
}

Status RdsRegion::remove(const std::string& id) {
  const auto there = find(id);
  if (!there) return fail(there.error());
  if (!*there) return {};
  if ((*there)->made_by.empty()) return fail(Code::restore_failed, "instance {} is none of our copies: it stays", id);
  if ((*there)->status != "deleting") {
    // One that is being made cannot be deleted.
    BS_TRY(await(id, "it was to be deleted", copy_timeout_ms, {}, [](const RdsInstance& one) {
      return one.status != "creating" && one.status != "backing-up" && one.status != "modifying" && one.status != "rebooting";
    }));
    BS_TRY(must("DeleteDBInstance",
                {{"DBInstanceIdentifier", id}, {"SkipFinalSnapshot", "true"}, {"DeleteAutomatedBackups", "true"}}));
  }
  return await_removal(id);
}

Status RdsRegion::await_removal(const std::string& id) {
  Backoff backoff(
      change_timeout_ms,
      {.attempts_max = 1'000'000, .first_ms = settings_.ask_every_ms_least, .wait_ms_max = settings_.ask_every_ms_most});
  for (;;) {
    const auto left = find(id);
    if (!left) return fail(left.error());
    if (!*left) return {};
    if (!backoff.wait()) return fail(Code::restore_failed, "instance {} does not go: it is {}", id, (*left)->status);
  }
}

}  // namespace backstitch::database
