// For tests only: what a demo could have collected, all of it in order.
#pragma once
#include "demo/checks.h"

namespace backstitch::demo::testing {

/// Two orders, told and Activated.
inline Collected collected_in_order() {
  Collected collected;
  for (const char* id : {"O-1", "O-2"}) {
    const std::string name = order_name("org1", id, 1);
    collected.outside.acknowledged[name] = std::string("digest of ") + id;
    collected.outside.told[id] = "Activated";
    collected.inside[name] = {std::string("ord_") + id, id, "Activated", std::string("digest of ") + id};
  }
  collected.called["keyed"] = collected.executed["keyed"] = {"A-1/O-1:1/p/i"};
  collected.called["blind"] = {"A-1/O-2:1/p/i"};
  return collected;
}

}  // namespace backstitch::demo::testing
