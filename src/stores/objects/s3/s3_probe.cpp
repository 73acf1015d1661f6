#include "stores/objects/s3/s3_probe.h"

#include "base/hash.h"

namespace backstitch::objects {
namespace {

struct Proof {
  S3Bucket& bucket;
  const std::string key = ".probe/" + random_hex(8);
  bool known = true;  // all was answered so far

  /// Whether it was put.
  Result<bool> put(const char* content, const S3Condition& condition) {
    const auto written = bucket.put(key, content, condition);
    if (!written) return fail(written.error());
    known = known && written->put != S3Put::unknown;
    return written->put == S3Put::done;
  }

  tl::unexpected<Error> unfit(const std::string& what) const {
    return fail(Code::store_unfit, "{}: {}. Of two who change an epoch there, both would win", bucket.where(), what);
  }

  Result<bool> run() {
    const auto first = put("first", S3Condition::new_name());
    if (!first) return fail(first.error());
    if (known && !*first) return unfit("a PUT of a new name with \"If-None-Match: *\" is refused");
    const auto second = put("second", S3Condition::new_name());
    if (!second) return fail(second.error());
    if (known && *second) return second_was_taken();
    const auto found = bucket.get(key);
    if (!found) return fail(found.error());
    if (!known || !*found) return false;
    return replace((*found)->etag);
  }

  tl::unexpected<Error> second_was_taken() {
    const auto versions = bucket.has_versions();
    const bool cause = versions && *versions;
    return unfit(std::string("a second PUT with \"If-None-Match: *\" was taken") +
                 (cause ? "; the bucket keeps versions, and then this server does not look at conditions" : ""));
  }

  Result<bool> replace(const std::string& etag) {
    bucket.send_bare_etags(false);
    auto replaced = put("third", S3Condition::replacing(etag));
    if (known && replaced && !*replaced) {
      bucket.send_bare_etags(true);
      replaced = put("third", S3Condition::replacing(etag));
    }
    if (!replaced) return fail(replaced.error());
    if (known && !*replaced) return unfit("a PUT with \"If-Match\" and the right ETag is refused");
    const auto stale = put("fourth", S3Condition::replacing(etag));
    if (!stale) return fail(stale.error());
    if (known && *stale) return unfit("a PUT with \"If-Match\" and the ETag of something older was taken");
    return known;
  }
};

}  // namespace

Status prove_conditions(S3Bucket& bucket) {
  for (Backoff patience = bucket.patience();;) {
    Proof proof{bucket};
    const auto proved = proof.run();
    static_cast<void>(bucket.remove(proof.key));
    if (!proved) return fail(proved.error());
    if (*proved) return {};
    if (!patience.wait())
      return fail(Code::unreachable, "{}: whether it looks at conditions is unknown: puts are not answered", bucket.where());
  }
}

}  // namespace backstitch::objects
