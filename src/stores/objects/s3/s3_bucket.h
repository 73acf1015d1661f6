// What a bucket does for us. Reading is repeated until it is answered; what changes something is sent once, and whether it was
// done may stay unknown: who put it reads it back.
#pragma once
#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "base/backoff.h"
#include "stores/objects/s3/s3_requests.h"

namespace backstitch::objects {

struct S3Found {
  std::string body, etag;
  std::uint64_t size_bytes = 0;  // of the whole, when only a part was asked for
  bool unchanged = false;        // it is still the one whose ETag was told; no body then
};

struct S3Part {
  std::uint64_t from = 0, bytes = 0;  // no bytes: the whole
};

/// Under which condition something is put. `as_read` names the ETag of what it replaces.
struct S3Condition {
  enum class Kind { none, absent, as_read } kind = Kind::none;
  std::string etag;
  static S3Condition new_name() { return {Kind::absent, {}}; }
  static S3Condition replacing(std::string etag) { return {Kind::as_read, std::move(etag)}; }
};

enum class S3Put { done, refused, unknown };

struct S3Written {
  S3Put put = S3Put::unknown;
  std::string etag;   // of what was put; empty when the server does not tell
  std::string words;  // why it is not known
};

/// Keys are below the settings' prefix. Thread-safe. Errors: Code::unreachable (no answer in time), config_invalid (it will never
/// answer: keys, clock, region, no such bucket), disk_full.
class S3Bucket {
 public:
  explicit S3Bucket(const S3Settings& settings) : requests_(settings) {}
  const S3Settings& settings() const { return requests_.settings(); }
  std::string where() const { return requests_.where(); }
  std::string where(const std::string& key) const { return requests_.where(key); }
  Backoff patience() const { return Backoff(settings().timeout_ms); }

  /// Nothing when there is none.
  Result<std::optional<S3Found>> get(const std::string& key, const S3Part& part = {}, const std::string& unless_etag = {});
  /// Sent once.
  Result<S3Written> put(const std::string& key, const std::string& body, const S3Condition& condition);
  /// Sent once; a missing one is a success. False: unknown.
  Result<bool> remove(const std::string& key);

  struct Names {
    std::vector<std::string> keys, folders;  // sorted; a folder ends with "/"
  };
  enum class Depth { all, one_level };
  /// Keys that begin with `prefix` and come behind `after`.
  Result<Names> list(const std::string& prefix, Depth depth = Depth::all, const std::string& after = {});
  Result<bool> has_versions();

  // Parts of one large content (multipart upload). What was begun and neither ended nor given up is kept, unseen, by the server.
  Result<std::string> begin_parts(const std::string& key);                                                           // its id
  Result<std::string> put_part(const std::string& key, const std::string& id, int number, const std::string& body);  // its ETag
  /// Sent once. An upload that was ended or given up before is never done again: that is refused or, by Ceph 16, an error.
  Result<S3Written> end_parts(const std::string& key, const std::string& id, const std::vector<std::string>& etags);
  Status give_up_parts(const std::string& key, const std::string& id);

  /// How the server wants an ETag in If-Match: RFC 9110 has it in quotes, Ceph 16 knows it without them alone.
  void send_bare_etags(bool bare) { bare_etags_ = bare; }

 private:
  S3Answer ask_until_answered(const S3Request& request, std::int64_t bytes = 0);
  Result<S3Answer> page(const Pairs& query);
  static Result<S3Written> written(const S3Answer& answer);

  S3Requests requests_;
  std::atomic<bool> bare_etags_{false};
};

}  // namespace backstitch::objects
