// Tests on a real server: all of them, or none where BACKSTITCH_WITHOUT names it; ctest then says "Skipped".
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "server.h"

int main(int count, char** words) {
  ::testing::InitGoogleTest(&count, words);
  if (backstitch::servers::wanted(SERVER_NAME)) return RUN_ALL_TESTS();
  fmt::print("left out: BACKSTITCH_WITHOUT names {}\n", SERVER_NAME);
  return 77;
}
