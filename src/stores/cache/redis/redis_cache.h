// The cache on a Redis 6 or newer: one server, or whichever answers at this address. docs/decisions/0018-cache.md.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "stores/cache/port.h"

namespace backstitch::cache {

struct RedisSettings {
  std::string host = "127.0.0.1";
  int port = 6379;
  std::string user, password;  // without a user: the default one; without a password: none is told
  int database = 0;
  bool tls = false;
  std::string ca_file;                     // PEM; empty: whom the system trusts
  std::string certificate_file, key_file;  // PEM; of this client, where the server asks for one
  std::string prefix = "backstitch";       // of every key: PREFIX:SPACE:generation, PREFIX:SPACE:GENERATION:KEY
  std::int64_t timeout_ms = 2'000;         // of a whole call, connecting included; looking up a host's name is not in it
};

/// redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE], or rediss:// for TLS; user and password percent-encoded.
/// Code::config_invalid, in words that do not show the password.
Result<RedisSettings> redis_settings(std::string_view url);

/// Connects with the first call, and again after a failure. Calls fail with Code::unreachable (no answer in time, connection
/// lost: whether it was done is unknown, and the same call may come again), Code::config_invalid (user, password, certificate or
/// permissions). Opening fails with Code::config_invalid for a file that cannot be used.
Result<std::unique_ptr<Cache>> open_redis_cache(const RedisSettings& settings);

}  // namespace backstitch::cache
