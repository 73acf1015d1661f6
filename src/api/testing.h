// A configuration as a person writes it, and what is refused of it.
#pragma once
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "api/config.h"
#include "base/testing.h"

namespace backstitch {

class ConfigFixture : public ::testing::Test {
 protected:
  Result<Config> load(const std::string& yaml) {
    EXPECT_TRUE(write_file_durably(file, yaml));
    return load_config(file);
  }
  /// The faults of a configuration that must be refused.
  std::vector<Fault> faults_of(const std::string& yaml) {
    const auto config = load(yaml);
    EXPECT_FALSE(config.has_value()) << yaml;
    if (config) return {};
    EXPECT_EQ(config.error().code, Code::config_invalid) << config.error().text();
    return config.error().faults;
  }
  /// The keys that are refused, apart by a space; "" when none is.
  std::string refused_in(const std::string& yaml) {
    const auto config = load(yaml);
    std::string out;
    for (const Fault& fault : config ? std::vector<Fault>() : config.error().faults)
      out += (out.empty() ? "" : " ") + fault.pointer;
    return out;
  }
  testing::ScratchFolder scratch;
  std::string file = scratch / "backstitch.yaml";
};

}  // namespace backstitch
