#include "stores/workers/kubernetes/lease.h"

#include <boost/json.hpp>

#include "base/json.h"
#include "base/log.h"
#include "base/time.h"
#include "stores/workers/kubernetes/objects.h"

namespace backstitch::workers {
namespace json = boost::json;
namespace {

constexpr const char* group = "/apis/coordination.k8s.io/v1";

}  // namespace

Lease::Lease(ApiServer& api, const KubernetesSettings& settings, std::string identity)
    : api_(api), settings_(settings), identity_(std::move(identity)) {}

// Nothing is begun in its last third, and no call lasts beyond its end: another platform may write from then on.
bool Lease::is_ours() const { return ours_from_ms_ >= 0 && monotonic_ms() < ours_from_ms_ + settings_.lease_ms * 2 / 3; }

std::int64_t Lease::left_ms() const {
  return ours_from_ms_ < 0 ? 0 : std::max<std::int64_t>(ours_from_ms_ + settings_.lease_ms - monotonic_ms(), 0);
}

bool Lease::is_others() const { return seen_renewed_ && monotonic_ms() < seen_since_ms_ + seen_term_ms_; }

Status Lease::look() {
  const std::int64_t now_ms = monotonic_ms();
  if (now_ms < look_again_ms_ || is_ours()) return {};
  look_again_ms_ = now_ms + settings_.lease_ms / 5;
  const Reply read = api_.get(api_.path_of(group, "leases", config_name(settings_)));
  if (read.ok()) note(read.body);
  return read.ok() || read.status == 404 ? Status() : fail(refusal(read));
}

// Its time counts from here on, not from when it was asked for: meanwhile it may have been renewed.
void Lease::note(const json::value& lease) {
  const std::string holder = text_at(lease, "/spec/holderIdentity");
  const std::string seen = holder + " " + text_at(lease, "/spec/renewTime") + " " + text_at(lease, "/metadata/resourceVersion");
  seen_term_ms_ = std::max(settings_.lease_ms, number_at(lease, "/spec/leaseDurationSeconds") * 1000);
  if (seen == seen_) return;
  seen_renewed_ = !seen_.empty() && !holder.empty() && holder != identity_;
  seen_ = seen, seen_since_ms_ = monotonic_ms();
}

Result<bool> Lease::hold() {
  const std::int64_t now_ms = monotonic_ms();
  if (now_ms < ask_again_ms_) return is_ours();
  ask_again_ms_ = now_ms + settings_.lease_ms / 10, look_again_ms_ = now_ms + settings_.lease_ms / 5;
  if (is_ours() && now_ms < ours_from_ms_ + settings_.lease_ms / 3) return true;
  const Reply read = api_.get(api_.path_of(group, "leases", config_name(settings_)));
  if (read.status == 404) return create();
  if (!read.ok()) return is_ours() ? Result<bool>(true) : fail(refusal(read));
  const std::string holder = text_at(read.body, "/spec/holderIdentity");
  if (holder == identity_ || holder.empty()) return write(read.body, identity_);
  ours_from_ms_ = -1;
  note(read.body);
  if (monotonic_ms() < seen_since_ms_ + seen_term_ms_) return false;
  log_warn("workers_lease", "taken=\"{}\" from={}", config_name(settings_), holder);
  return write(read.body, identity_);
}

Result<bool> Lease::create() {
  const json::object lease{{"apiVersion", "coordination.k8s.io/v1"},
                           {"kind", "Lease"},
                           {"metadata", json::object{{"name", config_name(settings_)},
                                                     {"labels", json::object{{instance_label, settings_.instance}}}}},
                           {"spec", json::object{{"holderIdentity", identity_}}}};
  return write(lease, identity_);
}

/// A new one where it was never written, else on condition that nobody has written since it was read.
Result<bool> Lease::write(json::value lease, const std::string& holder) {
  const std::int64_t begun_ms = monotonic_ms();
  const std::string now = rfc3339(wall_clock()), before = text_at(lease, "/spec/holderIdentity");
  const bool is_new = text_at(lease, "/metadata/resourceVersion").empty();
  json::object& spec = lease.at("spec").as_object();
  if (is_new || before != holder) {
    spec["acquireTime"] = now;
    spec["leaseTransitions"] = number_at(lease, "/spec/leaseTransitions") + (is_new ? 0 : 1);
  }
  spec["holderIdentity"] = holder, spec["renewTime"] = now;
  spec["leaseDurationSeconds"] = std::max<std::int64_t>(1, (settings_.lease_ms + 999) / 1000);
  const std::string path = api_.path_of(group, "leases");
  const Reply written = is_new ? api_.call("POST", path, write_json(lease))
                               : api_.call("PUT", path + "/" + config_name(settings_), write_json(lease));
  if (written.ok()) {
    ours_from_ms_ = holder == identity_ ? begun_ms : -1;
    return is_ours();
  }
  if (written.status == 409) {  // somebody else was first
    ours_from_ms_ = -1;
    return false;
  }
  return is_ours() ? Result<bool>(true) : fail(refusal(written));
}

void Lease::release() {
  if (left_ms() == 0) return;
  const Reply read = api_.get(api_.path_of(group, "leases", config_name(settings_)));
  if (read.ok() && text_at(read.body, "/spec/holderIdentity") == identity_) static_cast<void>(write(read.body, ""));
  ours_from_ms_ = -1;
}

}  // namespace backstitch::workers
