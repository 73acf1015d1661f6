#include <gtest/gtest.h>
TEST(DemoRun, Placeholder) {}
