// What two databases that fold the same log must agree on.
#pragma once
#include <cstdint>
#include <map>
#include <string>

#include "stores/database/port.h"

namespace backstitch::world {

struct Place {
  std::uint64_t incoming = 1, completer = 1, decision_digest = 0;
  bool operator==(const Place&) const = default;
};
struct Image {
  std::map<std::string, std::uint64_t> accounts;  // digest over all business rows
  std::map<Partition, Place> partitions;
  std::string access;  // users, memberships and grants, a line each
};

Image image_of(database::Database& database);
/// Fails the test for every account and partition that differs, up to ten.
void expect_equal(const Image& live, const Image& replayed, const std::string& how);

}  // namespace backstitch::world
