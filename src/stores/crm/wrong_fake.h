// A CRM that is wrong on purpose, to see the contract's cases fail. Tests only.
#pragma once
#include <algorithm>
#include <set>
#include <vector>

#include "stores/crm/earlier.h"
#include "stores/crm/strict_fake.h"

namespace backstitch::crm {

enum class Wrong {
  believes_every_200,       // what failed inside is taken for done
  retries_refusals,         // a refused record comes again for ever
  refuses_locked,           // a lock that goes by itself is final
  refuses_limits,           // so is a limit
  one_bad_spoils_all,       // a refused record fails the whole call
  reverses_results,         // the last result comes first
  sends_all_in_one,         // more than 200 records in a call
  asks_for_nothing,         // an empty delivery is a call all the same
  takes_silence_for_yes,    // no answer is taken for done
  takes_broken_for_yes,     // so is a 500
  mends_short_answers,      // a missing result is taken for done
  gives_no_reason,          // a refusal says nothing
  drops_versions,           // each update looks newest
  drops_bodies,             // fields get lost
  lists_a_page_alone,       // of what changed only the first 200
  lists_behind_the_edge,    // what changed at the very moment is left out
  lists_everything,         // what changed before, too
  lists_no_assets,          // a type is forgotten
  lists_no_submissions,     // so is what was only submitted
  lists_no_content,         // and what the last update said
  lists_the_last_first,     // the other way round
  takes_failed_for_none,    // a list that failed is an empty one
  lists_nothing_of_theirs,  // what the CRM's own fields hold is left out
  lists_no_differences,     // and that ours do not hold what we sent
};
inline std::vector<Wrong> all_wrongs() {
  std::vector<Wrong> wrongs;
  for (int i = 0; i <= static_cast<int>(Wrong::lists_no_differences); ++i) wrongs.push_back(static_cast<Wrong>(i));
  return wrongs;
}

class WrongFake : public Crm, public ChangeReader {
 public:
  WrongFake(std::set<Wrong> wrongs, std::shared_ptr<Org> org) : wrongs_(std::move(wrongs)), org_(std::move(org)), right_(org_) {}

  Result<std::vector<DeliveryResult>> deliver(const std::vector<Update>& updates) override {
    if (updates.empty() && is(Wrong::asks_for_nothing)) org_->take({});
    if (updates.size() > 200 && is(Wrong::sends_all_in_one))
      return std::vector<DeliveryResult>(org_->take(updates).size(), {Delivered::ok, {}});
    auto results = right_.deliver(spoiled(updates));
    if (!results) return spoiled(std::move(results), updates.size());
    for (DeliveryResult& result : *results) spoil(result);
    for (const DeliveryResult& result : *results)
      if (is(Wrong::one_bad_spoils_all) && result.state == Delivered::refused) return fail(Code::crm_failed, "one is bad");
    if (is(Wrong::reverses_results)) std::reverse(results->begin(), results->end());
    return results;
  }

  Result<std::vector<Record>> changed_since(Time since) override { return records_of(read_changes(since)); }

  Result<Changes> read_changes(Time since) override {
    if (is(Wrong::lists_everything)) since = Time{1};
    auto changes = right_.read_changes(since);
    if (!changes && is(Wrong::takes_failed_for_none)) return Changes();
    if (!changes) return changes;
    std::vector<ChangedRecord>* records = &changes->records;
    std::erase_if(*records, [&](const ChangedRecord& one) {
      const Record& record = one.record;
      return (is(Wrong::lists_behind_the_edge) && record.modified_at.ms() == since.ms()) ||
             (is(Wrong::lists_no_assets) && record.type == "Asset") || (is(Wrong::lists_no_submissions) && record.epoch == 0);
    });
    if (is(Wrong::lists_a_page_alone) && records->size() > 200) records->resize(200);
    if (is(Wrong::lists_the_last_first)) std::reverse(records->begin(), records->end());
    for (ChangedRecord& record : *records) spoil(record);
    return changes;
  }

 private:
  bool is(Wrong wrong) const { return wrongs_.contains(wrong); }

  std::vector<Update> spoiled(std::vector<Update> updates) {
    for (Update& update : updates) {
      if (is(Wrong::drops_versions)) update.version = ++calls_;
      if (is(Wrong::drops_bodies)) update.body = "{}";
    }
    return updates;
  }
  Result<std::vector<DeliveryResult>> spoiled(Result<std::vector<DeliveryResult>> failed, std::size_t count) const {
    const Mood mood = org_->mood();
    const bool yes = ((mood == Mood::silent || mood == Mood::gone) && is(Wrong::takes_silence_for_yes)) ||
                     (mood == Mood::broken && is(Wrong::takes_broken_for_yes)) ||
                     (mood == Mood::short_list && is(Wrong::mends_short_answers));
    if (yes) return std::vector<DeliveryResult>(count, {Delivered::ok, {}});
    return failed;
  }
  void spoil(ChangedRecord& record) const {
    if (is(Wrong::lists_no_content)) record.record.body = "{}", record.record.version = 0;
    if (is(Wrong::lists_nothing_of_theirs)) record.theirs = "{}";
    if (is(Wrong::lists_no_differences)) record.differences.clear();
  }
  void spoil(DeliveryResult& result) const {
    const bool limited = result.detail.find("LIMIT") != std::string::npos;
    if (is(Wrong::believes_every_200)) result.state = Delivered::ok;
    if (is(Wrong::retries_refusals) && result.state == Delivered::refused) result.state = Delivered::retry;
    if (is(Wrong::refuses_locked) && result.state == Delivered::retry && !limited) result.state = Delivered::refused;
    if (is(Wrong::refuses_limits) && result.state == Delivered::retry && limited) result.state = Delivered::refused;
    if (is(Wrong::gives_no_reason)) result.detail.clear();
  }

  const std::set<Wrong> wrongs_;
  std::shared_ptr<Org> org_;
  StrictFake right_;
  std::uint64_t calls_ = 0;
};

}  // namespace backstitch::crm
