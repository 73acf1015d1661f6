// A test of another team runs against the wrong address: before the damage its orders come in and are called for, and the
// recovery leaves them out. What the outside has done for them is settled each in its way: told by the log and denied by the
// system, refused, wanted by an order that was meant, wanted by nobody; and a customer's order that one of them
// brought about was called for with another request than it makes without it.
#pragma once
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "demo/ended_service.h"
#include "demo/world.h"

namespace backstitch::demo {

/// One thread. Each call does nothing where the catalog makes no such orders.
class Strays {
 public:
  /// `ends`: with the end of a service, where the catalog lets that be told by a request.
  Strays(World& world, std::vector<StrayOrder> orders, bool ends) : world_(world), orders_(std::move(orders)) {
    if (ends) ended_.emplace(world, orders_.front());
  }

  bool any() const { return !orders_.empty(); }
  bool end_service() const { return ended_.has_value(); }
  /// Until the outside has done what they ask, or refused it, and a service that they have ended is there again. Code::timed_out.
  Status send();
  /// Words for `recover plan` with them left out, too. It goes back to before them: a moment that is named is later.
  Result<std::vector<std::string>> leave_out(const std::vector<std::string>& words);
  /// The system is down for the platform, so that the orders which were meant wait for their call; its people have taken one of
  /// the strays back by themselves.
  Status order_again();
  /// The system is up again, and the people of the platform have taken back what nobody wants.
  Status settle(const std::string& recovery);

 private:
  Result<bool> decided();
  Status order_back();
  Status submit(std::unique_ptr<StandIn>& client, const std::string& name, const std::string& text);
  Status say(std::vector<std::string> words);

  World& world_;
  const std::vector<StrayOrder> orders_;
  std::optional<EndedService> ended_;
  std::unique_ptr<StandIn> test_, late_;
  std::set<std::string> keys_;    // of calls that were executed for them
  std::string contradicted_key_;  // of the one that its system will deny
};

}  // namespace backstitch::demo
