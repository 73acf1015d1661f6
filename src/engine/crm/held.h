// What was taken over from the CRM of an order, one of its lines, or an asset that the order changed last: the CRM's own fields,
// and which of ours it is told each time because somebody changed them there. It lies over the fields that the order was
// submitted with, beside which it is kept, and stands in rows of line_values.
#pragma once
#include <boost/json/fwd.hpp>
#include <set>
#include <string>

#include "base/error.h"
#include "base/time.h"
#include "engine/decision.h"
#include "model/order.h"

namespace backstitch {

/// Whose it is: the order's own with neither.
struct CrmOwner {
  std::string line_id, asset_ref;
};

struct CrmHeld {
  Time modified_at;           // of the record there, when it was read; not set: it never was
  Attributes fields;          // theirs
  std::set<std::string> say;  // ours: "quantity", "account", "requestedAt", "fields.NAME"
};

CrmHeld held_of(const Order& order, const CrmOwner& owner);
/// Decisions see it from now on. The owner is there.
void hold(Order& order, const CrmOwner& owner, const CrmHeld& held);

/// {"crm":{"line","asset","modifiedAt","fields":{…},"say":[…]}}
LineValuesRow held_row(OrderId id, const Order& order, const CrmOwner& owner);
/// False for a row of something else. Code::row_broken.
Result<bool> take_held_row(Order& order, const LineValuesRow& row);

/// What we hold under such a name; null when there is no such thing.
Value held_value(const Order& order, const std::string& line_id, std::string_view ours);
/// ,"quantity":2 …: members of an update, for what the CRM is told each time.
std::string said_members(const Order& order, const std::string& line_id);

}  // namespace backstitch
