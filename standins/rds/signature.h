// Whether a request is signed as AWS Signature Version 4 wants it: by whom, when, and over what arrived.
#pragma once
#include <optional>
#include <string>

#include "base/net/http_server.h"
#include "base/time.h"
#include "standins/rds/model.h"

namespace backstitch::standin {

struct RdsKeys {
  std::string access_key, secret_key, region, service = "rds";
};

/// Nothing when it is; else what the caller is told.
std::optional<RdsFault> wrong_signature(const HttpRequest& request, const RdsKeys& keys, Time now);

}  // namespace backstitch::standin
