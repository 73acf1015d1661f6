// Whole contents under names in a bucket, each with a first line as in objects/header.h (`tail -n +2` prints the content). A put
// is one on condition, so that what comes late never stands over something newer; docs/decisions/0017-s3.md.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "stores/objects/header.h"
#include "stores/objects/s3/s3_bucket.h"

namespace backstitch::objects {

/// Thread-safe, also between processes. Names are not checked here. Errors as the bucket's, and Code::unreachable, too, where it
/// stayed unknown whether something was done: it may still be.
class S3Store {
 public:
  explicit S3Store(const S3Settings& settings) : bucket_(settings) {}
  S3Bucket& bucket() { return bucket_; }

  Result<ObjectInfo> put(const std::string& name, std::string_view content);
  /// False when the name is taken.
  Result<bool> put_new(const std::string& name, std::string_view content);
  Result<std::string> get(const std::string& name);  // Code::object_not_found, checksum_mismatch
  Status remove(const std::string& name);

  struct Kept {
    std::optional<Header> header;  // nothing when it does not begin as an object does
    std::string etag;
    bool by(const std::string& put) const { return header && header->put == put; }
  };
  Result<std::optional<Kept>> look(const std::string& name);

 private:
  Result<ObjectInfo> put_in_parts(const std::string& name, const ObjectInfo& info, const std::string& object,
                                  const std::string& mine);
  Result<std::string> send_parts(const std::string& name, const std::string& object, std::vector<std::string>& etags);
  Result<std::optional<std::string>> read(const std::string& name);
  tl::unexpected<Error> unknown(const std::string& name, const std::string& words) const;

  S3Bucket bucket_;
};

}  // namespace backstitch::objects
