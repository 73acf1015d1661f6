// Objects in a bucket of S3, or of whoever speaks like it. docs/decisions/0017-s3.md.
#pragma once
#include <memory>

#include "stores/objects/port.h"
#include "stores/objects/s3/s3_settings.h"

namespace backstitch::objects {

/// Proves that the bucket looks at conditions: Code::store_unfit says in words what it lacks. Code::config_invalid (keys, clock,
/// region, no such bucket: it is not made here), unreachable. The calls fail with unreachable, config_invalid and disk_full.
Result<std::unique_ptr<Objects>> open_s3_objects(const S3Settings& settings);

}  // namespace backstitch::objects
