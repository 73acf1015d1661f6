// Orders about a service that a customer has: what a test sends to end it, and what he sends to have it back.
#pragma once
#include <boost/json.hpp>
#include <string>

#include "demo/stray_orders.h"

namespace backstitch::demo {

/// As the platform lists it.
struct Asset {
  std::string reference, account, product;
  boost::json::object attributes;
};

constexpr const char *end_id = "S-END", *back_id = "S-BACK";  // source order ids

/// From the test: one line that disconnects the asset. As `like` otherwise, so that the same system is called, and of the day
/// before.
std::string order_to_end(const StrayOrder& like, const Asset& asset);
/// From its customer, by the reference that he knows: one line that adds it.
std::string order_back(const StrayOrder& like, const Asset& asset);

/// True when both are called for at the system of `like`, and adding asks it for something else where the service is there.
Result<bool> asks_otherwise_when_there(const Catalog& catalog, const StrayOrder& like);

}  // namespace backstitch::demo
