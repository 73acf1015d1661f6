// Why an order has the parts and the plan it has: which relationship made what, which scenario brought which item. Pure; the
// relationships are evaluated again with a trace (they do not depend on the inventory), so nothing of it need be stored.
#pragma once
#include <boost/json/fwd.hpp>

#include "model/fulfilment.h"

namespace backstitch {

/// {"lines":[{"lineId","product","action","rules":[{"rule","fired","why"}],"made":[place in downstream]}],
///  "downstream":[{"product","scope","action","quantity","known","values","rules","lines":[lineId]}],
///  "items":[{"item","instance","type","scenario","condition","for":[…],"waitsFor":["plan/item[instance]"]}],"notices":[…]}
boost::json::object explain_json(const Order& order, const Catalog& catalog, const Decomposition& decomposition,
                                 const PlanGraph& plan);

/// The same for people, one fact a line.
std::string explain_text(const Order& order, const Catalog& catalog, const Decomposition& decomposition, const PlanGraph& plan);

/// "plan/item[instance]", as scenario files and the CLI name an item.
std::string item_name(const PlanItem& item);

}  // namespace backstitch
