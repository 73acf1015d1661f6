#include "stores/queue/wrong_fake.h"

#include <algorithm>
#include <cstring>

namespace backstitch::queue {

std::vector<Wrong> all_wrongs() {
  std::vector<Wrong> wrongs;
  for (int i = 0; i <= static_cast<int>(Wrong::is_bound_anew); ++i) wrongs.push_back(static_cast<Wrong>(i));
  return wrongs;
}

Result<LogIdentity> WrongFake::identity() {
  auto identity = StrictFake::identity();
  if (is(Wrong::is_bound_anew) && !last_owner_.empty()) identity->owner = last_owner_;
  return identity;
}

Result<std::string> WrongFake::bind(const std::string& owner) {
  last_owner_ = owner;
  return is(Wrong::is_bound_anew) ? owner : StrictFake::bind(owner);
}

Result<std::vector<Appended>> WrongFake::append(std::vector<Append> batch) {
  for (Append& append : batch) {
    if (is(Wrong::makes_topics) && !StrictFake::topic(append.topic)) BS_TRY(ensure_topic(append.topic, {}));
    if (is(Wrong::gives_claims_twice) && append.mode == ClaimMode::first_only && !append.claim.empty())
      append.mode = ClaimMode::join;
    if (is(Wrong::cuts_values_at_nul)) append.value.resize(std::strlen(append.value.c_str()));
    if (!is(Wrong::tears_batches)) continue;
    if (StrictFake::topic(append.topic) && append.partition >= 0 && append.partition < 4) StrictFake::append({append}).value();
  }
  if (is(Wrong::reverses_batches)) std::reverse(batch.begin(), batch.end());
  auto answers = StrictFake::append(std::move(batch));
  if (!answers) return answers;
  for (Appended& answer : *answers) {
    if (is(Wrong::reuses_offsets) && answer.accepted()) answer.offset = 1;
  }
  return answers;
}

Result<std::vector<Record>> WrongFake::read(const std::string& topic, Partition partition, Offset from, std::size_t records_max) {
  auto info = StrictFake::topic(topic);
  if (info && partition >= 0 && partition < static_cast<Partition>(info->partitions.size())) {
    const auto& end = info->partitions[static_cast<std::size_t>(partition)];
    if (is(Wrong::resets_positions)) from = std::max(from, end.begin);
    if (is(Wrong::reads_behind_end)) from = std::min(from, end.end);
  }
  auto records = StrictFake::read(topic, partition, from, records_max);
  if (!records || !is(Wrong::time_goes_back)) return records;
  for (Record& record : *records) record.appended.us -= static_cast<std::int64_t>(record.offset) * 1'000'000;
  return records;
}

Result<std::vector<Record>> WrongFake::holders(const std::string& topic, const std::string& claim) {
  auto records = StrictFake::holders(topic, claim);
  if (!records || !is(Wrong::forgets_claims)) return records;
  const auto info = StrictFake::topic(topic);
  std::erase_if(*records, [&](const Record& record) { return record.offset < info->partitions[0].begin; });
  return records;
}

Status WrongFake::open_behind(const std::string& topic, Partition partition, Offset position) {
  if (!is(Wrong::reuses_lost_offsets)) return StrictFake::open_behind(topic, partition, position);
  return StrictFake::open_behind(topic, partition, 0);
}

void WrongFake::hold_retention(bool hold) { StrictFake::hold_retention(hold && !is(Wrong::ignores_hold)); }

std::shared_ptr<void> WrongFake::subscribe(const std::string& topic, std::function<void()> wake) {
  return StrictFake::subscribe(topic, is(Wrong::never_wakes) ? [] {} : std::move(wake));
}

}  // namespace backstitch::queue
