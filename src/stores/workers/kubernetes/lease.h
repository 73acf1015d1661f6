// Which of several platforms of an instance keeps its workers: a Lease of Kubernetes. Whoever holds it renews it; another one
// takes it when it has not been renewed for its whole time, measured by his own clock alone. Writes are bound to what was read,
// so that of two who take it at once one is refused.
#pragma once
#include <cstdint>
#include <string>

#include "stores/workers/kubernetes/api_server.h"

namespace backstitch::workers {

class Lease {
 public:
  Lease(ApiServer& api, const KubernetesSettings& settings, std::string identity);
  /// Ours or not, now; renews and takes. An error when that cannot be told. One thread.
  Result<bool> hold();
  /// Ours for sure, without asking: other platforms count from a later moment.
  bool is_ours() const;
  /// Gives it back, so that the next one need not wait.
  void release();

 private:
  Result<bool> create();
  Result<bool> write(boost::json::value lease, const std::string& holder);
  std::string spec_text(const std::string& holder) const;

  ApiServer& api_;
  const KubernetesSettings& settings_;
  const std::string identity_;
  std::int64_t ours_from_ms_ = -1;  // monotonic, of the renewal's beginning; -1: not ours
  std::int64_t ask_again_ms_ = 0;
  std::string seen_;  // of somebody else's: holder and renewal
  std::int64_t seen_since_ms_ = 0;
};

}  // namespace backstitch::workers
