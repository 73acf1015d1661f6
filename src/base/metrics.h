// Metrics in Prometheus' text format, prefix backstitch_, base units, no ids in labels. Thread-safe; the handles are
// cheap to keep and to use.
#pragma once
#include <map>
#include <string>

namespace backstitch::metrics {

using Labels = std::map<std::string, std::string>;

class Counter {
 public:
  void add(double amount = 1);
  void* impl = nullptr;
};
class Gauge {
 public:
  void set(double value);
  void* impl = nullptr;
};
class Histogram {
 public:
  void observe(double value);
  void* impl = nullptr;
};

Counter counter(const std::string& name, const std::string& help, const Labels& labels = {});
Gauge gauge(const std::string& name, const std::string& help, const Labels& labels = {});
Histogram histogram(const std::string& name, const std::string& help, const Labels& labels = {});  // seconds, 100 µs … 10 s
std::string exposition();

}  // namespace backstitch::metrics
