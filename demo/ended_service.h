// The test ends a service that a customer has, and he orders it back. Once the test is left out, the service was there all the
// while: the same order, decided again, would ask its system for something else than it has asked.
#pragma once
#include <boost/json/fwd.hpp>
#include <string>

#include "demo/asset_orders.h"
#include "demo/world.h"

namespace backstitch::demo {

/// One thread.
class EndedService {
 public:
  /// Orders as `like` makes them.
  EndedService(World& world, StrayOrder like) : world_(world), like_(std::move(like)) {}

  /// The test's order, about a service that a customer has by now. Code::timed_out: nobody has one.
  Result<std::string> end();
  /// Its customer's order, once the service has ended.
  Result<std::string> back();
  /// Until the service is there again, and both calls are known.
  Status await_back();

  /// Of the call that the test's order was executed by.
  const std::string& end_key() const { return end_key_; }
  /// The row says that another request was made for the customer's order.
  bool is_about(const std::string& kind, const std::string& subject) const;
  /// The system's people take it back by hand: what the test ended is there, and the customer has wanted one.
  Status take_back();

 private:
  Status await(const char* state);
  Result<std::string> executed_key(const char* id);

  World& world_;
  const StrayOrder like_;
  Asset asset_;
  std::string end_key_, back_key_;
};

}  // namespace backstitch::demo
