// A real Kubernetes for the tests of this folder, and what they ask of it again and again.
#pragma once
#include "kube_house.h"

namespace backstitch::workers {

using servers::KubeHouse;
using servers::KubeLanes;
using testing::wait_until;
inline constexpr int patient_ms = 30'000;
inline constexpr const char* lane_name = "backstitch-one-default";
inline const std::vector<Lane> two = {{"default", 2, 4}};

class KubeTest : public ::testing::TestWithParam<contract::LanesCase> {
 protected:
  static void SetUpTestSuite() { house = std::make_unique<KubeHouse>(); }
  static void TearDownTestSuite() { house.reset(); }
  void SetUp() override { house->clear(); }

  static std::string slots(Workers& workers) { return servers::slots_of(workers); }
  /// Tells the wish until `holds`.
  template <class Holds>
  static bool comes(Workers& workers, const std::vector<Lane>& wish, Holds holds) {
    return wait_until(
        [&] {
          static_cast<void>(workers.keep(wish));
          return holds();
        },
        patient_ms);
  }
  static bool comes_to(Workers& workers, const std::vector<Lane>& wish, const std::string& wanted) {
    return comes(workers, wish, [&] { return slots(workers) == wanted; });
  }
  /// The first error that a wish meets.
  static std::string refusal_of(Workers& workers, const std::vector<Lane>& wish) {
    std::string said;
    wait_until([&] {
      const auto kept = workers.keep(wish);
      if (!kept) said = kept.error().text();
      return !said.empty();
    });
    return said;
  }
  static std::string contains(const std::string& text, const std::vector<std::string>& words) {
    for (const std::string& word : words)
      if (text.find(word) == std::string::npos) return "\"" + word + "\" is not in: " + text;
    return {};
  }
  static std::int64_t generation() { return number_at(house->get(house->deployment_path(lane_name)), "/metadata/generation"); }

  static inline std::unique_ptr<KubeHouse> house;
};

}  // namespace backstitch::workers
