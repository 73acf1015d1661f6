// Whoever is still there of a life that has ended, in every role: a broker with a call that nobody marked, a worker with an
// answer that nobody has heard, a shard with its positions and what it may not have published, a CRM that was away. Each does
// what it had in hand; nothing may come of it.
#pragma once
#include <boost/json.hpp>
#include <string>
#include <vector>

#include "seeded_world.h"
#include "stores/database/port.h"
#include "stores/queue/port.h"

namespace backstitch::e2e {

class Ghosts {
 public:
  explicit Ghosts(SeededWorld& world) : world_(world) {}

  // --- of the life that is about to end; what is remembered of an earlier one is forgotten -------------------------------------
  /// A LETTER that its system works on; its worker goes to sleep, with all the others, before it hears the answer.
  void order_unanswered(const std::string& id);
  /// LETTERs that are handed out while every worker sleeps.
  void order_unmarked(const std::string& prefix);
  void remember_shards();
  /// Orders that nobody placed bring assets that the CRM is not told of, because it is away: signal it to go on. Returns a file
  /// with what leaves them out.
  std::string poison();
  int unmarked() const { return static_cast<int>(calls_.size()); }

  // --- while a recovery holds the epoch ----------------------------------------------------------------------------------------
  void mark_behind_the_seal();
  void answer_behind_the_seal();
  /// A publisher that does not know whether its last records got through appends them again; a timer of then is due.
  void publish_behind_the_seal();
  /// An owner of before wakes up and finds the copy: his turn passes over inputs that he never decided.
  void write_into_the_copy(const std::string& recovery);
  void expect_nobody_else_begins(const std::string& other_recovery);

 private:
  std::vector<boost::json::value> running_items(const std::string& order);
  std::uint64_t epoch() const { return shards_.front().epoch; }
  void append(std::vector<queue::Append> batch);

  SeededWorld& world_;
  std::vector<database::Position> shards_;
  std::vector<boost::json::value> calls_, unanswered_;
};

}  // namespace backstitch::e2e
