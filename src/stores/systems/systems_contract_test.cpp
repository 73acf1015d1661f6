// The contract on HTTP (against a server on a socket), on the strict fake, and on fakes with one flaw each.
#include "contract/systems_contract.h"

#include <gtest/gtest.h>

#include "contract/flaws.h"
#include "stores/systems/http/far_testing.h"
#include "stores/systems/wrong_fake.h"

namespace backstitch::systems {
namespace {

class HttpHouse : public contract::House {
 public:
  Systems& systems() override { return *systems_; }
  Far& far() override { return *far_; }
  std::string base() override { return server_.base(); }
  void release() override { server_.release(); }
  void let_pass(std::int64_t) override {}

 private:
  std::shared_ptr<Far> far_ = std::make_shared<Far>();
  FarServer server_{far_};
  std::unique_ptr<Systems> systems_ = open_http_systems();
};

class FakeHouse : public contract::House {
 public:
  FakeHouse() : systems_(std::make_unique<StrictFake>(far_)) {}
  explicit FakeHouse(const std::set<Wrong>& wrongs) : systems_(std::make_unique<WrongFake>(wrongs, far_)) {}
  Systems& systems() override { return *systems_; }
  Far& far() override { return *far_; }
  std::string base() override { return "http://127.0.0.1:1/keyed"; }
  void release() override { systems_->release(); }
  void let_pass(std::int64_t ms) override { systems_->let_pass(ms); }

 private:
  std::shared_ptr<Far> far_ = std::make_shared<Far>();
  std::unique_ptr<StrictFake> systems_;
};

class SystemsContract : public ::testing::TestWithParam<contract::SystemsCase> {};

TEST_P(SystemsContract, HoldsOverHttp) {
  HttpHouse house;
  EXPECT_EQ(GetParam().run(house), "");
}

TEST_P(SystemsContract, HoldsOnTheStrictFake) {
  FakeHouse house;
  EXPECT_EQ(GetParam().run(house), "");
}

INSTANTIATE_TEST_SUITE_P(Cases, SystemsContract, ::testing::ValuesIn(contract::cases()),
                         [](const auto& with) { return with.param.name; });

TEST(WrongSystems, AreSeenByTheContract) {
  contract::expect_flaws_are_seen(contract::cases(), all_wrongs(),
                                  [](const std::set<Wrong>& wrongs) { return FakeHouse(wrongs); });
}

}  // namespace
}  // namespace backstitch::systems
