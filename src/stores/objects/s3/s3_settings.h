// Where a bucket is, and who we are there.
#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "base/error.h"
#include "base/time.h"

namespace backstitch::objects {

struct S3Settings {
  std::string endpoint;  // http[s]://HOST[:PORT]; the bucket is the first part of a path there
  std::string region = "us-east-1";
  std::string bucket;
  std::string prefix;  // of every key, "PREFIX/…"; empty: none
  std::string access_key, secret_key;
  std::string ca_file;                 // PEM, for https; empty: whom the system trusts
  std::int64_t timeout_ms = 60'000;    // of a whole step, repetitions included
  std::int64_t attempt_ms = 5'000;     // of one request; it gets a millisecond more for each 4 KiB
  std::int64_t part_bytes = 16 << 20;  // what is larger goes and comes in parts of this size; S3 wants 5 MiB at least
  int list_page = 1'000;               // names in one answer; S3 gives 1000 at most
  std::function<Time()> clock = wall_clock;
};

/// Settings as they are used: without slashes that stand around. Code::config_invalid.
Result<S3Settings> checked(S3Settings settings);

}  // namespace backstitch::objects
