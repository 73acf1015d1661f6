#include "base/metrics.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace backstitch::metrics {
namespace {

bool shows(const std::string& line) { return ("\n" + exposition()).find("\n" + line + "\n") != std::string::npos; }

TEST(Metrics, ExpositionIsPrometheusText) {
  counter("backstitch_test_total", "things", {{"kind", "a"}}).add(2);
  counter("backstitch_test_total", "things", {{"kind", "a"}}).add();  // the same one
  counter("backstitch_test_total", "things", {{"kind", "b"}}).add();
  gauge("backstitch_test_depth", "depth").set(-1.5);
  EXPECT_TRUE(shows("# HELP backstitch_test_total things"));
  EXPECT_TRUE(shows("# TYPE backstitch_test_total counter"));
  EXPECT_TRUE(shows("backstitch_test_total{kind=\"a\"} 3"));
  EXPECT_TRUE(shows("backstitch_test_total{kind=\"b\"} 1"));
  EXPECT_TRUE(shows("backstitch_test_depth -1.5"));
}

TEST(Metrics, HistogramCoversHundredMicrosecondsToTenSeconds) {
  auto seconds = histogram("backstitch_test_seconds", "how long");
  seconds.observe(0.0001);
  seconds.observe(7);
  seconds.observe(11);
  EXPECT_TRUE(shows("backstitch_test_seconds_bucket{le=\"0.0001\"} 1"));
  EXPECT_TRUE(shows("backstitch_test_seconds_bucket{le=\"10\"} 2"));
  EXPECT_TRUE(shows("backstitch_test_seconds_bucket{le=\"+Inf\"} 3"));
  EXPECT_TRUE(shows("backstitch_test_seconds_count 3"));
}

TEST(Metrics, NothingIsLostBetweenThreads) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([] {
      auto mine = counter("backstitch_test_shared_total", "shared");
      for (int i = 0; i < 10'000; ++i) mine.add();
    });
  for (auto& thread : threads) thread.join();
  EXPECT_TRUE(shows("backstitch_test_shared_total 40000"));
}

TEST(Metrics, AHandleThatWasNeverMadeCountsNothing) {
  Counter{}.add();
  Gauge{}.set(1);
  Histogram{}.observe(1);
}

}  // namespace
}  // namespace backstitch::metrics
