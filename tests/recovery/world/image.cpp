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
