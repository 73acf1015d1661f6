// A log of numbered lines as a chain of objects. NAME/000000000001.seg holds the lines from 1 on; it grows, each time on the
// condition that it is as it was read, until its last line says that it is closed and where the next one begins. Nothing is ever
// removed or shortened, so a put that comes late can only be refused, or add lines that are the log's. docs/decisions/0017-s3.md.
#pragma once
#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "stores/objects/s3/s3_bucket.h"
#include "stores/safe/numbered_log.h"

namespace backstitch::safe {

struct S3LogLimits {
  std::int64_t grows_to_bytes = 256 << 10;  // an object of this size is closed: what is put each time is the whole of it
  std::int64_t put_bytes = 8 << 20;         // as many lines as begin within this go in one put
};

/// Any number of processes may write; each compares what stands there already. Of several puts of one append() the first ones
/// stay when a later one fails: the same call may come again.
class S3Log : public NumberedLog {
 public:
  /// While `writing` is set this process has written such logs itself, and trusts the ends that it knows; else it looks each
  /// time.
  S3Log(objects::S3Bucket& bucket, std::string name, S3LogLimits limits, std::atomic<bool>& writing);

  Result<std::uint64_t> end() override;
  Status append(const std::vector<Entry>& entries) override;
  Status read(std::uint64_t from, const EachLine& each) override;

 private:
  /// One object, as far as it was read or written.
  struct Segment {
    std::uint64_t first = 1, next = 1;
    bool closed = false;
    std::string lines, etag;  // no ETag: it is not there yet
  };
  std::string key(std::uint64_t first) const;
  Status refresh();  // brings tail_ up to date
  Result<std::uint64_t> end_locked();
  /// The lines from `from` on go to `each`. Nothing when it stopped there.
  Result<std::optional<Segment>> parse(std::uint64_t first, objects::S3Found found, std::uint64_t from,
                                       const EachLine& each) const;
  Status compare(const std::vector<Entry>& entries, std::size_t from, std::size_t to);
  Segment grown(const std::vector<Entry>& entries, std::size_t from) const;
  Status read_to(std::uint64_t from, std::uint64_t end, const EachLine& each);
  /// Where the object begins that may hold this number; 1 when there is none.
  Result<std::uint64_t> first_before(std::uint64_t number);

  objects::S3Bucket& bucket_;
  const std::string name_;
  const std::uint64_t seed_;
  const S3LogLimits limits_;
  std::atomic<bool>& writing_;
  std::mutex mutex_;
  bool known_ = false;  // tail_ was read
  Segment tail_;
  std::mutex firsts_mutex_;
  std::vector<std::uint64_t> firsts_;  // of objects that a list named; sorted
};

}  // namespace backstitch::safe
