// The API server of a cluster as a kubelet calls it. Nothing of the platform: what it writes there is read by another hand.
#pragma once
#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "base/net/http_client.h"

namespace backstitch::standin {

struct ControlPlaneSettings {
  std::string server;  // https://HOST:PORT
  std::string ca_file, token_file, namespace_name = "backstitch";
};

constexpr const char *json_type = "application/json", *merge_type = "application/merge-patch+json";

class ControlPlane {
 public:
  explicit ControlPlane(ControlPlaneSettings settings) : settings_(std::move(settings)) {}
  /// The answer's document, null when it has none; none unless it is a 2xx. `resource`: "pods" or "pods/NAME/binding".
  std::optional<boost::json::value> call(const std::string& method, const std::string& resource, const std::string& body = {},
                                         const char* type = json_type);

 private:
  const ControlPlaneSettings settings_;
  HttpClient client_;
};

/// A text or number at a JSON pointer; empty, 0 when there is none.
std::string text_at(const boost::json::value& document, const std::string& pointer);
std::int64_t number_at(const boost::json::value& document, const std::string& pointer);

}  // namespace backstitch::standin
