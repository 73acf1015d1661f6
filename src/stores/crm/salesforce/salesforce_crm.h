// The CRM on Salesforce's REST API: OAuth by JWT bearer, upserts by external id in collections, queries with their pages.
// docs/decisions/0020-salesforce.md; how an org is prepared: docs/guide/crm.md.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "base/backoff.h"
#include "stores/crm/field_table.h"
#include "stores/crm/port.h"

namespace backstitch::crm {

struct SalesforceSettings {
  std::string login_url;        // such as https://login.salesforce.com, or the org's own domain
  std::string audience;         // of the signed assertion; empty: login_url
  std::string client_id, user;  // of the connected app, and whom it stands for
  std::string private_key_pem;  // RSA, without a password
  std::string api_version = "v60.0";
  std::string ca_file;  // PEM; empty: whom the system trusts
  FieldTable fields;
  /// For locked rows, spent limits, an instance that is away; at most patience_ms for a call.
  BackoffLimits backoff = {.attempts_max = 5, .first_ms = 100, .wait_ms_max = 5'000};
  std::int64_t patience_ms = 120'000;
  std::int64_t timeout_ms = 30'000;  // of one request
};

/// Logs in with the first call, and once more when the session has ended. Opening fails with Code::config_invalid: a key that
/// signs nothing, a field table that lacks what every update needs. Calls fail with Code::crm_login beside what the port says.
/// What passes by itself (UNABLE_TO_LOCK_ROW, REQUEST_LIMIT_EXCEEDED, 503) is tried again inside, as `backoff` says; then a
/// record's result is `retry`, and a request's Code::crm_failed. Thread-safe.
Result<std::unique_ptr<Crm>> open_salesforce_crm(const SalesforceSettings& settings);

}  // namespace backstitch::crm
