// The API server of Kubernetes over HTTP: calls with our token, and refusals in its own words.
#pragma once
#include <boost/json/value.hpp>
#include <cstdint>
#include <limits>
#include <string>

#include "base/error.h"
#include "base/net/http_client.h"
#include "stores/workers/kubernetes/kubernetes_workers.h"

namespace backstitch::workers {

constexpr const char *json_type = "application/json", *apply_type = "application/apply-patch+yaml",
                     *merge_type = "application/merge-patch+json";

struct Reply {
  int status = 0;  // 0: no answer
  boost::json::value body;
  std::string what;   // the call: "PATCH /apis/…"
  std::string words;  // why there is no answer
  bool ok() const { return status >= 200 && status < 300; }
};

/// What a refusal says: status, reason, message, and the fields it is about.
Error refusal(const Reply& reply);

/// A text or number at a JSON pointer; empty, 0 when there is none.
std::string text_at(const boost::json::value& document, std::string_view pointer);
std::int64_t number_at(const boost::json::value& document, std::string_view pointer);

class ApiServer {
 public:
  explicit ApiServer(const KubernetesSettings& settings) : settings_(settings) {}
  /// A call that is not sent yet; for those who wait for its answer in their own way.
  HttpCall call_to(const std::string& method, const std::string& path) const;
  /// At most `most_ms`, and never longer than the settings say.
  Reply call(const std::string& method, const std::string& path, const std::string& body = {}, const char* type = json_type,
             std::int64_t most_ms = std::numeric_limits<std::int64_t>::max());
  Reply get(const std::string& path) { return call("GET", path); }
  /// Server-side apply in our own name; a field that somebody else holds with another value is refused (409).
  Reply apply(const std::string& path, const std::string& document,
              std::int64_t most_ms = std::numeric_limits<std::int64_t>::max());

  /// "/api/v1/namespaces/NS/pods" and the like.
  std::string path_of(const char* group, const std::string& resource, const std::string& name = {}) const;

 private:
  const KubernetesSettings& settings_;
  HttpClient client_;
};

Reply reply_from(const HttpCall& call, HttpAnswer answer);

}  // namespace backstitch::workers
