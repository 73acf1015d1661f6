// AWS Signature Version 4 in the Authorization header: the hash of the body is signed, too, and a path is encoded once and not
// tidied up, as S3 wants it (others sign "/" alone).
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"

namespace backstitch {

struct Signer {
  std::string access_key, secret_key, region, service = "s3";
};

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct Signable {
  std::string method;
  std::string path;         // encoded, as it is sent
  Pairs query;              // not encoded
  Pairs headers;            // all that are signed, `host` among them; names in lower case
  std::string body_sha256;  // 64 hex digits
};

std::string amz_date(Time now);  // 20130524T000000Z
/// Sorted and encoded, each name with a "=": this is what is signed, so this must be sent.
std::string signed_query(Pairs query);
/// The value of the Authorization header. `headers` hold x-amz-date of `now` already.
std::string authorization(const Signer& signer, Signable request, Time now);

}  // namespace backstitch
