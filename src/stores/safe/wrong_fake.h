// A safe that is wrong on purpose, to see the contract's cases fail. Tests only.
#pragma once
#include <set>
#include <vector>

#include "stores/safe/strict_fake.h"

namespace backstitch::safe {

enum class Wrong {
  swaps_without_compare,    // change_epoch sets whatever it is told
  epoch_goes_back,          // a lower number is accepted
  loses_the_saga,           // a closed epoch does not say by whom
  keeps_the_first_object,   // a second put does nothing
  finds_what_is_not_there,  // a missing object is empty
  lists_everything,         // the prefix is not looked at
  lists_in_no_order,        // names come backwards
  takes_any_name,           // "../x" is made a name
  closes_gaps,              // records after a gap are renumbered
  keeps_the_first_record,   // another content under an archived offset is passed over
  refuses_repetition,       // archiving again is an error
  one_archive_for_all,      // partitions are not apart
  reads_from_the_start,     // `from` is not looked at
  never_stops_reading,      // the reader's false is not looked at
  cuts_values_at_newline,   // bytes get lost
  takes_any_topic,          // every topic is incoming
  turns_without_numbers,    // the mirror numbers turns itself
  puts_new_over_old,        // a name that is taken is written over
};
std::vector<Wrong> all_wrongs();

class WrongFake : public StrictFake {
 public:
  explicit WrongFake(std::set<Wrong> wrongs) : wrongs_(std::move(wrongs)) {}

  Status change_epoch(const Epoch& expected, const Epoch& wanted) override;
  Status put(const std::string& name, std::string_view content) override;
  Result<bool> put_new(const std::string& name, std::string_view content) override;
  Result<std::string> get(const std::string& name) override;
  Result<std::vector<std::string>> list(const std::string& prefix) override;
  Status archive(const std::string& topic, Partition partition, const std::vector<queue::Record>& records) override;
  Result<queue::Offset> archived_end(const std::string& topic, Partition partition) override;
  Status read_archive(const std::string& topic, Partition partition, queue::Offset from,
                      const std::function<bool(const queue::Record&)>& each) override;
  Status mirror_turns(Partition partition, const std::vector<std::pair<std::uint64_t, std::string>>& turns) override;

 private:
  bool is(Wrong wrong) const { return wrongs_.contains(wrong); }
  std::pair<std::string, Partition> place(const std::string& topic, Partition partition) const;
  const std::set<Wrong> wrongs_;
};

}  // namespace backstitch::safe
