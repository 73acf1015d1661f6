#include "api/data_folder.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "base/testing.h"

namespace backstitch {
namespace {

/// Whoever has a database is not asked for a safe that is away, and whoever has none is told nothing before it was.
TEST(LostDatabase, TheSafeIsAskedOnlyWhereNoDatabaseIs) {
  const testing::ScratchFolder folder;
  ASSERT_TRUE(write_file_durably(folder / "secret", "secret\n"));
  Config config;
  config.data = folder / "data", config.safe_adapter = "s3", config.safe_bucket = "none";
  config.s3_endpoint = "http://127.0.0.1:1", config.s3_access_key = "none", config.s3_secret_key = "file:" + (folder / "secret");
  EXPECT_FALSE(refuse_lost_database(config)) << "nobody can tell";
  ASSERT_TRUE(make_folders(config.data + "/pg/e0001"));
  ASSERT_TRUE(write_file_durably(config.data + "/pg/e0001/PG_VERSION", "15\n"));
  EXPECT_TRUE(refuse_lost_database(config));
}

}  // namespace
}  // namespace backstitch
