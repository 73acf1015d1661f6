#include "world/image.h"

#include <gtest/gtest.h>

#include "base/hash.h"

namespace backstitch::world {

Image image_of(database::Database& database) {
  Image image;
  EXPECT_TRUE(
      database.account_digests([&](const std::string& account, std::uint64_t digest) { image.accounts[account] = digest; }));
  const auto positions = database.positions();
  EXPECT_TRUE(positions);
  if (positions)
    for (const database::Position& position : *positions)
      image.partitions[position.partition] = {position.incoming, position.completer, position.decision_digest};
  const auto access = database.access("");
  EXPECT_TRUE(access);
  if (!access) return image;
  auto line = [&](Time at, const std::string& by, const std::string& what) { image.access += what + by + rfc3339(at) + "\n"; };
  for (const UserRow& row : access->users) line(row.changed_at, row.changed_by, "user " + row.name + " " + row.password + " ");
  for (const MembershipRow& row : access->memberships)
    line(row.changed_at, row.changed_by, "membership " + row.user + " " + row.profile + " ");
  for (const GrantRow& row : access->grants)
    line(row.changed_at, row.changed_by, fmt::format("grant {} {} {} {} ", row.profile, row.resource, row.action, row.field));
  return image;
}

void expect_equal(const Image& live, const Image& replayed, const std::string& how) {
  int shown = 0;
  for (const auto& [account, digest] : live.accounts) {
    const auto found = replayed.accounts.find(account);
    const bool same = found != replayed.accounts.end() && found->second == digest;
    if (!same && shown++ < 10) ADD_FAILURE() << how << ": account digest differs: " << account;
  }
  EXPECT_EQ(live.accounts.size(), replayed.accounts.size()) << how;
  EXPECT_EQ(live.access, replayed.access) << how;
  for (const auto& [partition, place] : live.partitions) {
    const auto found = replayed.partitions.find(partition);
    if (found == replayed.partitions.end() || !(found->second == place)) {
      ADD_FAILURE() << how << ": partition " << partition << " differs: live incoming " << place.incoming << " completer "
                    << place.completer << " decision digest " << digest64_text(place.decision_digest) << ", replayed incoming "
                    << found->second.incoming << " completer " << found->second.completer << " decision digest "
                    << digest64_text(found->second.decision_digest);
    }
  }
}

}  // namespace backstitch::world
