#include "services/keeper/nightly_audit.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/files.h"
#include "base/json.h"
#include "base/log.h"
#include "base/metrics.h"

namespace backstitch {
namespace {

namespace json = boost::json;
constexpr std::int64_t grace_ms = 20'000;  // its copy is a server that has to be stopped

const json::value* member(const json::value& document, const char* name) {
  return document.is_object() ? document.get_object().if_contains(name) : nullptr;
}

/// Accounts and partitions that differ; an error for what is no document of an audit.
Result<std::int64_t> differences_in(const std::string& text) {
  const auto document = parse_json(text);
  if (!document) return fail(document.error());
  const json::value* data = member(*document, "data");
  const json::value *accounts = data ? member(*data, "differences") : nullptr,
                    *partitions = data ? member(*data, "partitionsDiffering") : nullptr;
  if (!accounts || !accounts->is_number() || !partitions || !partitions->is_array())
    return fail(Code::json_invalid, "no audit: {}", text.substr(0, 500));
  return accounts->to_number<std::int64_t>() + static_cast<std::int64_t>(partitions->get_array().size());
}

/// The accounts, so that the log says at once whom it concerns.
std::string names_in(const std::string& text) {
  const auto document = parse_json(text);
  const json::value* data = document ? member(*document, "data") : nullptr;
  const json::value* names = data ? member(*data, "differingAccounts") : nullptr;
  return names ? write_json(*names).substr(0, 500) : "[]";
}

}  // namespace

NightlyAudit::NightlyAudit(NightlyAuditSettings settings) : settings_(std::move(settings)) {
  if (settings_.every_ms <= 0) return;
  settings_.retry_ms = std::min(settings_.retry_ms, settings_.every_ms);
  const auto noted = parse_json(read_file(settings_.folder + "/audit.json").value_or(""));
  const json::value* at = noted ? member(*noted, "at") : nullptr;
  const auto time = at && at->is_string() ? parse_rfc3339(std::string_view(at->get_string())) : Result<Time>(Time{});
  if (time && time->is_set()) next_ = time->plus_ms(settings_.every_ms);
  if (const json::value* found = noted ? member(*noted, "differences") : nullptr; found && found->is_int64())
    differences_ = found->get_int64();
}

NightlyAudit::~NightlyAudit() {
  if (child_) stop_process(*child_, grace_ms);
}

void NightlyAudit::look(Time now) {
  if (settings_.every_ms <= 0) return;
  if (child_) {
    if (const int status = reap(child_->pid); status >= 0) end(status, now);
    return;
  }
  if (!next_.is_set()) note(now);
  if (now >= next_) begin(now);
}

void NightlyAudit::note(Time at) {
  next_ = at.plus_ms(settings_.every_ms);
  const json::object noted{{"at", rfc3339(at)},
                           {"differences", differences_ ? json::value(*differences_) : json::value(nullptr)}};
  if (const Status written = write_file_durably(settings_.folder + "/audit.json", write_json(noted)); !written)
    log_warn("audit", "error=\"{}\"", written.error().text());
}

void NightlyAudit::begin(Time now) {
  const std::string out = settings_.folder + "/audit.out";
  (void)remove_tree(out);
  auto child = start({.argv = settings_.command, .stdout_path = out, .stderr_path = "/dev/null"});
  next_ = now.plus_ms(settings_.retry_ms);  // unless it ends well
  if (!child) return log_warn("audit", "error=\"{}\"", child.error().text());
  log_info("audit", "started={}", child->id.pid);
  child_ = child->id;
}

void NightlyAudit::end(int exit_status, Time now) {
  child_.reset();
  const std::string text = read_file(settings_.folder + "/audit.out").value_or("");
  const auto found = differences_in(text);
  if (!found || exit_status > 1) {
    next_ = now.plus_ms(settings_.retry_ms);
    return log_warn("audit", "exit_status={} error=\"{}\"", exit_status, found ? "" : found.error().text());
  }
  differences_ = *found;
  metrics::gauge("backstitch_audit_differences", "accounts and partitions that the last audit found other than their log says")
      .set(static_cast<double>(*found));
  if (*found > 0)
    log_error("audit", "differences={} accounts={}", *found, names_in(text));
  else
    log_info("audit", "differences=0");
  note(now);
}

}  // namespace backstitch
