// A queue that is wrong on purpose, to see the contract's cases fail. Tests only.
#pragma once
#include <set>
#include <vector>

#include "stores/queue/strict_fake.h"

namespace backstitch::queue {

enum class Wrong {
  reuses_offsets,       // every record gets offset 1
  reuses_lost_offsets,  // open_behind does nothing
  gives_claims_twice,   // first_only appends always
  forgets_claims,       // holders go with their records
  resets_positions,     // an expired offset reads from the beginning
  reads_behind_end,     // behind the end reads as empty
  reverses_batches,     // the last record of a batch comes first
  time_goes_back,       // later records are older
  tears_batches,        // a refused batch leaves the records before the bad one
  makes_topics,         // an unknown topic springs into being
  ignores_hold,         // retention goes on while it is held
  never_wakes,          // subscribers sleep
  cuts_values_at_nul,   // bytes get lost
  is_bound_anew,        // whoever asks last owns the log
};
std::vector<Wrong> all_wrongs();

class WrongFake : public StrictFake {
 public:
  WrongFake(std::set<Wrong> wrongs, StrictSettings settings) : StrictFake(std::move(settings)), wrongs_(std::move(wrongs)) {}

  Result<LogIdentity> identity() override;
  Result<std::string> bind(const std::string& owner) override;
  Result<std::vector<Appended>> append(std::vector<Append> batch) override;
  Result<std::vector<Record>> read(const std::string& topic, Partition partition, Offset from, std::size_t records_max) override;
  Result<std::vector<Record>> holders(const std::string& topic, const std::string& claim) override;
  Status open_behind(const std::string& topic, Partition partition, Offset position) override;
  void hold_retention(bool hold) override;
  std::shared_ptr<void> subscribe(const std::string& topic, std::function<void()> wake) override;

 private:
  bool is(Wrong wrong) const { return wrongs_.contains(wrong); }
  const std::set<Wrong> wrongs_;
  std::string last_owner_;
};

}  // namespace backstitch::queue
