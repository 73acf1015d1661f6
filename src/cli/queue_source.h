// Queues as the verbs see them: of a running platform over HTTP, or of the data folder while it is down.
#pragma once
#include <boost/json/fwd.hpp>
#include <memory>
#include <string>

#include "cli/verb.h"

namespace backstitch::cli {

class QueueSource {
 public:
  virtual ~QueueSource() = default;
  virtual Result<boost::json::value> topics() = 0;  // {"items":[{"name","durable","retention","records","oldest"}],"next":null}
  virtual Result<boost::json::value> topic(
      const std::string& name) = 0;  // the same with "partitions":[{"partition","begin","end"}]
  /// {"items":[{"partition","offset","appendedAt","key","schema","headers","value"}],"next"}
  virtual Result<boost::json::value> records(const std::string& name, int partition, const std::string& from, int limit) = 0;
  virtual bool is_live() const = 0;
};

/// Asks the platform first; when none runs and --server is not given, opens DIR/queue.
Result<std::unique_ptr<QueueSource>> open_queue_source(const Invocation& invocation);

}  // namespace backstitch::cli
