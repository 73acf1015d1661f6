// The safe in a bucket of S3, or of whoever speaks like it. Its names are those of a safe made of files, below the settings'
// prefix:
//
//   epoch                              the fence, JSON
//   incoming/p07/000000000001.seg      archives and the turn mirror: lines with checksums (files/line.h), chained (s3_log.h)
//   completer/p07/…   turns/p07/…
//   catalogs/ evidence/ recoveries/    whole objects
//
// Backups and WAL are put there by database/off_site/. docs/decisions/0017-s3.md.
#pragma once
#include <memory>

#include "stores/objects/s3/s3_settings.h"
#include "stores/safe/port.h"
#include "stores/safe/s3/s3_log.h"

namespace backstitch::safe {

/// Proves that the bucket can hold an epoch: Code::store_unfit says in words why it cannot. Makes {1, open} when there is none;
/// Code::safe_failed when it is missing in a used safe. Code::config_invalid (keys, clock, region, no such bucket: it is not made
/// here), unreachable. The calls fail with unreachable (where something was to be changed, it may have been: the same call may
/// come again), config_invalid and disk_full. Any number of processes may use it at once, writing too.
Result<std::unique_ptr<Safe>> open_s3_safe(const objects::S3Settings& settings, const S3LogLimits& limits = {});

}  // namespace backstitch::safe
