// The epoch as an object of a bucket, changed on condition only.
#pragma once
#include <string>

#include "stores/objects/s3/s3_bucket.h"
#include "stores/safe/port.h"

namespace backstitch::safe {

/// Thread-safe, also between processes. The bucket was proved to look at conditions (objects/s3/s3_probe.h).
class S3Epoch {
 public:
  explicit S3Epoch(objects::S3Bucket& bucket) : bucket_(bucket) {}
  /// Makes {1, open} when there is none; Code::safe_failed when there is none but archives are: a lost epoch that began again at
  /// 1 would let every old writer back in.
  Status make_if_missing();
  Result<Epoch> read();
  /// Code::unreachable when it stayed unknown whether it was done: then it may still be.
  Status change(const Epoch& expected, const Epoch& wanted);

 private:
  Result<objects::S3Found> find();
  objects::S3Bucket& bucket_;
};

}  // namespace backstitch::safe
