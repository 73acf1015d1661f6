// Does this bucket look at conditions? Whether an epoch can stand there, and whether of many who make a name one does, hangs on
// it.
#pragma once
#include "stores/objects/s3/s3_bucket.h"

namespace backstitch::objects {

/// Puts on condition, under a name of its own, what must be taken and what must be refused. Code::store_unfit says in words what
/// the bucket lacks. Finds out, too, how the server wants its ETags. Leaves nothing behind, but for versions and a lost
/// connection.
Status prove_conditions(S3Bucket& bucket);

}  // namespace backstitch::objects
