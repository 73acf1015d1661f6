// What an operator says of systems that were restored too: understood, or refused with the words that help.
#include "recovery/planner/rewound.h"

#include <gtest/gtest.h>

#include "recovery/reconcile/reconcile_testing.h"

namespace backstitch::recovery {
namespace {

const Time now = t0.plus_ms(hour_ms);

class SystemsRewound : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(CatalogLibrary(safe).store(settling_catalog())); }
  /// Of words as the command line has them; empty when they are good.
  std::string fault(const std::vector<std::string>& words) {
    std::vector<SaidRewound> said;
    for (const std::string& one : words) {
      auto understood = said_rewound(one);
      if (!understood) return understood.error().text();
      said.push_back(std::move(*understood));
    }
    auto rewound = rewound_systems(said, safe, now);
    if (!rewound) return rewound.error().text();
    moments = std::move(*rewound);
    return {};
  }
  safe::StrictFake safe{1};
  std::map<std::string, Time> moments;
};

TEST_F(SystemsRewound, AreNamedWithAMomentOrHowLongAgo) {
  EXPECT_EQ(fault({"keyed=" + rfc3339(t0), "lookup=20m"}), "");
  EXPECT_EQ(moments, (std::map<std::string, Time>{{"keyed", t0}, {"lookup", now.plus_ms(-20 * 60'000)}}));
}

TEST_F(SystemsRewound, AreRefusedInWordsThatNameWhatIsWrong) {
  const auto expect_fault = [&](const std::vector<std::string>& words, Code code, const std::string& part) {
    const std::string text = fault(words);
    EXPECT_TRUE(text.starts_with(code_text(code))) << text;
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  expect_fault({"keyd=20m"}, Code::system_not_found, "the catalogs know blind, keyed, later, letter, lookup");
  expect_fault({"keyed=yesterday"}, Code::usage, "\"yesterday\", which is no time and no duration");
  expect_fault({"keyed=1:0/5A0"}, Code::usage, "no time");
  expect_fault({"keyed=" + rfc3339(now.plus_ms(1))}, Code::usage, "nothing was answered after that");
  expect_fault({"keyed=20m", "keyed=10m"}, Code::usage, "twice");
  for (const char* words : {"keyed", "=20m", "keyed="}) expect_fault({words}, Code::usage, "NAME=TIME");
}

TEST_F(SystemsRewound, OfACatalogThatNobodyHas) {
  safe::StrictFake empty{1};
  const auto rewound = rewound_systems({{"keyed", "20m"}}, empty, now);
  ASSERT_FALSE(rewound);
  EXPECT_EQ(rewound.error().code, Code::system_not_found);
}

}  // namespace
}  // namespace backstitch::recovery
