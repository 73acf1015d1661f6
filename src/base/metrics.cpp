#include "base/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace backstitch::metrics {
namespace {

// Never destroyed: handles are kept in statics and used by threads until the end. Registering a name again gives the same family.
prometheus::Registry& registry() {
  static auto* instance = new prometheus::Registry;
  return *instance;
}

const prometheus::Histogram::BucketBoundaries& seconds() {
  static const prometheus::Histogram::BucketBoundaries bounds = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                                                 0.05,   0.1,     0.25,   0.5,   1,      2.5,   5,    10};
  return bounds;
}

}  // namespace

void Counter::add(double amount) {
  if (impl) static_cast<prometheus::Counter*>(impl)->Increment(amount);
}
void Gauge::set(double value) {
  if (impl) static_cast<prometheus::Gauge*>(impl)->Set(value);
}
void Histogram::observe(double value) {
  if (impl) static_cast<prometheus::Histogram*>(impl)->Observe(value);
}

Counter counter(const std::string& name, const std::string& help, const Labels& labels) {
  return {&prometheus::BuildCounter().Name(name).Help(help).Register(registry()).Add(labels)};
}

Gauge gauge(const std::string& name, const std::string& help, const Labels& labels) {
  return {&prometheus::BuildGauge().Name(name).Help(help).Register(registry()).Add(labels)};
}

Histogram histogram(const std::string& name, const std::string& help, const Labels& labels) {
  return {&prometheus::BuildHistogram().Name(name).Help(help).Register(registry()).Add(labels, seconds())};
}

std::string exposition() { return prometheus::TextSerializer().Serialize(registry().Collect()); }

}  // namespace backstitch::metrics
