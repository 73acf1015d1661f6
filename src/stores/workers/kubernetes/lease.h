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
  /// Ours or not, now; renews and takes. An error when that cannot be told. One thread, as for look().
  Result<bool> hold();
  /// Learns of others, and takes nothing; asks nobody as long as hold() does.
  Status look();
  /// Somebody else was seen to renew it, and its time is not over.
  bool is_others() const;
  /// Ours for sure, without asking, and long enough to act: others count from a later moment, and for its whole time.
  bool is_ours() const;
  /// What is left of it, for a call that is begun now.
  std::int64_t left_ms() const;
  /// Gives it back, so that the next one need not wait.
  void release();

 private:
  Result<bool> create();
  void note(const boost::json::value& lease);
  Result<bool> write(boost::json::value lease, const std::string& holder);

  ApiServer& api_;
  const KubernetesSettings& settings_;
  const std::string identity_;
  std::int64_t ours_from_ms_ = -1;                     // monotonic, of the renewal's beginning; -1: not ours
  std::int64_t ask_again_ms_ = 0, look_again_ms_ = 0;  // who holds need not look beside that
  std::string seen_;                                   // of somebody else's: holder and renewal
  std::int64_t seen_since_ms_ = 0, seen_term_ms_ = 0;
  bool seen_renewed_ = false;
};

}  // namespace backstitch::workers
