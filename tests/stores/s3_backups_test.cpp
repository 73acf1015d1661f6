// Nothing of the database and of its backups is left on a host, and what lies in the bucket is enough.
#include "lost_disk.h"

namespace backstitch::e2e {
namespace {

TEST_F(LostDisk, IsMadeUpForByTheBucket) {
  ASSERT_NO_FATAL_FAILURE(live());
  ASSERT_NO_FATAL_FAILURE(lose_database());
  does_not_begin_anew();
  ASSERT_NO_FATAL_FAILURE(comes_back(world.data() + "/backstitch.yaml"));
}

}  // namespace
}  // namespace backstitch::e2e
