// One signed request to a bucket, and what its answer means.
#pragma once
#include <cstdint>
#include <string>

#include "base/net/http_client.h"
#include "base/net/sigv4.h"
#include "stores/objects/s3/s3_settings.h"

namespace backstitch::objects {

struct S3Request {
  std::string method = "GET";
  std::string key;  // below the prefix; empty: the bucket itself
  Pairs query, headers;
  std::string body;
};

struct S3Answer {
  enum class Meaning {
    done,
    absent,     // no such key (or upload)
    refused,    // the condition does not hold, or somebody else is just writing: nothing was done
    unchanged,  // what was asked for is what the caller has
    again,      // no answer, or one that says that the server is at fault: whether it was done is unknown
    wrong,      // it will never be done like this; `words` and code() say why
  };
  Meaning meaning = Meaning::again;
  int status = 0;
  std::string code;   // "NoSuchKey"
  std::string words;  // where, status and the server's own words, when it is not done
  std::string body;
  Pairs headers;  // names in lower case

  std::string header(std::string_view name) const;
  std::string etag() const;  // without quotes
  /// config_invalid, unreachable, disk_full, or store_unfit for what this server does not know.
  Error error() const;
};

/// Thread-safe. Every request is sent once: who may repeat it decides so.
class S3Requests {
 public:
  explicit S3Requests(S3Settings settings) : settings_(std::move(settings)) {}
  const S3Settings& settings() const { return settings_; }
  /// `bytes` that come, or a guess at them: a larger answer may take longer.
  S3Answer ask(const S3Request& request, std::int64_t left_ms, std::int64_t bytes = 0);
  std::string where() const;                        // "S3 at ENDPOINT, bucket NAME"
  std::string where(const std::string& key) const;  // "s3://BUCKET/PREFIX/KEY"

 private:
  std::string full_key(const std::string& key) const;
  const S3Settings settings_;
  HttpClient client_;
};

}  // namespace backstitch::objects
